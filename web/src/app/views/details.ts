/** What stands below the tracing: what the rhythm means, what else it may be, and what is known of signal and file. */

import { bar, type Child, h } from "../../dom";
import type { Finding, WindowFinding } from "../../edge/decision";
import type { LeadQuality } from "../../edge/quality";
import { durationS, LEADS, type Record } from "../../edge/record";
import { isRhythm } from "../../edge/rhythms";
import type { Words } from "../../edge/words";
import { count, date, list, micro, number, t, tell } from "../../i18n";
import { percent } from "../likelihood";
import { answersOf, clock, formatName, rhythmName, sentence } from "../parts";
import type { Opened } from "../session";

/** Stretches that "Over time" lists at first. */
const MOST_RUNS = 12;

const section = (title: string, kind: string, ...content: readonly Child[]): HTMLElement =>
  h("section", { class: kind }, h("h2", {}, title), content);

/** Of what is undecided it is no fact. */
export const meaning = ({ rhythm, abstained }: Finding): HTMLElement | false =>
  isRhythm(rhythm) &&
  section(
    abstained ? t("meaning_would", { rhythm: rhythmName(rhythm) }) : t("meaning"),
    "meaning",
    h("p", {}, t(`means_${rhythm}`)),
  );

export function nextLikely({ alternatives, probabilities, rhythm }: Finding): HTMLElement {
  const rows = (ranked: readonly (readonly [string, number])[]) =>
    h(
      "ul",
      { class: "ranked" },
      ranked.map(([label, share]) =>
        h(
          "li",
          {},
          h("span", {}, rhythmName(label)),
          bar(share, label === rhythm ? "" : "other"),
          h("span", { class: "n" }, percent(share)),
        ),
      ),
    );
  const all = Object.entries(probabilities).sort(([, a], [, b]) => b - a);
  return section(
    t("next"),
    "next",
    alternatives.length ? rows(alternatives) : h("p", {}, t("next_none")),
    h("details", {}, h("summary", {}, t("all_probabilities")), rows(all)),
  );
}

/** The limb and chest leads as an ECG is printed: four columns of three. */
export function signal(finding: Finding, record: Record | undefined): HTMLElement {
  const byLead = new Map(finding.quality.leads.map((lead) => [lead.lead, lead]));
  const known = record ? record.leads : [...byLead.keys()];
  const cell = (quality: LeadQuality | undefined, lead: string) => {
    const verdictOf = quality ? quality.verdict : "absent";
    return h(
      "li",
      { class: verdictOf },
      h("b", {}, h("bdi", {}, lead)),
      " ",
      h("span", {}, quality ? t(`quality_${quality.verdict}`) : t("not_recorded")),
    );
  };
  return section(
    t("quality"),
    "signal",
    h(
      "ol",
      { class: "leads" },
      LEADS.map((lead) => cell(known.includes(lead) ? byLead.get(lead) : undefined, lead)),
    ),
  );
}

export function remarks(finding: Finding, record: Record | undefined): HTMLElement {
  const notes = [...finding.quality.notes, ...(record?.notes ?? [])];
  const told = new Map(notes.map((note) => [tell(note), note]));
  return section(t("remarks"), "remarks", told.size ? sentences([...told.values()]) : h("p", {}, t("remarks_none")));
}

export const sentences = (all: readonly Words[]): HTMLElement =>
  h(
    "ul",
    { class: "sentences" },
    all.map((words) => h("li", {}, `${sentence(words)}.`)),
  );

/** Windows that follow each other and agree, as one stretch. */
export function runsOf(windows: readonly WindowFinding[], endS: number) {
  const runs: { startS: number; endS: number; rhythm: string; windows: WindowFinding[] }[] = [];
  for (const window of windows) {
    const last = runs.at(-1);
    if (last?.rhythm === window.rhythm) last.windows.push(window);
    else {
      if (last) last.endS = window.startS;
      runs.push({ startS: window.startS, endS, rhythm: window.rhythm, windows: [window] });
    }
  }
  return runs;
}

/** The mean probability of a stretch's windows. */
export const mean = (windows: readonly WindowFinding[]): number =>
  windows.reduce((sum, { probability }) => sum + probability, 0) / windows.length;

export function overTime(finding: Finding, record: Record, goTo: ((startS: number) => void) | undefined): HTMLElement {
  const runs = runsOf(finding.windows, durationS(record));
  const strip = h("div", { class: "strip", "aria-hidden": "true" });
  for (const run of runs) {
    const part = h("span", { class: run.rhythm === finding.rhythm ? "" : "other" });
    part.style.flexGrow = String(run.endS - run.startS);
    strip.append(part);
  }
  const rows = runs.map((run) =>
    h(
      "li",
      {},
      h(
        "button",
        { type: "button", class: "row", onclick: () => goTo?.(run.startS) },
        h("span", { class: "n" }, t("from_to", { start: clock(run.startS), end: clock(run.endS) })),
        h("span", {}, rhythmName(run.rhythm)),
        h("span", { class: "n" }, percent(mean(run.windows))),
      ),
    ),
  );
  const rest = rows.slice(MOST_RUNS);
  for (const row of rest) row.hidden = true;
  const more = h(
    "button",
    {
      type: "button",
      class: "quiet",
      onclick: () => {
        for (const row of rest) row.hidden = false;
        more.remove();
        rest[0]?.querySelector("button")?.focus();
      },
    },
    count("over_time_all", rest.length),
  );
  return section(
    t("over_time"),
    "over-time",
    h("p", { class: "hint" }, t("over_time_hint")),
    strip,
    h("ul", { class: "runs" }, rows),
    rest.length > 0 && more,
  );
}

export function facts(record: Record, opened: Opened): HTMLElement {
  const { ageYears, sex } = record.patient;
  const patient = [sex && t(`sex_${sex}`), ageYears !== null && count("years", ageYears)].filter(
    (fact) => fact !== null && fact !== false,
  );
  const { hints = {}, item } = opened;
  const said = (value: string, answer: unknown) => (answer === undefined ? value : t("as_you_said", { value }));
  const fact = (term: string, value: Child) => value && h("div", {}, h("dt", {}, term), h("dd", {}, value));
  return section(
    t("facts"),
    "facts-of",
    h(
      "dl",
      { class: "facts" },
      fact(t("fact_file"), h("bdi", {}, opened.name)),
      fact(t("fact_date"), date(opened.date)),
      fact(t("fact_patient"), patient.length > 0 && list(patient)),
      fact(t("fact_leads"), h("bdi", {}, said(record.leads.join(" "), hints.leads))),
      fact(t("fact_duration"), t("seconds", { n: number(durationS(record), durationS(record) < 60 ? 2 : 0) })),
      fact(t("fact_rate"), said(t("hertz", { n: number(record.samplingRateHz, 3) }), hints.rateHz)),
      fact(t("fact_format"), formatName(record.format)),
      fact(t("fact_units"), h("bdi", {}, said(micro(record.units), hints.units))),
      fact(
        t("fact_comments"),
        record.comments.length > 0 && record.comments.map((comment) => h("bdi", { class: "comment" }, comment)),
      ),
      fact(t("fact_code"), opened.finding && h("bdi", {}, opened.finding.rhythm)),
      fact(t("fact_model"), opened.finding && h("bdi", {}, opened.finding.model)),
      fact(t("fact_took"), opened.tookMs !== undefined && t("ms", { n: number(opened.tookMs) })),
    ),
    item &&
      answersOf(hints).length > 0 &&
      h("p", {}, h("a", { href: `#/recording/${item.id}/answers` }, t("answers_change"))),
  );
}
