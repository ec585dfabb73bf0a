import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { upTo } from "../../src/app/incoming";

/** An answer of so many parts of a hundred bytes, and how many of them were asked for. */
function answer(parts: number) {
  const asked = { parts: 0, cancelled: false };
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      pull(controller) {
        if (asked.parts === parts) return controller.close();
        asked.parts++;
        controller.enqueue(new Uint8Array(100));
      },
      cancel() {
        asked.cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { asked, response: new Response(body) };
}

test.each([0, 1, 3])("an answer of %d hundred bytes is read whole where 300 may be", async (parts) => {
  const { response } = answer(parts);
  expect(await new Blob(await upTo(300, response)).arrayBuffer()).toHaveProperty("byteLength", 100 * parts);
});

test("one of a size that nobody knows is not read beyond the limit", async () => {
  const { asked, response } = answer(1_000_000);
  expect(await upTo(250, response)).toBeUndefined();
  expect(asked).toEqual({ parts: 3, cancelled: true });
});

test("the page takes from other apps what the Android app takes", () => {
  const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");
  const { share_target: target } = JSON.parse(read("../../public/manifest.webmanifest"));
  const android = read("../../../android/app/src/main/AndroidManifest.xml");
  const [, shared = ""] = /android\.intent\.action\.SEND"([\s\S]*?)<\/intent-filter>/.exec(android) ?? [];
  const types = [...shared.matchAll(/android:mimeType="([^"]+)"/g)].map(([, type]) => type);
  expect(types.length).toBeGreaterThan(3);
  expect(target.params.files[0].accept).toEqual(expect.arrayContaining(types));
});
