/** What a file leaves open and a person can say: units, sampling rate, leads. */
import type { Classifier, Hints } from "../classifier";
import { h } from "../dom";
import type { Failure } from "../edge/errors";
import { utf8 } from "../edge/formats/source";
import { LEADS, type Lead, standardLead } from "../edge/record";
import type { Words } from "../edge/words";
import { count, number, t } from "../i18n";

export type Question = "units" | "rate" | "leads";

/** Names of a time column, as the readers know them. */
const TIME = /^(?:elapsed(?: time)?|time(?:stamp)?|t|zeit|seconds?|secs?)(?![a-z])/i;

export const UNITS = ["mV", "uV", "V", "nV"] as const;

/** The field of the form, as the sentences of edge/ call it. */
const FIELDS: Readonly<Record<Question, RegExp>> = {
  units: /\bUnits\b/,
  rate: /\bSampling rate\b/,
  leads: /\bColumns\b/,
};

/** The questions that a failure asks: those whose field it says to fill in. */
export function questionsOf({ todo }: Failure): ReadonlySet<Question> {
  const text = todo ? templatesOf(todo).join(" ") : "";
  const asked = (Object.keys(FIELDS) as Question[]).filter((question) => FIELDS[question].test(text));
  return new Set(asked);
}

/** What the answers given so far answer. */
export function answered({ units, rateHz, leads }: Hints): ReadonlySet<Question> {
  const all = [units !== undefined && "units", rateHz !== undefined && "rate", leads !== undefined && "leads"] as const;
  return new Set(all.filter((question) => question !== false));
}

/**
 * The questions of a file whose leads are asked, and those that would come after: the file is read as if the columns that
 * nothing is known of were some of the leads that are left.
 */
export async function allQuestions(
  asked: ReadonlySet<Question>,
  columns: readonly string[],
  read: (hints: Hints) => ReturnType<Classifier["classify"]>,
): Promise<ReadonlySet<Question>> {
  if (!asked.has("leads") || columns.length === 0) return asked;
  const guessed = guesses(columns);
  const left = LEADS.filter((lead) => !guessed.includes(lead));
  const { failure } = await read({ leads: guessed.map((one) => (one === "-" ? (left.shift() ?? one) : one)) });
  return failure ? new Set([...asked, ...questionsOf(failure)]) : asked;
}

/** Of a sentence and of those in its places. */
function templatesOf({ template, values }: Words): readonly string[] {
  const inner = Object.values(values).flat() as readonly (string | Words)[];
  return [template, ...inner.flatMap((value) => (typeof value === "string" ? [] : templatesOf(value)))];
}

/**
 * The names of a table's columns, or of a header's signals, as far as its first 64 KB tell; a column without a name
 * is an empty string.
 */
export async function columnsOf(file: File): Promise<readonly string[]> {
  const lines = new TextDecoder()
    .decode(utf8(new Uint8Array(await file.slice(0, 65_536).arrayBuffer())))
    .split(/\r?\n/)
    .filter((line) => line.trim() && !line.startsWith("#"));
  const [first = "", ...rest] = lines;
  if (/\.hea$/i.test(file.name)) {
    const signals = Number.parseInt(first.split(/\s+/)[1] ?? "0", 10);
    return rest.slice(0, signals).map((line) => line.trim().split(/\s+/).slice(8).join(" "));
  }
  const delimiter = ["\t", ";", ","].find((mark) => first.includes(mark)) ?? ",";
  const cells = first.split(delimiter).map((cell) => cell.trim().replace(/^"(.*)"$/, "$1"));
  return cells.map((cell) => (/^[-+.\d]/.test(cell) ? "" : cell));
}

/**
 * The form that asks.
 *
 * @param asked - what is to be asked now; what was answered before stands in the form too, to be corrected.
 * @param columns - for leads: what the file calls them.
 */
export function questionForm(
  asked: ReadonlySet<Question>,
  given: Hints,
  columns: readonly string[],
  answer: (hints: Hints) => void,
): HTMLFormElement {
  const units = (asked.has("units") || given.units !== undefined) && unitsField(given.units);
  const rate = (asked.has("rate") || given.rateHz !== undefined) && rateField(given.rateHz);
  const leads = (asked.has("leads") || given.leads !== undefined) && leadsField(columns, given.leads);
  return h(
    "form",
    {
      class: "question",
      onsubmit: (event) => {
        event.preventDefault();
        const form = new FormData(event.target as HTMLFormElement);
        const chosen = form.get("units");
        const stated = form.get("rate");
        answer({
          units: typeof chosen === "string" ? chosen : undefined,
          rateHz: stated ? Number(stated) : undefined,
          leads: leads ? (form.getAll("lead") as NonNullable<Hints["leads"]>) : undefined,
        });
      },
    },
    leads,
    units,
    rate,
    h("button", { class: "primary", type: "submit" }, t("question_go")),
  );
}

function unitsField(given: string | undefined): HTMLFieldSetElement {
  return h(
    "fieldset",
    {},
    h("legend", {}, t("question_units")),
    h("p", { class: "hint" }, t("question_units_hint")),
    // What was chosen can be taken back.
    [...UNITS, ...(given === undefined ? [] : ([""] as const))].map((unit) =>
      h(
        "label",
        { class: "choice" },
        h("input", { type: "radio", name: "units", value: unit, checked: unit === given }),
        h("span", {}, unit === "" ? t("unit_of_file") : t(`unit_${unit}`)),
      ),
    ),
  );
}

function rateField(given: number | undefined): HTMLElement {
  return h(
    "div",
    { class: "field" },
    h("label", { for: "rate" }, t("question_rate")),
    h("p", { class: "hint", id: "rate-hint" }, t("question_rate_hint", { low: number(100), high: number(1000) })),
    h(
      "span",
      { class: "with-unit" },
      h("input", {
        id: "rate",
        name: "rate",
        type: "number",
        inputmode: "decimal",
        min: 100,
        max: 1000,
        step: "any",
        value: given,
        "aria-describedby": "rate-hint",
      }),
      "Hz",
    ),
  );
}

function leadsField(columns: readonly string[], given: Hints["leads"]): HTMLFieldSetElement {
  const at = given ?? guesses(columns);
  return h(
    "fieldset",
    {},
    h("legend", {}, t("question_leads")),
    h("p", { class: "hint" }, count("question_leads_hint", columns.length)),
    h(
      "div",
      { class: "columns" },
      columns.map((name, k) => {
        const is = at[k] ?? "-";
        return h(
          "label",
          {},
          h("span", {}, name ? h("bdi", {}, name) : t("column", { n: number(k + 1) })),
          h(
            "select",
            { name: "lead" },
            [...LEADS, "time" as const, "-" as const].map((value) =>
              h("option", { value, selected: value === is }, leadChoice(value)),
            ),
          ),
        );
      }),
    ),
  );
}

function leadChoice(value: (typeof LEADS)[number] | "time" | "-"): string {
  if (value === "-") return t("column_left_out");
  return value === "time" ? t("column_time") : value;
}

/**
 * What stands in the form at first: what a column's name says, once each; all twelve in their order where twelve columns
 * have no names.
 */
export function guesses(columns: readonly string[]): readonly (Lead | "time" | "-")[] {
  if (columns.length === LEADS.length && columns.every((name) => name === "")) return LEADS;
  const named = columns.map((name) => standardLead(name) ?? (TIME.test(name) ? "time" : "-"));
  return named.map((one, k) => (named.indexOf(one) === k ? one : "-"));
}
