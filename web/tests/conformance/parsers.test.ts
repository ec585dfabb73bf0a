/** The readers against the Python package's, on every vector: samples, facts and refusals. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Hints } from "../../src/classifier";
import { EcgliteError } from "../../src/edge/errors";
import { read } from "../../src/edge/formats";
import type { Record } from "../../src/edge/record";
import { say } from "../../src/edge/words";
import { MILLIVOLTS } from "./agreement";
import { absent, type ExpectedFailure, path, samples, VECTORS, type Vector } from "./vectors";

test("the vectors are there", () => {
  if (absent) throw new Error(absent);
  expect(VECTORS.length).toBeGreaterThan(200);
});

test.each(VECTORS.map((vector) => [vector.name, vector] as const))("%s", async (_, vector) => {
  const { record, samples: file, error } = vector.expect;
  const outcome = await opened(vector);
  if (record === undefined || file === undefined) {
    expect(outcome).toEqual(error);
    return;
  }
  expect(facts(outcome)).toEqual(record);
  expect(furthestMv(outcome as Record, samples(file))).toBeLessThanOrEqual(MILLIVOLTS);
});

/** The record, or the failure as the vectors have it. */
async function opened(vector: Vector): Promise<Record | ExpectedFailure> {
  const files = new Map(vector.files.map((file) => [file, new Blob([readFileSync(path(vector.name, file))])]));
  const { units, rate_hz: rateHz, leads } = vector.hints;
  try {
    return await read(vector.open, files, { units, rateHz, leads: leads as Hints["leads"] });
  } catch (error) {
    if (error instanceof EcgliteError) return { type: error.kind, came: say(error.came) };
    throw error;
  }
}

/** A record without its samples, in the words of the Python package; a failure as it is. */
function facts(outcome: Record | ExpectedFailure): unknown {
  if ("came" in outcome) return outcome;
  return {
    leads: outcome.leads,
    sampling_rate_hz: outcome.samplingRateHz,
    n_samples: outcome.signalMv[0]?.length,
    units: outcome.units,
    format: outcome.format,
    patient: { age_years: outcome.patient.ageYears, sex: outcome.patient.sex },
    comments: outcome.comments,
    notes: outcome.notes.map((note) => say(note)),
  };
}

/**
 * The largest distance between the samples of a record and the expected ones, less the rounding of float32: infinite
 * where only one of two is missing, or a lead is longer than the others.
 */
function furthestMv(record: Record, expected: Float32Array): number {
  const nLeads = record.signalMv.length;
  let furthest = 0;
  for (const [lead, signal] of record.signalMv.entries()) {
    if (signal.length * nLeads !== expected.length) return Number.POSITIVE_INFINITY;
    for (const [at, value] of signal.entries()) {
      const other = expected[at * nLeads + lead] as number;
      if (Number.isNaN(value) && Number.isNaN(other)) continue;
      const distance = Math.abs(value - other) - Math.abs(other) * 2 ** -23;
      if (!(distance <= furthest)) furthest = Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance;
    }
  }
  return furthest;
}
