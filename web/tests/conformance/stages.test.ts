/** Quality, windows and heart rate against the Python package's, on every vector that is read; the browser adds the model. */
import { expect, test } from "vitest";
import type { Manifest } from "../../src/edge/bundle";
import { type Finding, toPlain } from "../../src/edge/decision";
import { EcgliteError } from "../../src/edge/errors";
import { classify } from "../../src/edge/pipeline";
import type { Lead, Patient, Record } from "../../src/edge/record";
import { say, words } from "../../src/edge/words";
import { BEATS_A_MINUTE, furthest, rates } from "./agreement";
import { absent, type ExpectedFinding, type ExpectedRecord, samples, VECTORS } from "./vectors";

const MANIFEST: Manifest = {
  name: "none",
  version: "0",
  modelFile: "",
  sha256: "",
  sizeBytes: 0,
  labels: ["AFIB", "AF"],
  abstainBelow: 0,
};

test("the vectors are there", () => {
  if (absent) throw new Error(absent);
  expect(VECTORS.length).toBeGreaterThan(200);
});

test.each(VECTORS.filter(({ expect: { record } }) => record).map((vector) => [vector.name, vector.expect] as const))(
  "%s",
  async (_, expected) => {
    const model = { manifest: MANIFEST, probabilities: async () => Float32Array.of(0.75, 0.25) };
    const record = recordOf(expected.record as ExpectedRecord, samples(expected.samples as string));
    const outcome = await classify(record, model).catch((error: unknown) => error);
    if (outcome instanceof EcgliteError) {
      expect({ type: outcome.kind, came: say(outcome.came) }).toEqual(expected.refusal);
      return;
    }
    const ours = toPlain(outcome as Finding) as ExpectedFinding;
    const theirs = expected.finding as ExpectedFinding;
    expect(ours.quality).toEqual(theirs.quality);
    expect(ours.windows.map(({ start_s }) => start_s)).toEqual(theirs.windows.map(({ start_s }) => start_s));
    expect(furthest(rates(ours), rates(theirs))).toBeLessThanOrEqual(BEATS_A_MINUTE);
  },
);

/** The record of a vector from its expected samples: [n_samples, n_leads], millivolts. */
function recordOf(facts: ExpectedRecord, rows: Float32Array): Record {
  const nLeads = facts.leads.length;
  return {
    signalMv: facts.leads.map((_, lead) =>
      Float32Array.from({ length: facts.n_samples }, (__, at) => rows[at * nLeads + lead] as number),
    ),
    samplingRateHz: facts.sampling_rate_hz,
    leads: facts.leads as readonly Lead[],
    patient: { ageYears: facts.patient.age_years, sex: facts.patient.sex as Patient["sex"] },
    path: "",
    format: facts.format,
    units: facts.units,
    comments: facts.comments,
    notes: facts.notes.map((note) => words("{note}", { note })),
  };
}
