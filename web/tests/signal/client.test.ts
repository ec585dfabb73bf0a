import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Answer, type Asked, connect } from "../../src/client";
import { words } from "../../src/edge/words";

/** A worker whose answers the test gives. */
class FakeWorker {
  static readonly all: FakeWorker[] = [];
  readonly asked: Asked[] = [];
  terminated = false;
  onmessage: ((event: { data: { id: number; answer: Answer } }) => void) | undefined;
  onerror: ((event: { preventDefault(): void }) => void) | undefined;

  constructor() {
    FakeWorker.all.push(this);
  }

  postMessage(asked: Asked): void {
    this.asked.push(asked);
  }

  terminate(): void {
    this.terminated = true;
  }

  answer(verb: string, answer: Answer): void {
    const id = this.asked.find(({ question }) => question.verb === verb)?.id ?? -1;
    this.onmessage?.({ data: { id, answer } });
  }
}

beforeEach(() => vi.stubGlobal("Worker", FakeWorker));
afterEach(() => {
  vi.unstubAllGlobals();
  FakeWorker.all.length = 0;
});

const FACTS = { name: "rhythm", version: "0.1.0", labels: ["SR"], sha256: "", sizeBytes: 1, abstainBelow: 0.7 };
const FILE = new File(["1,2"], "a.csv");

test("answers reach who asked, in whatever order they come", async () => {
  const classifier = connect("https://example.org/app/");
  const [worker] = FakeWorker.all;
  const outcome = classifier.classify("a.csv", [FILE], { units: "mV" });
  const names = classifier.recordingsOf([FILE]);
  worker?.answer("recordings", { names: ["a.csv"] });
  worker?.answer("classify", { outcome: { name: "a.csv", tookMs: 7 } });
  worker?.answer("model", { facts: FACTS });
  expect(await names).toEqual(["a.csv"]);
  expect(await outcome).toEqual({ name: "a.csv", tookMs: 7 });
  expect(await classifier.model).toEqual(FACTS);
  expect(FakeWorker.all).toHaveLength(1);
});

test("a model that does not load is told as an error", async () => {
  const classifier = connect("https://example.org/app/");
  FakeWorker.all[0]?.answer("model", { failure: { kind: "BundleError", came: words("model.tflite cannot be read") } });
  await expect(classifier.model).rejects.toMatchObject({ kind: "BundleError", message: "model.tflite cannot be read" });
});

test("a worker that dies fails what was open, and the next question starts another", async () => {
  const classifier = connect("https://example.org/app/");
  const lost = classifier.classify("a.csv", [FILE]);
  FakeWorker.all[0]?.onerror?.({ preventDefault: () => undefined });
  expect(await lost).toMatchObject({ name: "a.csv", failure: { kind: "ProgramError" } });
  await expect(classifier.model).rejects.toThrow("the part of the app that reads recordings stopped");
  expect(FakeWorker.all[0]?.terminated).toBe(true);
  const next = classifier.classify("a.csv", [FILE]);
  FakeWorker.all[1]?.answer("classify", { outcome: { name: "a.csv", tookMs: 5 } });
  expect(await next).toEqual({ name: "a.csv", tookMs: 5 });
});
