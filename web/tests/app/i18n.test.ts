import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { words } from "../../src/edge/words";
import { count, direction, LANGUAGES, nearest, number, setLanguage, t, tell } from "../../src/i18n";
import { ar } from "../../src/i18n/ar";
import { AR_EDGE } from "../../src/i18n/ar_edge";
import { en } from "../../src/i18n/en";

const SRC = join(import.meta.dirname, "../../src");
const CALL = /\bwords\(\s*/g;
const LITERAL = /^"(?:[^"\\]|\\.)*"/;

const places = (template: string): readonly string[] =>
  [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => `${name}`).sort();

/** Every template of edge/ and of the worker, and every call that has none. */
function templates() {
  const found = new Set<string>();
  const bare: string[] = [];
  for (const path of globSync("{edge/**/*.ts,client.ts,worker.ts}", { cwd: SRC })) {
    if (path.endsWith("words.ts")) continue; // where it is defined
    const text = readFileSync(join(SRC, path), "utf8");
    for (const call of text.matchAll(CALL)) {
      const literal = LITERAL.exec(text.slice(call.index + call[0].length))?.[0];
      if (literal) found.add(JSON.parse(literal));
      else bare.push(`${path}: ${text.slice(call.index, call.index + 60)}`);
    }
  }
  return { found, bare };
}

const { found, bare } = templates();

test("every sentence of edge/ is a literal", () => {
  expect(bare).toEqual([]);
  expect(found.size).toBeGreaterThan(200);
});

test("every sentence of edge/ is translated, and nothing else", () => {
  expect([...found].filter((template) => !(template in AR_EDGE))).toEqual([]);
  expect(Object.keys(AR_EDGE).filter((template) => !found.has(template))).toEqual([]);
});

test.each(Object.entries(AR_EDGE))("%s: the translation has the same places", (template, translated) => {
  expect(places(translated)).toEqual(places(template));
});

describe("the dictionaries", () => {
  const entries = Object.entries(en) as [keyof typeof en, string | Record<string, string>][];

  test.each(entries)("%s has the same places in both languages", (key, english) => {
    const arabic = ar[key];
    if (typeof english === "string") return expect(places(arabic as string)).toEqual(places(english));
    expect(english.other && (arabic as { other: string }).other).toBeTruthy();
  });

  test("a count has every plural form that its language tells apart", () => {
    const forms = new Intl.PluralRules("ar").resolvedOptions().pluralCategories;
    for (const [key, value] of Object.entries(ar)) {
      if (typeof value === "string" || !("few" in value)) continue;
      expect(Object.keys(value).sort(), key).toEqual([...forms].sort());
    }
  });

  test("each key is used", () => {
    const source = globSync(["app/**/*.ts", "i18n/index.ts"], { cwd: SRC })
      .map((path) => readFileSync(join(SRC, path), "utf8"))
      .join("\n");
    const put = [...source.matchAll(/`([a-z_]+)\$\{/g)].map(([, prefix]) => `${prefix}`);
    const unused = Object.keys(en).filter(
      (key) =>
        !source.includes(`"${key}"`) && !source.includes(`.${key}`) && !put.some((prefix) => key.startsWith(prefix)),
    );
    // of a patient, as the record has them
    expect(unused).toEqual(["female", "male"]);
  });
});

describe("a language", () => {
  test.each([
    [["ar-EG", "en"], "ar"],
    [["de", "ar"], "ar"],
    [["en-US", "ar"], "en"],
    [["de"], "en"],
    [[], "en"],
  ] as const)("wanted %s gets %s", (wanted, got) => {
    expect(nearest(wanted)).toBe(got);
  });

  test("Arabic runs right to left, with Latin digits", () => {
    setLanguage("ar");
    expect(direction()).toBe("rtl");
    expect(number(1234.5, 1)).toMatch(/^1.?234.5$/);
    expect(count("list_title", 2)).toBe("تسجيلان");
    expect(count("list_title", 11)).toBe("11 تسجيلًا");
    setLanguage("en");
    expect(direction()).toBe("ltr");
    expect(count("list_title", 1)).toBe("1 recording");
    expect(LANGUAGES).toEqual(["en", "ar"]);
  });

  test("a sentence of edge/ is said with its values kept to their own direction", () => {
    const sentence = words("lead {leads} ({reasons})", { leads: ["V1", "V2"], reasons: [words("noisy")] });
    expect(tell(sentence)).toBe("lead V1, V2 (noisy)");
    setLanguage("ar");
    expect(tell(sentence)).toBe("الاتجاه \u2068V1\u2069، \u2068V2\u2069 (مشوّشة)");
    setLanguage("en");
    expect(t("undecided_line", { rhythm: "Atrial flutter" })).toBe("Not sure. Nearest: Atrial flutter");
  });
});
