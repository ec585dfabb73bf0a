/**
 * Every vector through the page as it ships, in a real browser: the minified worker that the page itself has started,
 * under the policy of the page and its server. The finding is the Python package's.
 */
import { readFileSync } from "node:fs";
import { expect, type Page, test } from "@playwright/test";
import type { Hints } from "../../src/classifier";
import type { Answer, Answered, Asked, Question } from "../../src/client";
import { toPlain } from "../../src/edge/decision";
import { say } from "../../src/edge/words";
import { type Server, serve } from "../app/server";
import { BEATS_A_MINUTE, furthest, PROBABILITY, probabilities, rates, rest } from "./agreement";
import { absent, type ExpectedFailure, type ExpectedFinding, path, VECTORS, type Vector } from "./vectors";

const MANIFEST = new URL("../../../src/ecglite/models/rhythm/manifest.json", import.meta.url);

/** A question without what the page itself knows: its address, and the files behind their addresses. */
type Asking =
  | { readonly verb: "model" }
  | { readonly verb: "recordings"; readonly addresses: readonly string[] }
  | { readonly verb: "classify"; readonly name: string; readonly addresses: readonly string[]; readonly hints: Hints };

declare global {
  interface Window {
    /** Of the page under test: the workers that it has started. */
    workers: Worker[];
  }
}

let page: Page;
let server: Server;
const errors: string[] = [];

// one page for all: memory and state must bear every vector after every other
test.beforeAll(async ({ browser }) => {
  server = await serve();
  // the service worker would answer for the vectors, which are none of the page's files
  page = await browser.newPage({ baseURL: server.address, serviceWorkers: "block" });
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  await page.route("**/vectors/**", (route) => {
    const names = new URL(route.request().url()).pathname.split("/").slice(2).map(decodeURIComponent);
    return route.fulfill({ path: path(...names), contentType: "application/octet-stream" });
  });
  await page.addInitScript(() => {
    const workers: Worker[] = [];
    const Worker = window.Worker;
    window.Worker = class extends Worker {
      constructor(...given: ConstructorParameters<typeof Worker>) {
        super(...given);
        workers.push(this);
      }
    };
    Object.assign(window, { workers });
  });
  await page.goto("");
  await page.waitForFunction(() => window.workers.length > 0);
});

test.afterAll(async () => {
  await page.close();
  await server.stop();
});

test("the vectors are there", () => {
  if (absent) throw new Error(absent);
  expect(VECTORS.length).toBeGreaterThan(200);
});

test("it is the page that ships: built, under its policy, with the worker in a chunk of its own", async () => {
  const answer = await page.request.get("");
  expect(answer.headers()["content-security-policy"]).toMatch(/^default-src 'self'; .*frame-ancestors 'none'$/);
  const scripts = await page.evaluate(() =>
    performance
      .getEntriesByType("resource")
      .flatMap(({ name }) => (name.endsWith(".js") ? [new URL(name).pathname] : [])),
  );
  expect(scripts.filter((name) => !/^\/assets\/[\w-]+\.js$/.test(name))).toEqual([]);
  expect(scripts.some((name) => name.startsWith("/assets/worker-"))).toBe(true);
  // what the policy forbids is refused, so it is in force while the vectors run
  const refused = await page.evaluate(
    () =>
      new Promise<string>((refused) => {
        document.addEventListener("securitypolicyviolation", (event) => refused(event.effectiveDirective), {
          once: true,
        });
        const inline = document.createElement("script");
        inline.textContent = "document.body.remove()";
        document.body.append(inline);
      }),
  );
  expect(refused).toBe("script-src-elem");
  expect(errors.splice(0)).toHaveLength(2); // by the policy of the page, and by that of the server
});

test("the model is the one that ships with the Python package", async () => {
  const manifest = JSON.parse(readFileSync(MANIFEST, "utf8"));
  const { facts } = await ask({ verb: "model" });
  expect(facts).toEqual({
    name: manifest.name,
    version: manifest.version,
    labels: manifest.labels,
    sha256: manifest.sha256,
    sizeBytes: manifest.size_bytes,
    abstainBelow: manifest.abstain_below,
  });
});

