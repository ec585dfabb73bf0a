/** What can be taken out of a recording: a sheet as PDF or picture, and the finding as JSON. */
import type { ModelFacts } from "../classifier";
import { h } from "../dom";
import type { Finding } from "../edge/decision";
import { toPlain } from "../edge/decision";
import type { Failure } from "../edge/errors";
import { durationS, type Record } from "../edge/record";
import { say } from "../edge/words";
import { count, date, direction, language, list, number, t } from "../i18n";
import { sheetPdf } from "../tracing/pdf";
import { sheetPng } from "../tracing/sheet";
import type { SheetText } from "../tracing/types";
import { percent, probability } from "./likelihood";
import { answersOf, clock, formatName, heartRate, rhythmName, sentence } from "./parts";
import { canShare, save, share } from "./save";
import type { Item, Opened } from "./session";
import { paperText } from "./tracing_text";
import { mean, runsOf } from "./views/details";

/** Probabilities on a sheet: the three likeliest, and more where they count. */
const SHOWN = { least: 3, most: 6, from: 0.02 } as const;

/** @param startS - where the tracing of a sheet begins. */
export function exportBar(record: Record, finding: Finding, opened: Opened, startS: number): HTMLElement {
  const status = h("p", { class: "hint", role: "status" });
  const base = record.path.replace(/\.\w+$/, "");
  const make = {
    pdf: async () =>
      new File([await sheetPdf(record, sheetText(record, finding, opened), startS)], `${base}.pdf`, {
        type: "application/pdf",
      }),
    png: async () =>
      new File([await sheetPng(record, sheetText(record, finding, opened), startS)], `${base}.png`, {
        type: "image/png",
      }),
    json: async () => new File([json(record, finding, opened)], `${base}.json`, { type: "application/json" }),
  } as const;
  const button = (name: string, format: keyof typeof make, hand: typeof save) =>
    h(
      "button",
      {
        type: "button",
        class: "plain",
        onclick: async () => {
          status.textContent = "";
          try {
            await hand(await make[format]());
          } catch (error) {
            console.error(error);
            status.textContent = t("export_failed");
          }
        },
      },
      name,
    );
  const probe = new File([], "a.pdf", { type: "application/pdf" });
  return h(
    "section",
    { class: "exports", "aria-labelledby": "export" },
    h("h2", { id: "export" }, t("export")),
    h(
      "div",
      { class: "actions" },
      button(t("export_pdf"), "pdf", save),
      button(t("export_png"), "png", save),
      button(t("export_json"), "json", save),
      canShare(probe) && button(t("export_share"), "pdf", share),
    ),
    status,
  );
}

/** As `ecglite classify --json` prints it (docs/json.md); an example says that it is one. */
const json = ({ path }: Record, finding: Finding, { simulated }: Opened): string =>
  `${JSON.stringify({ path, ...(simulated && { simulated }), ...toPlain(finding) }, null, 1)}\n`;

/** What can be taken out of a list: a line for each recording, as the command line prints them. */
export function listExports(items: readonly Item[], facts: Promise<ModelFacts>): HTMLElement {
  const button = (text: string, file: string, type: string, made: typeof listCsv) => {
    const onclick = async () => {
      const { name, version, labels } = await facts;
      await save(new File([made(items, `${name} ${version}`, labels)], file, { type }));
    };
    return h("button", { type: "button", class: "plain", onclick }, text);
  };
  return h(
    "section",
    { class: "exports", "aria-labelledby": "export" },
    h("h2", { id: "export" }, t("list_save")),
    h(
      "div",
      { class: "actions" },
      button(t("list_csv"), "ecglite.csv", "text/csv", listCsv),
      button(t("list_json"), "ecglite.jsonl", "application/jsonl", listJson),
    ),
  );
}

type Read = Pick<Item, "name" | "finding" | "failure">;

/** As `ecglite classify --json` prints a list. */
export const listJson = (items: readonly Read[], model: string): string =>
  items.map((item) => `${JSON.stringify(lineOf(item, model))}\n`).join("");

function lineOf({ name, finding, failure }: Read, model: string) {
  if (finding) return { path: name, ...toPlain(finding) };
  return failure && { path: name, error: inOneLine(failure), error_type: failure.kind, model };
}

