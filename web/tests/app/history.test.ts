import { expect, test } from "vitest";
import { type Entry, History, MAX_RECORD_BYTES } from "../../src/history";
import { record } from "../signal/recordings";

test("a recording over the limit is refused before anything is touched", async () => {
  const long = { ...record([]), signalMv: [new Float32Array(MAX_RECORD_BYTES / 4), new Float32Array(1)] };
  await expect(new History().put({} as Entry, long)).rejects.toMatchObject({ reason: "too_large" });
});
