/** One recording: the verdict, the tracing, and all that is known of it. */
import type { Finding, WindowFinding } from "../../edge/decision";
import type { LeadQuality } from "../../edge/quality";
import { durationS, LEADS, type Record } from "../../edge/record";
import type { Words } from "../../edge/words";
import { count, date, list, lookUp, number, t, tell } from "../../i18n";
import { Tracing } from "../../tracing/viewer";
import { bar, type Child, h } from "../dom";
import { exportBar } from "../exports";
import { likelihood, percent } from "../likelihood";
import {
  abbreviation,
  back,
  clock,
  failureText,
  failureTitle,
  heartRate,
  notADevice,
  opener,
  rhythmName,
  sentence,
} from "../parts";
import { columnsOf, type Question, questionForm, questionsOf } from "../questions";
import type { Item, Opened } from "../session";
import { tracingText } from "../tracing_text";
import type { App, View } from "../view";

/** Over this long a recording shows its findings over time. */
const ONE_WINDOW_S = 10;

export async function recordingView(app: App, id: string): Promise<View> {
  const opened = await app.session.open(id);
  if (!opened) return goneView();
  const { failure, finding, record, item } = opened;
  const questions = failure && questionsOf(failure);
  if (item && questions?.size) return questionView(app, opened, questions, item);
  const tracing = record && tracingOf(record, finding);
  const element = h(
    "article",
    { class: "recording" },
    backOf(app, opened),
    failure && failureHead(opened),
    finding && verdict(finding, opened),
    failure && [failureText(failure), opener((files) => app.open(files), "plain")],
    app.session.trouble && item && h("p", { class: "notice" }, t(`history_${app.session.trouble}`)),
    tracing?.element,
    record && finding && exportBar(record, finding, opened.date, shownFrom(record, finding)),
    h(
      "div",
      { class: "details" },
      finding && meaning(finding),
      finding && nextLikely(finding),
      finding &&
        record &&
        durationS(record) > ONE_WINDOW_S &&
        finding.windows.length > 1 &&
        overTime(finding, record, tracing?.goTo),
      finding && signal(finding, record),
      finding && remarks(finding, record),
      record && facts(record, opened),
    ),
  );
  return {
    title: finding ? `${rhythmName(finding.rhythm)}, ${opened.name}` : opened.name,
    element,
    ...(tracing && { leave: tracing.leave }),
  };
}

function goneView(): View {
  const title = t("gone_title");
  return {
    title,
    element: h(
      "article",
      { class: "recording" },
      back("", t("home")),
      h("h1", { tabindex: -1 }, title),
      h("p", {}, t("gone")),
    ),
  };
}

const backOf = (app: App, { item }: Opened): HTMLElement =>
  item && app.session.items.length > 1 ? back("list", t("list_back")) : back("", t("home"));

const source = ({ name, date: opened }: Opened): HTMLElement =>
  h("p", { class: "source" }, h("bdi", {}, name), h("span", {}, date(opened)));

/** The answer, at the size of an answer; what is undecided says so first, and why, before it names the nearest. */
function verdict(finding: Finding, opened: Opened): HTMLElement {
  const { rhythm, probability, abstained, reasons } = finding;
  const name: Child = [rhythmName(rhythm), " ", abbreviation(rhythm)];
  const figures = h(
    "dl",
    { class: "figures" },
    h(
      "div",
      { class: "probability" },
      h("dt", {}, t("probability")),
      h(
        "dd",
        {},
        // A word for how likely it is would say more than "not sure" does.
        abstained
          ? percent(probability)
          : t("probability_words", { likelihood: likelihood(probability), percent: percent(probability) }),
      ),
      bar(probability, abstained ? "open" : ""),
    ),
    h("div", { class: "rate" }, h("dt", {}, t("heart_rate")), h("dd", {}, heartRate(finding.heartRateBpm))),
  );
  const why = h("div", { class: "why" }, h("h2", { class: "unseen" }, t("undecided_why")), sentences(reasons));
  return h(
    "header",
    { class: abstained ? "verdict open" : "verdict" },
    source(opened),
    h("h1", { tabindex: -1 }, abstained ? t("undecided") : name),
    abstained && [
      h("p", { class: "nearest" }, t("undecided_nearest", { rhythm: rhythmName(rhythm) }), " ", abbreviation(rhythm)),
      why,
    ],
    figures,
    new Set(finding.windows.map((window) => window.rhythm)).size > 1 && h("p", { class: "todo" }, t("changes")),
    abstained && h("p", { class: "todo" }, t("undecided_todo")),
    opened.simulated && h("p", { class: "hint" }, t("simulated")),
    notADevice(),
  );
}

function failureHead(opened: Opened): HTMLElement | false {
  if (!opened.failure) return false;
  return h(
    "header",
    { class: "verdict failed" },
    source(opened),
    h("h1", { tabindex: -1 }, failureTitle(opened.failure)),
  );
}

