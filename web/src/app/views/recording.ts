/** One recording: the verdict, the tracing, and all that is known of it. */

import { bar, h } from "../../dom";
import type { Finding } from "../../edge/decision";
import type { Failure } from "../../edge/errors";
import { durationS, type Record } from "../../edge/record";
import { MAX_BYTES, MAX_ENTRIES, MAX_RECORD_BYTES } from "../../history";
import { count, date, number, t } from "../../i18n";
import { Tracing } from "../../tracing/viewer";
import { exportBar } from "../exports";
import { probability as probabilityOf } from "../likelihood";
import { back, failureText, failureTitle, heartRate, limits, opener, rhythmName } from "../parts";
import { allQuestions, answered, columnsOf, type Question, questionForm, questionsOf } from "../questions";
import { lost } from "../reloaded";
import { type Item, missingFile, type Opened } from "../session";
import { tracingText } from "../tracing_text";
import type { App, View } from "../view";
import { facts, meaning, nextLikely, overTime, remarks, sentences, signal } from "./details";

const MIB = 1024 * 1024;
/** Over this long a recording shows its findings over time. */
const ONE_WINDOW_S = 10;

/**
 * @param opened - undefined where it is neither open nor kept any more.
 * @param change - whether the answers that it was read with are to be changed.
 */
export async function recordingView(app: App, opened: Opened | undefined, change = false): Promise<View> {
  if (!opened) return goneView(app, t("gone_title"), t("gone"));
  const { failure, finding, record, item } = opened;
  const questions = new Set([
    ...(failure ? questionsOf(failure) : []),
    ...(change && item ? answered(item.hints) : []),
  ]);
  if (item && questions.size) return questionView(app, opened, questions, item);
  const tracing = record && tracingOf(opened.id, record, finding);
  const element = h(
    "article",
    { class: "recording" },
    backOf(app, opened),
    failure && failureHead(opened),
    finding && verdict(finding, opened),
    failure && [
      failureText(failure),
      item && addition(app, item, failure),
      opener((files) => app.open(files), "plain"),
    ],
    item?.notKept && h("p", { class: "notice" }, notKept(item.notKept)),
    tracing?.element,
    record && finding && exportBar(record, finding, opened, shownFrom(record, finding)),
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

const notKept = (why: NonNullable<Item["notKept"]>): string =>
  t(`history_${why}`, {
    n: number(MAX_ENTRIES),
    all: number(MAX_BYTES / MIB),
    each: number(MAX_RECORD_BYTES / MIB),
  });

/** What is no longer open; where a reload did that, it says so. */
export function goneView(app: App, title: string, ...more: readonly string[]): View {
  const before = lost();
  const reloaded = before && [
    before.open > 0 && count("reloaded", before.open),
    before.kept > 0 && count("reloaded_kept", before.kept),
  ];
  return {
    title,
    element: h(
      "article",
      { class: "recording" },
      back("", t("home")),
      h("h1", { tabindex: -1 }, title),
      (before && (before.open > 0 || more.length === 0) ? reloaded : more)?.map(
        (sentence) => sentence && h("p", {}, sentence),
      ),
      opener((files) => app.open(files)),
    ),
  };
}

/** Where a file is missing beside those that were picked. */
function addition(app: App, item: Item, failure: Failure): HTMLElement | false {
  const file = missingFile(failure);
  const add = async (files: readonly File[]) => {
    await app.session.add(item, files);
    app.go(`recording/${item.id}`);
  };
  return file !== undefined && opener(add, "primary", { text: t("open_too", { file }), id: "picker-too" });
}

const backOf = (app: App, { item }: Opened): HTMLElement =>
  item && app.session.items.length > 1 ? back("list", t("list_back")) : back("", t("home"));

const source = ({ name, date: opened }: Opened): HTMLElement =>
  h("p", { class: "source" }, h("bdi", {}, name), h("span", {}, date(opened)));

/** The answer, at the size of an answer; what is undecided says so first, and why, before it names the nearest. */
function verdict(finding: Finding, opened: Opened): HTMLElement {
  const { rhythm, probability, abstained, reasons } = finding;
  const name = rhythmName(rhythm);
  const figures = h(
    "dl",
    { class: "figures" },
    h(
      "div",
      { class: "probability" },
      h("dt", {}, t("probability")),
      h("dd", {}, probabilityOf(finding)),
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
    abstained && [h("p", { class: "nearest" }, t("undecided_nearest", { rhythm: name })), why],
    figures,
    new Set(finding.windows.map((window) => window.rhythm)).size > 1 && h("p", { class: "todo" }, t("changes")),
    abstained && h("p", { class: "todo" }, t("undecided_todo")),
    opened.simulated && h("p", { class: "hint" }, t("simulated")),
    limits(),
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
  const all = await allQuestions(questions, columns, (hints) =>
    app.classifier.classify(item.name, item.files, { ...item.hints, ...hints }),
  );
  const answer = async (hints: Item["hints"]) => {
    await app.session.answer(item, hints);
    app.go(`recording/${item.id}`);
  };
  const element = h(
    "article",
    { class: "recording" },
    opened.finding ? back(`recording/${item.id}`, t("back")) : backOf(app, opened),
    h(
      "header",
      { class: "verdict" },
      source(opened),
      h("h1", { tabindex: -1 }, opened.failure ? t("question_title") : t("answers_change")),
    ),
    // The form itself shows what is allowed.
    opened.failure && failureText({ ...opened.failure, allowed: undefined }),
    questionForm(all, item.hints, columns, answer),
  );
  return { title: t("question_title"), element };
}

/** How the tracing was looked at that was left last, for whoever comes back to it. */
let left: { readonly id: string; readonly state: Tracing["state"] } | undefined;

/** The tracing, and what shows another stretch of it. */
function tracingOf(id: string, record: Record, finding: Finding | undefined) {
  const host = h("div");
  const element = h(
    "section",
    { class: "on-paper", "aria-labelledby": "tracing" },
    h("h2", { id: "tracing", class: "unseen", tabindex: -1 }, t("tracing")),
    host,
  );
  const state = left?.id === id ? left.state : { startS: finding ? shownFrom(record, finding) : 0 };
  let tracing = new Tracing(host, record, tracingText(), state);
  const goTo = (startS: number) => {
    const { state } = tracing;
    tracing.destroy();
    tracing = new Tracing(host, record, tracingText(), { ...state, startS });
    element.scrollIntoView({ block: "nearest" });
    element.querySelector("h2")?.focus({ preventScroll: true });
  };
  const leave = () => {
    left = { id, state: tracing.state };
    tracing.destroy();
  };
  return { element, goTo, leave };
}

/** Where a recording is shown first: the window that speaks most for the finding. As in the package's report. */
function shownFrom(record: Record, { windows, rhythm }: Finding): number {
  const own = windows.filter((window) => window.rhythm === rhythm && window.startS < durationS(record));
  return own.reduce(
    (best, window) => (window.probability > best.probability ? window : best),
    own[0] ?? { startS: 0, probability: 0 },
  ).startS;
}
