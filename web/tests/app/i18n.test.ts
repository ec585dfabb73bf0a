import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { UNITS } from "../../src/app/questions";
import type { Kind } from "../../src/edge/errors";
import { RHYTHMS } from "../../src/edge/rhythms";
import { words } from "../../src/edge/words";
import { count, direction, LANGUAGES, nearest, number, setLanguage, t, tell } from "../../src/i18n";
import { ar } from "../../src/i18n/ar";
import { AR_EDGE } from "../../src/i18n/ar_edge";
import { en } from "../../src/i18n/en";

const SRC = join(import.meta.dirname, "../../src");
const KINDS = Object.keys({
  FileAccessError: 0,
  FileTooLargeError: 0,
  UnknownFormatError: 0,
  MalformedFileError: 0,
  UnsupportedError: 0,
  ChecksumError: 0,
  UnitsError: 0,
  LeadError: 0,
  RecordError: 0,
  QualityError: 0,
  BundleError: 0,
  ProgramError: 0,
} satisfies Record<Kind, 0>);
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

  /** Keys that are put together, with all that stands behind the prefix. The types see to it that each is there. */
  const composed: Readonly<Record<string, readonly string[]>> = {
    about_: ["card", "licences"],
    error_: KINDS,
    history_: ["full", "too_large", "no_room", "unavailable"],
    list_: ["waiting", "reading"],
    means_: [...RHYTHMS.keys()],
    name_: [...RHYTHMS.keys()],
    quality_: ["good", "poor", "bad"],
    sex_: ["female", "male"],
    shared_: ["none", "failed", "folder", "none_todo", "failed_todo", "folder_todo"],
    theme_: ["auto", "light", "dark"],
    unit_: UNITS,
  };

  test("each key is used", () => {
    const source = globSync(["app/**/*.ts", "i18n/index.ts"], { cwd: SRC })
      .map((path) => readFileSync(join(SRC, path), "utf8"))
      .join("\n");
    const prefixes = [...source.matchAll(/\bt\(`([a-z]+_)\$\{/g)].map(([, prefix]) => `${prefix}`);
    expect(Object.keys(composed)).toEqual([...new Set(prefixes)].sort());
    const made = Object.entries(composed).flatMap(([prefix, ends]) => ends.map((end) => prefix + end));
    expect(made.filter((key) => !(key in en))).toEqual([]);
    const literal = (key: string) => source.includes(`"${key}"`) || source.includes(`.${key}`);
    expect(Object.keys(en).filter((key) => !literal(key) && !made.includes(key))).toEqual([]);
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
    const sentence = words("leads {leads} ({reasons})", { leads: ["V1", "V2"], reasons: [words("noisy")] });
    expect(tell(sentence)).toBe("leads V1, V2 (noisy)");
    setLanguage("ar");
    expect(tell(sentence)).toBe("الاتجاهات \u2068V1\u2069، \u2068V2\u2069 (تشويش)");
    setLanguage("en");
    expect(t("undecided_line", { rhythm: "Atrial flutter" })).toBe("Not sure. Nearest: Atrial flutter");
  });
});
