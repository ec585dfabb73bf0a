import { readFile } from "node:fs/promises";
import { afterEach, expect, test, vi } from "vitest";
import { loadBundle, manifestOf } from "../../src/edge/bundle";

const SHIPPED = new URL("../../../src/ecglite/models/rhythm/", import.meta.url);
const manifest = JSON.parse(await readFile(new URL("manifest.json", SHIPPED), "utf8"));

afterEach(() => vi.unstubAllGlobals());

/** Serves the shipped bundle, but for the files given here. */
function serve(instead: { readonly [file: string]: BodyInit | null } = {}): void {
  vi.stubGlobal("fetch", async (address: string) => {
    const file = address.replace("app/", "");
    const body = file in instead ? instead[file] : await readFile(new URL(file, SHIPPED));
    return body === null ? new Response(null, { status: 404 }) : new Response(body);
  });
}

test("the bundle that ships is read and verified", async () => {
  serve();
  const bundle = await loadBundle("app/");
  expect(bundle.manifest).toMatchObject({
    name: "rhythm",
    labels: manifest.labels,
    abstainBelow: manifest.abstain_below,
  });
  expect(bundle.model).toHaveLength(manifest.size_bytes);
});

test("a model that is not the manifest's is refused", async () => {
  serve({ "model.tflite": "another" });
  await expect(loadBundle("app/")).rejects.toMatchObject({ kind: "BundleError", message: /^model.tflite has sha256 / });
});

test("a file that does not come is named", async () => {
  serve({ "model.tflite": null });
  await expect(loadBundle("app/")).rejects.toThrow("model.tflite cannot be read: status 404");
  serve({ "manifest.json": "<html>" });
  await expect(loadBundle("app/")).rejects.toThrow("manifest.json is not JSON");
});

test.each([
  ["labels", ["SB", "XX"]],
  ["labels", ["SB", "SB"]],
  ["labels", []],
  ["leads", ["I"]],
  ["sampling_rate_hz", 250],
  ["units", "uV"],
  ["format", 2],
  ["task", "ptb-xl-rhythm"],
  ["abstain_below", 1],
  ["model_file", "../model.tflite"],
  ["name", 7],
])("a manifest whose %s is %j is refused", (field, value) => {
  expect(() => manifestOf({ ...manifest, [field]: value })).toThrow(
    `manifest field ${field} = ${JSON.stringify(value)}`,
  );
});

test("what is no object is no manifest", () => {
  expect(() => manifestOf(null)).toThrow("manifest.json is not a manifest of ecglite");
});