for (const vector of VECTORS) {
  test(vector.name, async () => {
    const { error, record, finding, refusal } = vector.expect;
    const { units, rate_hz: rateHz, leads } = vector.hints;
    const outcome = await classified(vector.open, addresses(vector), { units, rateHz, leads: leads as Hints["leads"] });
    expect(outcome.read).toBe(record !== undefined);
    expect(outcome.failure).toEqual(error ?? refusal);
    expect(outcome.finding && rest(outcome.finding)).toEqual(finding && rest(finding));
    if (outcome.finding && finding) {
      expect(furthest(probabilities(outcome.finding), probabilities(finding))).toBeLessThanOrEqual(PROBABILITY);
      expect(furthest(rates(outcome.finding), rates(finding))).toBeLessThanOrEqual(BEATS_A_MINUTE);
    }
  });
}

test("of files picked together each recording counts once, and a stray file by itself", async () => {
  const picked = ["wfdb-16", "chapman-SB", "bad-picture-by-its-name"].map(vectorOf).flatMap(addresses);
  const { names = [] } = await ask({ verb: "recordings", addresses: picked });
  expect(names).toEqual(["r.hea", "SB.csv", "ECG (1).png"]);
  const outcomes = await Promise.all(names.map((name) => classified(name, picked, {})));
  expect(outcomes.map(({ finding, failure }) => finding?.rhythm ?? failure?.type)).toEqual([
    "AFIB",
    "SB",
    "UnknownFormatError",
  ]);
});

test("one worker bore it all, and nothing went wrong beside the answers", async () => {
  expect(await page.evaluate(() => window.workers.length)).toBe(1);
  expect(errors).toEqual([]);
});

/** An outcome in the words of the Python package. */
async function classified(name: string, addresses: readonly string[], hints: Hints) {
  const { outcome, failure: broken } = await ask({ verb: "classify", name, addresses, hints });
  const { record, finding, failure = broken } = outcome ?? {};
  return {
    read: record !== undefined,
    finding: finding && (toPlain(finding) as ExpectedFinding),
    failure: failure && ({ type: failure.kind, came: say(failure.came) } satisfies ExpectedFailure),
  };
}

/** Asks the page's own worker as src/client.ts does; of a record that was read, its samples stay in the page. */
async function ask(asking: Asking): Promise<Answer> {
  return page.evaluate(async (asking) => {
    const base = new URL(".", document.baseURI).href;
    const filesAt = (addresses: readonly string[]) =>
      Promise.all(
        addresses.map(async (address) => {
          const name = decodeURIComponent(address.slice(address.lastIndexOf("/") + 1));
          return new File([await (await fetch(address)).blob()], name);
        }),
      );
    let question: Question;
    if (asking.verb === "model") question = { verb: "model", base };
    else if (asking.verb === "recordings") question = { verb: "recordings", files: await filesAt(asking.addresses) };
    else {
      const { name, addresses, hints } = asking;
      question = { verb: "classify", base, name, files: await filesAt(addresses), hints };
    }
    const [worker] = window.workers;
    if (!worker) throw new Error("the page has started no worker");
    const asked: Asked = { id: -Math.ceil(1e9 * Math.random()), question }; // none of the page's own numbers
    const answer = await new Promise<Answer>((answered) => {
      worker.addEventListener("message", function hear({ data }: MessageEvent<Answered>) {
        if (data.id !== asked.id) return;
        worker.removeEventListener("message", hear as EventListener);
        answered(data.answer);
      });
      worker.postMessage(asked);
    });
    const record = answer.outcome?.record;
    return record ? { ...answer, outcome: { ...answer.outcome, record: { ...record, signalMv: [] } } } : answer;
  }, asking) as Promise<Answer>;
}

function vectorOf(name: string): Vector {
  const found = VECTORS.find((vector) => vector.name === name);
  if (!found) throw new Error(`there is no vector ${name}`);
  return found;
}

function addresses(vector: Vector): string[] {
  return vector.files.map((file) => `/vectors/${vector.name}/${encodeURIComponent(file)}`);
}
