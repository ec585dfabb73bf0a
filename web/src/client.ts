/** The page's side of the worker. */
import type { Classifier, Hints, ModelFacts, Outcome } from "./classifier";
import { EcgliteError, type Failure } from "./edge/errors";
import { words } from "./edge/words";

/** What the page asks; `base` is the page's own address, beside which model and wasm lie. */
export type Question =
  | { readonly verb: "model"; readonly base: string }
  | { readonly verb: "recordings"; readonly names: readonly string[] }
  | {
      readonly verb: "classify";
      readonly base: string;
      readonly name: string;
      readonly files: readonly File[];
      readonly hints: Hints;
    };

export interface Asked {
  readonly id: number;
  readonly question: Question;
}

/** What the worker answers: one of the four, by what was asked and what became of it. */
export interface Answer {
  readonly id: number;
  readonly facts?: ModelFacts;
  readonly names?: readonly string[];
  readonly outcome?: Outcome;
  readonly failure?: Failure;
}
