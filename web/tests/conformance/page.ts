/** The page's end of the conformance test: vectors go through the client and the worker that the app uses. */
import type { Classifier, Hints, ModelFacts } from "../../src/classifier";
import { connect } from "../../src/client";
import { toPlain } from "../../src/edge/decision";
import { say } from "../../src/edge/words";
import type { ExpectedFailure, ExpectedFinding } from "./vectors";

/** What a test in Node asks of the page; plain values only, which pass between the two. */
export interface Conformance {
  readonly model: () => Promise<ModelFacts>;
  readonly recordingsOf: (addresses: readonly string[]) => Promise<readonly string[]>;
  readonly classify: (open: string, addresses: readonly string[], hints: Hints) => Promise<PlainOutcome>;
}

/** An outcome in the words of the Python package. */
export interface PlainOutcome {
  readonly read: boolean;
  readonly finding?: ExpectedFinding;
  readonly failure?: ExpectedFailure;
}

declare global {
  var conformance: Conformance;
}

const classifier: Classifier = connect();

globalThis.conformance = {
  model: () => classifier.model,
  recordingsOf: async (addresses) => classifier.recordingsOf(await picked(addresses)),
  classify: async (open, addresses, hints) => {
    const { record, finding, failure } = await classifier.classify(open, await picked(addresses), hints);
    return {
      read: record !== undefined,
      ...(finding && { finding: toPlain(finding) as ExpectedFinding }),
      ...(failure && { failure: { type: failure.kind, came: say(failure.came) } }),
    };
  },
};

/** Files as a person picks them, from where the test serves them. */
function picked(addresses: readonly string[]): Promise<File[]> {
  return Promise.all(
    addresses.map(async (address) => {
      const name = decodeURIComponent(address.slice(address.lastIndexOf("/") + 1));
      return new File([await (await fetch(address)).blob()], name);
    }),
  );
}
