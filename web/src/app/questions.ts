/** What a file leaves open and a person can say: units, sampling rate, leads. */
import type { Hints } from "../classifier";
import type { Failure } from "../edge/errors";
import { LEADS } from "../edge/record";
import { count, number, t } from "../i18n";
import { h } from "./dom";

export type Question = "units" | "rate" | "leads";

export const UNITS = ["mV", "uV", "V", "nV"] as const;

/** The question that a failure asks, if an answer could help. */
export function questionOf({ kind, came }: Failure): Question | undefined {
  if (kind === "UnitsError") return "units";
  if (kind === "LeadError") return "leads";
  // A recording can be unfit otherwise as well; only a rate is something to tell.
  return kind === "RecordError" && /\brate\b|\bHz\b|\btime column\b/.test(came.template) ? "rate" : undefined;
}

/**
 * The names of a table's columns, or of a header's signals, as far as its first 64 KB tell; a column without a name
 * is an empty string.
 */
export async function columnsOf(file: File): Promise<readonly string[]> {
  const lines = (await file.slice(0, 65_536).text())
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
  asked: Question,
  given: Hints,
  columns: readonly string[],
  answer: (hints: Hints) => void,
): HTMLFormElement {
  const wants = (question: Question, hint: unknown) => asked === question || hint !== undefined;
  const units = wants("units", given.units) && unitsField(given.units);
  const rate = wants("rate", given.rateHz) && rateField(given.rateHz);
  const leads = wants("leads", given.leads) && columns.length > 0 && leadsField(columns, given.leads);
  return h(
    "form",
    {
      class: "question",
      onsubmit: (event) => {
        event.preventDefault();
        const form = new FormData(event.target as HTMLFormElement);
        answer({
          units: units ? String(form.get("units")) : undefined,
          rateHz: rate ? Number(form.get("rate")) : undefined,
          leads: leads ? (form.getAll("lead") as NonNullable<Hints["leads"]>) : undefined,
        });
      },
    },
    units,
    rate,
    leads,
    h("button", { class: "primary", type: "submit" }, t("question_go")),
  );
}

function unitsField(given: string | undefined): HTMLFieldSetElement {
  return h(
    "fieldset",
    {},
    h("legend", {}, t("question_units")),
    h("p", { class: "hint" }, t("question_units_hint")),
    UNITS.map((unit) =>
      h(
        "label",
        { class: "choice" },
        h("input", { type: "radio", name: "units", value: unit, required: true, checked: unit === given }),
        h("span", {}, t(`unit_${unit}`)),
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
        required: true,
        value: given,
        "aria-describedby": "rate-hint",
      }),
      "Hz",
    ),
  );
}

function leadsField(columns: readonly string[], given: Hints["leads"]): HTMLFieldSetElement {
  return h(
    "fieldset",
    {},
    h("legend", {}, t("question_leads")),
    h("p", { class: "hint" }, count("question_leads_hint", columns.length)),
    h(
      "div",
      { class: "columns" },
      columns.map((name, k) => {
        const is = given?.[k] ?? guess(name, k, columns);
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

/** What stands in the form at first: a lead of that name; all twelve in their order where the columns are twelve. */
function guess(name: string, k: number, columns: readonly string[]): string {
  const lead = LEADS.find((one) => one.toLowerCase() === name.toLowerCase());
  if (lead) return lead;
  if (/^(time|t|seconds?)\b/i.test(name)) return "time";
  return columns.length === LEADS.length && columns.every((one) => one === "") ? (LEADS[k] ?? "-") : "-";
}
