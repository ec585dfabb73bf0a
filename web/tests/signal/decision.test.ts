import { expect, test } from "vitest";
import type { Manifest } from "../../src/edge/bundle";
import { decide, percent, toPlain } from "../../src/edge/decision";
import { classify } from "../../src/edge/pipeline";
import type { Quality } from "../../src/edge/quality";
import { say } from "../../src/edge/words";
import { regular, twelve } from "./recordings";

const MANIFEST: Manifest = {
  name: "rhythm",
  version: "0.1.0",
  modelFile: "model.tflite",
  sha256: "",
  sizeBytes: 1,
  labels: ["SB", "SR", "ST"],
  abstainBelow: 0.73,
};
const GOOD: Quality = { verdict: "good", leads: [], notes: [], gapsS: [] };

const result = (startS: number, probabilities: readonly number[], heartRateBpm: number | null = 70) => ({
  startS,
  probabilities: Float32Array.from(probabilities),
  heartRateBpm,
});

const reasons = (finding: ReturnType<typeof decide>) => finding.reasons.map((reason) => say(reason));

test("windows count by the seconds that they add", () => {
  const finding = decide([result(0, [0, 1, 0], 60), result(5, [1, 0, 0], 90)], GOOD, MANIFEST);
  expect(finding.probabilities).toEqual({ SB: 5 / 15, SR: 10 / 15, ST: 0 });
  expect(finding.heartRateBpm).toBe(70);
  expect(finding.alternatives).toEqual([["SB", 5 / 15]]);
  expect(finding.windows.map(({ rhythm }) => rhythm)).toEqual(["SR", "SB"]);
});

test("a window with a gap adds nothing where another is whole", () => {
  const quality: Quality = { ...GOOD, gapsS: [[3, 4]] };
  const finding = decide([result(0, [1, 0, 0]), result(10, [0, 1, 0])], quality, MANIFEST);
  expect(finding).toMatchObject({ rhythm: "SR", probability: 1, abstained: false });
  expect(reasons(decide([result(0, [0, 1, 0])], quality, MANIFEST))).toEqual(["the signal is interrupted"]);
});

test("it abstains where the model is not sure, leads are poor, or the rate contradicts", () => {
  expect(reasons(decide([result(0, [0.3, 0.7, 0])], GOOD, MANIFEST))).toEqual([
    "no rhythm reaches a probability of 73 %",
  ]);
  expect(reasons(decide([result(0, [0, 0, 1], 70.5)], GOOD, MANIFEST))).toEqual([
    "a heart rate of 70/min is not that of sinus tachycardia",
  ]);
  expect(reasons(decide([result(0, [0, 0, 1], 240)], GOOD, MANIFEST))).toEqual([
    "240 beats a minute are more than a heart's QRS complexes come at",
  ]);
  const poor: Quality = { ...GOOD, leads: [{ lead: "I", verdict: "poor", reasons: [] }] };
  expect(reasons(decide([result(0, [0, 1, 0])], poor, MANIFEST))).toEqual(["most of the leads are poor"]);
});

test("a probability is never said to be certain", () => {
  const said = [1, 0.9949, 0.125, 0.006, 0.005, 0].map((p) => say(percent(p)));
  expect(said).toEqual(["> 99 %", "99 %", "12 %", "1 %", "< 1 %", "< 1 %"]);
});

test("the stages run in order, and the export has the fields of the Python package", async () => {
  const probabilities = async () => Float32Array.of(0.0123456789, 0.9, 0.0876543211);
  const finding = await classify(twelve(25, 360, regular(75, 25)), { manifest: MANIFEST, probabilities });
  expect(toPlain(finding)).toEqual({
    rhythm: "SR",
    name: "Sinus rhythm",
    probability: 0.9,
    probabilities: { SB: 0.012346, SR: 0.9, ST: 0.087654 },
    heart_rate_bpm: 75,
    abstained: false,
    reasons: [],
    quality: {
      verdict: "good",
      notes: [],
      leads: expect.objectContaining({ I: "good", V6: "good" }),
    },
    windows: [0, 10, 15].map((start_s) => ({ start_s, rhythm: "SR", probability: 0.9, heart_rate_bpm: 75 })),
    model: "rhythm 0.1.0",
  });
});