async function questionView(app: App, opened: Opened, questions: ReadonlySet<Question>, item: Item): Promise<View> {
  const file = item.files.find(({ name }) => name === item.name);
  const columns = file ? await columnsOf(file) : [];
  const answer = async (hints: Item["hints"]) => {
    await app.session.answer(item, hints);
    await app.refresh();
  };
  const element = h(
    "article",
    { class: "recording" },
    backOf(app, opened),
    h("header", { class: "verdict" }, source(opened), h("h1", { tabindex: -1 }, t("question_title"))),
    // The form itself shows what is allowed.
    opened.failure && failureText({ ...opened.failure, allowed: undefined }),
    questionForm(questions, item.hints, columns, answer),
  );
  return { title: t("question_title"), element };
}

/** The tracing, and what shows another stretch of it. */
function tracingOf(record: Record, finding: Finding | undefined) {
  const host = h("div");
  const element = h(
    "section",
    { class: "on-paper", "aria-labelledby": "tracing" },
    h("h2", { id: "tracing", class: "unseen", tabindex: -1 }, t("tracing")),
    host,
  );
  let tracing = new Tracing(host, record, tracingText(), { startS: finding ? shownFrom(record, finding) : 0 });
  const goTo = (startS: number) => {
    tracing.destroy();
    tracing = new Tracing(host, record, tracingText(), { startS });
    element.scrollIntoView({ block: "nearest" });
    element.querySelector("h2")?.focus({ preventScroll: true });
  };
  return { element, goTo, leave: () => tracing.destroy() };
}

/** Where a recording is shown first: the window that speaks most for the finding. As in the package's report. */
function shownFrom(record: Record, { windows, rhythm }: Finding): number {
  const own = windows.filter((window) => window.rhythm === rhythm && window.startS < durationS(record));
  return own.reduce(
    (best, window) => (window.probability > best.probability ? window : best),
    own[0] ?? { startS: 0, probability: 0 },
  ).startS;
}

const section = (title: string, kind: string, ...content: readonly Child[]): HTMLElement =>
  h("section", { class: kind }, h("h2", {}, title), content);

const meaning = ({ rhythm }: Finding): HTMLElement =>
  section(t("meaning"), "meaning", h("p", {}, lookUp(`means_${rhythm}`, rhythmName(rhythm))));

function nextLikely({ alternatives, probabilities, rhythm }: Finding): HTMLElement {
  const rows = (ranked: readonly (readonly [string, number])[]) =>
    h(
      "ul",
      { class: "ranked" },
      ranked.map(([label, share]) =>
        h(
          "li",
          {},
          h("span", {}, rhythmName(label), " ", abbreviation(label)),
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
function signal(finding: Finding, record: Record | undefined): HTMLElement {
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

function remarks(finding: Finding, record: Record | undefined): HTMLElement {
  const notes = [...finding.quality.notes, ...(record?.notes ?? [])];
  const told = new Map(notes.map((note) => [tell(note), note]));
  return section(t("remarks"), "remarks", told.size ? sentences([...told.values()]) : h("p", {}, t("remarks_none")));
}

const sentences = (all: readonly Words[]): HTMLElement =>
  h(
    "ul",
    { class: "sentences" },
    all.map((words) => h("li", {}, `${sentence(tell(words))}.`)),
  );

/** Windows that follow each other and agree, as one stretch. */
function runsOf(windows: readonly WindowFinding[], endS: number) {
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

function overTime(finding: Finding, record: Record, goTo: ((startS: number) => void) | undefined): HTMLElement {
  const runs = runsOf(finding.windows, durationS(record));
  const strip = h("div", { class: "strip", "aria-hidden": "true" });
  for (const run of runs) {
    const part = h("span", { class: run.rhythm === finding.rhythm ? "" : "other" }, run.rhythm);
    part.style.flexGrow = String(run.endS - run.startS);
    strip.append(part);
  }
  const mean = (windows: readonly WindowFinding[]) =>
    windows.reduce((sum, { probability }) => sum + probability, 0) / windows.length;
  return section(
    t("over_time"),
    "over-time",
    h("p", { class: "hint" }, t("over_time_hint")),
    strip,
    h(
      "ul",
      { class: "runs" },
      runs.map((run) =>
        h(
          "li",
          {},
          h(
            "button",
            { type: "button", class: "row", onclick: () => goTo?.(run.startS) },
            h("span", { class: "n" }, t("from_to", { start: clock(run.startS), end: clock(run.endS) })),
            h("span", {}, rhythmName(run.rhythm), " ", abbreviation(run.rhythm)),
            h("span", { class: "n" }, percent(mean(run.windows))),
          ),
        ),
      ),
    ),
  );
}

function facts(record: Record, opened: Opened): HTMLElement {
  const { ageYears, sex } = record.patient;
  const patient = [sex && t(sex), ageYears !== null && count("years", ageYears)].filter(
    (fact) => fact !== null && fact !== false,
  );
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
      fact(t("fact_leads"), h("bdi", {}, record.leads.join(" "))),
      fact(t("fact_duration"), t("seconds", { n: number(durationS(record), 2) })),
      fact(t("fact_rate"), t("hertz", { n: number(record.samplingRateHz, 3) })),
      fact(t("fact_format"), h("bdi", {}, record.format)),
      fact(t("fact_units"), h("bdi", {}, record.units)),
      fact(
        t("fact_comments"),
        record.comments.length > 0 && record.comments.map((comment) => h("bdi", { class: "comment" }, comment)),
      ),
      fact(t("fact_model"), opened.finding && h("bdi", {}, opened.finding.model)),
    ),
  );
}
