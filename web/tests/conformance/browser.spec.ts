/** Every vector through the client, the worker and the model, in a real browser: the finding is the Python package's. */
import { readFileSync } from "node:fs";
import { expect, type Page, test } from "@playwright/test";
import { DEV_URL } from "../../playwright.config";
import type { Hints } from "../../src/classifier";
import { BEATS_A_MINUTE, furthest, PROBABILITY, probabilities, rates, rest } from "./agreement";
import { absent, path, VECTORS, type Vector } from "./vectors";

const MANIFEST = new URL("../../../src/ecglite/models/rhythm/manifest.json", import.meta.url);

let page: Page;

// one page for all: memory and state must bear every vector after every other
test.beforeAll(async ({ browser }) => {
  page = await browser.newPage();
  await page.route("**/vectors/**", (route) => {
    const names = new URL(route.request().url()).pathname.split("/").slice(2).map(decodeURIComponent);
    return route.fulfill({ path: path(...names), contentType: "application/octet-stream" });
  });
  await page.goto(`${DEV_URL}/tests/conformance/page.html`);
  await page.waitForFunction(() => "conformance" in globalThis);
});

test.afterAll(() => page.close());

test("the vectors are there", () => {
  if (absent) throw new Error(absent);
  expect(VECTORS.length).toBeGreaterThan(200);
});

test("the model is the one that ships with the Python package", async () => {
  const manifest = JSON.parse(readFileSync(MANIFEST, "utf8"));
  const facts = await page.evaluate(() => conformance.model());
  expect(facts).toEqual({
    name: manifest.name,
    version: manifest.version,
    labels: manifest.labels,
    sha256: manifest.sha256,
    sizeBytes: manifest.size_bytes,
  });
});

for (const vector of VECTORS) {
  test(vector.name, async () => {
    const { error, record, finding, refusal } = vector.expect;
    const { units, rate_hz: rateHz, leads } = vector.hints;
    const hints = { units, rateHz, leads: leads as Hints["leads"] };
    const outcome = await page.evaluate((given) => conformance.classify(...given), [
      vector.open,
      addresses(vector),
      hints,
    ] as const);
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
  const names = await page.evaluate((all) => conformance.recordingsOf(all), picked);
  expect(names).toEqual(["r.hea", "SB.csv", "ECG (1).png"]);
  const outcomes = await page.evaluate(
    ([all, of]) => Promise.all(of.map((name) => conformance.classify(name, all, {}))),
    [picked, names] as const,
  );
  expect(outcomes.map(({ finding, failure }) => finding?.rhythm ?? failure?.type)).toEqual([
    "AFIB",
    "SB",
    "UnknownFormatError",
  ]);
});

function vectorOf(name: string): Vector {
  const found = VECTORS.find((vector) => vector.name === name);
  if (!found) throw new Error(`there is no vector ${name}`);
  return found;
}

function addresses(vector: Vector): string[] {
  return vector.files.map((file) => `/vectors/${vector.name}/${encodeURIComponent(file)}`);
}