const COLUMNS = [
  ...["path", "rhythm", "name", "probability", "heart_rate_bpm", "abstained", "quality", "notes", "model", "error"],
] as const;

/** As `ecglite classify --csv` prints it. @param labels - of the model, in its order. */
export function listCsv(items: readonly Read[], model: string, labels: readonly string[]): string {
  const rows = items.map(({ name, finding, failure }) => {
    if (!finding)
      return [name, "", "", "", "", "", "", "", model, failure ? inOneLine(failure) : "", ...labels.map(() => "")];
    const found = toPlain(finding);
    const notes = [...found.reasons, ...found.quality.notes].join("; ");
    const abstained = found.abstained ? "True" : "False";
    return [
      ...[name, found.rhythm, found.name, found.probability, found.heart_rate_bpm ?? "", abstained],
      ...[found.quality.verdict, notes, found.model, ""],
      ...labels.map((label) => found.probabilities[label] ?? ""),
    ];
  });
  const head = [...COLUMNS, ...labels.map((label) => `p_${label}`)];
  return [head, ...rows].map((row) => `${row.map(cell).join(",")}\n`).join("");
}

function cell(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** What came, what is allowed, what to do. */
function inOneLine({ came, allowed, todo }: Failure): string {
  return [say(came), allowed && `allowed: ${say(allowed)}`, todo && say(todo)].filter(Boolean).join("; ");
}

function sheetText(record: Record, finding: Finding, opened: Opened): SheetText {
  const { ageYears, sex } = record.patient;
  const name = rhythmName(finding.rhythm);
  const ranked = Object.entries(finding.probabilities).sort(([, a], [, b]) => b - a);
  const told = [...finding.reasons, ...finding.quality.notes, ...record.notes].map(sentence);
  const answers = answersOf(opened.hints ?? {});
  const remarks = answers.length ? [t("you_said", { answers: list(answers) }), ...told] : told;
  const duration = t("seconds", { n: number(durationS(record), 2) });
  return {
    ...paperText(),
    direction: direction(),
    language: language(),
    title: record.path,
    verdict: finding.abstained ? t("undecided_line", { rhythm: name }) : name,
    facts: [
      probability(finding),
      `${t("heart_rate")}: ${heartRate(finding.heartRateBpm)}`,
      list(
        [sex && t(`sex_${sex}`), ageYears !== null && count("years", ageYears)].filter(
          (fact) => typeof fact === "string",
        ),
      ),
      list([
        count("leads_count", record.leads.length),
        t("duration_at_rate", { duration, rate: t("hertz", { n: number(record.samplingRateHz, 3) }) }),
        formatName(record.format),
      ]),
      list([date(opened.date), finding.model]),
    ].filter((fact) => fact !== ""),
    probabilities: ranked
      .filter(([, share], place) => place < SHOWN.least || share >= SHOWN.from)
      .slice(0, SHOWN.most)
      .map(([label, share]) => [rhythmName(label), share, percent(share)]),
    alerts: [
      ...(finding.abstained ? [t("undecided_todo")] : []),
      ...(new Set(finding.windows.map((window) => window.rhythm)).size > 1 ? [t("changes")] : []),
    ],
    ...(finding.windows.length > 1 && { overTime: overTimeLine(finding, record) }),
    remarks: [...new Set(opened.simulated ? [t("simulated"), ...remarks] : remarks)],
    notADevice: `${t("rhythm_alone")} ${t("not_a_device")}`,
    scale: (mmPerMv) => t("scale", { gain: number(mmPerMv) }),
  };
}

/** The whole of a recording of which the sheet shows ten seconds. */
function overTimeLine(finding: Finding, record: Record): NonNullable<SheetText["overTime"]> {
  const runs = runsOf(finding.windows, durationS(record));
  const stretches = runs.map(({ startS, endS, rhythm, windows }) =>
    t("over_time_stretch", {
      stretch: t("from_to", { start: clock(startS), end: clock(endS) }),
      rhythm: rhythmName(rhythm),
      percent: percent(mean(windows)),
    }),
  );
  const inWords = (shown: number): string => {
    const more = runs.length - shown;
    const told = [...stretches.slice(0, shown), ...(more > 0 ? [count("over_time_more", more)] : [])];
    return t("over_time_line", { stretches: told.join(t("semicolon")) });
  };
  return { stretches: runs.length, inWords };
}
