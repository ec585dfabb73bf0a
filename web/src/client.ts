/** The page's side of the worker: requests by number, and a new worker where one has died. */
import type { Classifier, Hints, ModelFacts, Outcome } from "./classifier";
import { EcgliteError, type Failure } from "./edge/errors";
import { words } from "./edge/words";

/** What the page asks; `base` is its own address, beside which lie the folders of model and wasm. */
export type Question =
  | { readonly verb: "model"; readonly base: string }
  | { readonly verb: "recordings"; readonly files: readonly File[] }
  | {
      readonly verb: "classify";
      readonly base: string;
      readonly name: string;
      readonly files: readonly File[];
      readonly hints: Hints;
    };

/** What the worker answers: one of the four, by what was asked and what became of it. */
export interface Answer {
  readonly facts?: ModelFacts;
  readonly names?: readonly string[];
  readonly outcome?: Outcome;
  readonly failure?: Failure;
}

export interface Asked {
  readonly id: number;
  readonly question: Question;
}

export interface Answered {
  readonly id: number;
  readonly answer: Answer;
}

/** Starts the worker, which loads the model at once. */
export function connect(base: string = new URL(".", document.baseURI).href): Classifier {
  const open = new Map<number, (answer: Answer) => void>();
  let worker: Worker | undefined;
  let lastId = 0;

  function started(): Worker {
    const fresh = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    fresh.onmessage = ({ data: { id, answer } }: MessageEvent<Answered>) => {
      open.get(id)?.(answer);
      open.delete(id);
    };
    // an error that the worker did not catch, or the worker itself did not load
    fresh.onerror = (event) => {
      event.preventDefault();
      fresh.terminate();
      worker = undefined;
      const waiting = [...open.values()];
      open.clear();
      for (const answered of waiting) answered({ failure: STOPPED });
    };
    return fresh;
  }

  function ask(question: Question): Promise<Answer> {
    worker ??= started();
    const asked: Asked = { id: ++lastId, question };
    worker.postMessage(asked);
    return new Promise((answered) => open.set(asked.id, answered));
  }

  const model = ask({ verb: "model", base }).then(({ facts, failure }) => facts ?? raised(failure));
  model.catch(() => undefined); // each recording tells it too, for whoever does not wait for the model
  return {
    model,
    recordingsOf: async (files) => {
      const { names, failure } = await ask({ verb: "recordings", files });
      return names ?? raised(failure);
    },
    classify: async (name, files, hints = {}) => {
      const start = performance.now();
      const { outcome, failure } = await ask({ verb: "classify", base, name, files, hints });
      return outcome ?? { name, failure, tookMs: performance.now() - start };
    },
  };
}

const STOPPED: Failure = {
  kind: "ProgramError",
  came: words("the part of the app that reads recordings stopped"),
  todo: words("try again; where it stops again, the file may be too large for this device"),
};

function raised({ kind, came, allowed, todo }: Failure = STOPPED): never {
  throw new EcgliteError(kind, came, { ...(allowed && { allowed }), ...(todo && { todo }) });
}
