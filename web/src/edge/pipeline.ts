/** Record -> Finding: the stages in order. As `ecglite.edge.pipeline`. */
import { decide, type Finding, type WindowResult } from "./decision";
import { EcgliteError } from "./errors";
import { beats, rateBpm } from "./heart_rate";
import type { Model } from "./model";
import { assess, type Quality } from "./quality";
import type { Record } from "./record";
import { windows } from "./windows";
import { words } from "./words";

/**
 * The rhythm of a recording.
 *
 * @throws EcgliteError - QualityError, UnitsError: it is too short or too poor to be classified.
 */
export async function classify(record: Record, model: Pick<Model, "manifest" | "probabilities">): Promise<Finding> {
  const quality = judged(record);
  const bad = quality.leads.filter(({ verdict }) => verdict === "bad").map(({ lead }) => lead);
  const results: WindowResult[] = [];
  for (const window of windows(record, bad)) {
    const { startS } = window;
    const gapsS = quality.gapsS.map(([start, end]) => [start - startS, end - startS] as const);
    const heartRateBpm = rateBpm(beats(window), gapsS);
    results.push({ startS, heartRateBpm, probabilities: await model.probabilities(window) });
  }
  return decide(results, quality, model.manifest);
}

/** Its quality; a refusal names the file. */
function judged(record: Record): Quality {
  try {
    return assess(record);
  } catch (error) {
    if (!(error instanceof EcgliteError) || !record.path) throw error;
    const { kind, came, allowed, todo } = error;
    throw new EcgliteError(kind, words("{path}: {came}", { path: record.path, came }), {
      ...(allowed && { allowed }),
      ...(todo && { todo }),
    });
  }
}
