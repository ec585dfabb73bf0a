/** Record -> Finding: the stages in order. As `ecglite.edge.pipeline`. */
import { decide, type Finding, type WindowResult } from "./decision";
import { beats, rateBpm } from "./heart_rate";
import type { Model } from "./model";
import { assess } from "./quality";
import type { Record } from "./record";
import { windows } from "./windows";

/**
 * The rhythm of a recording.
 *
 * @throws EcgliteError - QualityError, UnitsError: it is too short or too poor to be classified.
 */
export async function classify(record: Record, model: Pick<Model, "manifest" | "probabilities">): Promise<Finding> {
  const quality = assess(record);
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
