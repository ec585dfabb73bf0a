/** With the server gone: everything works, and a new version is taken whole once it is back. */
import { createHash } from "node:crypto";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { example, expect, exported, filesOf, heading, pick, readyOffline, shown, test, vector } from "./app";
import { DIST, serve } from "./server";

const CONTRACT = new URL("../../../docs/json.md", import.meta.url);

/** The fields of an object of `ecglite classify --json`, as its documentation lists them. */
function documented(): string[] {
  const [, section = ""] = /## ecglite classify --json(.*?)\n## /s.exec(readFileSync(CONTRACT, "utf8")) ?? [];
  return [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, field = ""]) => field);
}

test("opens, classifies and exports without its server", async ({ page, ownServer }) => {
  await page.goto(ownServer.address);
  await readyOffline(page);
  await ownServer.stop();
  await expect(fetch(ownServer.address)).rejects.toThrow();

  await page.reload();
  await example(page, "Atrial flutter");
  await shown(page, "Atrial flutter");
  await page.goBack();
  await pick(page, ...filesOf(vector("chapman-ST")));
  await shown(page, "Sinus tachycardia");

  const pdf = await exported(page, "PDF");
  expect(pdf.name).toBe("ST.pdf");
  expect(pdf.bytes.toString("latin1", 0, 5)).toBe("%PDF-");
  expect(pdf.bytes.length).toBeGreaterThan(10_000);
  const png = await exported(page, "PNG");
  expect(png.name).toBe("ST.png");
  expect([png.bytes.readUInt32BE(16), png.bytes.readUInt32BE(20)]).toEqual([3508, 2480]);
  const json = await exported(page, "JSON");
  expect(json.name).toBe("ST.json");
  expect(documented()).toContain("rhythm");
  expect(Object.keys(JSON.parse(json.bytes.toString())).sort()).toEqual(documented().sort());

  await page.getByRole("link", { name: "About" }).tap();
  await expect(page.getByText("The model card, with every figure")).toBeVisible();
});

test("a new version is told of, and takes the old one's place when the person says so", async ({
  page,
  ownServer,
  folder,
}) => {
  const caches = () => page.evaluate(async () => (await window.caches.keys()).filter((name) => /page/.test(name)));
  await page.goto(ownServer.address);
  await readyOffline(page);
  const before = await caches();
  await ownServer.stop();

  cpSync(DIST, folder, { recursive: true });
  const [index, worker] = ["index.html", "service_worker.js"].map((name) => join(folder, name)) as [string, string];
  const hash = (text: string) => `sha256-${createHash("sha256").update(text).digest("base64")}`;
  const html = readFileSync(index, "utf8");
  const changed = html.replace("</head>", '<meta name="version" content="next"></head>');
  const script = readFileSync(worker, "utf8");
  const version = before[0]?.replace("ecglite-page-", "") ?? "";
  writeFileSync(index, changed);
  writeFileSync(worker, script.replaceAll(hash(html), hash(changed)).replace(version, "0123456789abcdef"));
  const renewed = await serve(folder, ownServer.port);
  try {
    await page.reload();
    await expect(page.getByText("A new version is ready.")).toBeVisible();
    await expect(page.locator("meta[name=version]")).not.toBeAttached();
    await page.getByRole("button", { name: "Reload" }).tap();
    await expect(page.locator("meta[name=version]")).toBeAttached();
    await expect(heading(page)).toBeVisible();
    expect(await caches()).toEqual(["ecglite-page-0123456789abcdef"]);
  } finally {
    await renewed.stop();
  }
  await page.reload();
  await example(page, "Sinus rhythm");
  await shown(page, "Sinus rhythm");
});
