/** The worker: it owns the model, and reads and classifies one file after another. */
import type { ModelFacts, Outcome } from "./classifier";
import type { Answer, Answered, Asked, Question } from "./client";
import { loadBundle } from "./edge/bundle";
import type { Finding } from "./edge/decision";
import { EcgliteError, type Failure } from "./edge/errors";
import { read, recordingsOf } from "./edge/formats";
import { Model } from "./edge/model";
import { classify } from "./edge/pipeline";
import type { Record } from "./edge/record";
import { words } from "./edge/words";

// the page's types know no worker's: of the two things needed here
const scope = self as unknown as {
  onmessage: (event: MessageEvent<Asked>) => void;
  postMessage: (answered: Answered, transfer: Transferable[]) => void;
};

let model: Promise<Model> | undefined;
let last: Promise<void> = Promise.resolve();

// one after another: the interpreter has one set of tensors, and a phone memory for one recording
scope.onmessage = ({ data: { id, question } }) => {
  last = last.then(async () => {
    const answer: Answer = await answered(question).catch((error: unknown) => ({ failure: failureOf(error) }));
    const signalMv = answer.outcome?.record?.signalMv ?? [];
    scope.postMessage({ id, answer }, [...new Set(signalMv.map(({ buffer }) => buffer as ArrayBuffer))]);
  });
};

async function answered(question: Question): Promise<Answer> {
  if (question.verb === "model") return { facts: factsOf(await modelAt(question.base)) };
  if (question.verb === "recordings") return { names: await recordingsOf(byName(question.files)) };
  return { outcome: await outcomeOf(question) };
}

async function outcomeOf({ name, files, hints, base }: Question & { verb: "classify" }): Promise<Outcome> {
  const start = performance.now();
  let record: Record | undefined;
  let finding: Finding | undefined;
  let failure: Failure | undefined;
  try {
    record = await read(name, byName(files), hints);
    finding = await classify(record, await modelAt(base));
  } catch (error) {
    failure = failureOf(error);
  }
  return { name, record, finding, failure, tookMs: performance.now() - start };
}

const byName = (files: readonly File[]) => new Map(files.map((file) => [file.name, file]));

/** The model, loaded when it is first needed; where that failed, anew. */
function modelAt(base: string): Promise<Model> {
  model ??= loadBundle(`${base}models/rhythm/`).then((bundle) => Model.load(bundle, `${base}wasm/`));
  model.catch(() => {
    model = undefined;
  });
  return model;
}

const factsOf = ({ manifest: { name, version, labels, sha256, sizeBytes, abstainBelow } }: Model): ModelFacts => ({
  name,
  version,
  labels,
  sha256,
  sizeBytes,
  abstainBelow,
});

function failureOf(error: unknown): Failure {
  if (error instanceof EcgliteError) return error.toFailure();
  // what wasm throws leaves the interpreter in an unknown state: the page hears of it and starts another worker
  if (error instanceof WebAssembly.RuntimeError) reportError(error);
  return {
    kind: "ProgramError",
    came: words("a mistake in this app: {why}", { why: String(error) }),
    todo: words("tell its makers this sentence and what kind of file it was"),
  };
}
