/** The app's language: its sentences, those of edge/, numbers and dates. */
import type { Words } from "../edge/words";
import { say } from "../edge/words";
import { ar } from "./ar";
import { AR_EDGE } from "./ar_edge";
import { en } from "./en";

/** A sentence by the plural category of a count (Unicode CLDR); {n} is the count. */
interface Plural {
  readonly zero?: string;
  readonly one?: string;
  readonly two?: string;
  readonly few?: string;
  readonly many?: string;
  readonly other: string;
}

type English = typeof en;
/** Every language has every key of the English one, a plural where that has one. */
export type Dictionary = { readonly [K in keyof English]: English[K] extends string ? string : Plural };
type Sentence = { [K in keyof English]: English[K] extends string ? K : never }[keyof English];
type Counted = Exclude<keyof English, Sentence>;
type Places<Text> = Text extends `${string}{${infer Place}}${infer Rest}` ? Place | Places<Rest> : never;
type Values<K extends Sentence> = [Places<English[K]>] extends [never]
  ? []
  : [values: Readonly<Record<Places<English[K]>, string>>];

export const LANGUAGES = ["en", "ar"] as const;
type Language = (typeof LANGUAGES)[number];

const DICTIONARIES: Readonly<Record<Language, Dictionary>> = { en, ar };
/** Latin digits in Arabic too, as medical text there has them. */
const LOCALES: Readonly<Record<Language, string>> = { en: "en-GB", ar: "ar-u-nu-latn" };

let current: Language = "en";

/** The language that holds. */
export const language = (): Language => current;
export const direction = (): "ltr" | "rtl" => (current === "ar" ? "rtl" : "ltr");

/** The first of the wanted languages that there is, else English. */
export function nearest(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const found = LANGUAGES.find((known) => tag.toLowerCase().split("-")[0] === known);
    if (found) return found;
  }
  return "en";
}

export function setLanguage(chosen: Language): void {
  current = chosen;
}

/** A sentence of the app. */
export function t<K extends Sentence>(key: K, ...[values]: Values<K>): string {
  return fill(DICTIONARIES[current][key] as string, values ?? {});
}

/** A sentence of the app about `n` things. */
export function count(key: Counted, n: number): string {
  const forms = DICTIONARIES[current][key] as Plural;
  const form = forms[new Intl.PluralRules(LOCALES[current]).select(n)] ?? forms.other;
  return fill(form, { n: number(n) });
}

/** A sentence of edge/. */
export function tell(sentence: Words): string {
  const said = current === "ar" ? say(isolated(sentence), (template) => AR_EDGE[template]) : say(sentence);
  return micro(said.replace(/(\d\u2069?) %/g, "$1\u00a0%"));
}

/** Microvolts as people write them; a column's name in quotation marks or brackets stays as the file has it. */
export const micro = (text: string): string => text.replace(/(?<![('\w])uV\b/g, "\u00b5V");

/**
 * As Arabic needs it: every text in a place keeps its own direction, since names of leads and files stand among Arabic
 * words, and several are joined by an Arabic comma.
 */
function isolated(sentence: Words): Words {
  const one = (value: string | Words) => (typeof value === "string" ? `\u2068${value}\u2069` : isolated(value));
  const values = Object.entries(sentence.values).map(([place, value]) => [
    place,
    Array.isArray(value) ? joined(value.map(one)) : one(value as string | Words),
  ]);
  return { template: sentence.template, values: Object.fromEntries(values) };
}

function joined(values: readonly (string | Words)[]): Words {
  const template = values.map((_, k) => `{_${k}}`).join(t("comma"));
  return { template, values: Object.fromEntries(values.map((value, k) => [`_${k}`, value])) };
}

function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (place, name: string) => values[name] ?? place);
}

export const number = (value: number, digits = 0): string =>
  new Intl.NumberFormat(LOCALES[current], { maximumFractionDigits: digits }).format(value);

/** Day and time, short. */
export const date = (value: Date): string =>
  new Intl.DateTimeFormat(LOCALES[current], { dateStyle: "medium", timeStyle: "short" }).format(value);

/** Several things in a row. */
export const list = (things: readonly string[]): string => things.join(t("comma"));
