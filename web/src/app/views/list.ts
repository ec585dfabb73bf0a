/** Several recordings of one pick: a line each, filled in while they are read. */

import { h } from "../../dom";
import { count, number, t } from "../../i18n";
import { listExports } from "../exports";
import { back, failureTitle, findingLine, limits, sentence } from "../parts";
import { questionsOf } from "../questions";
import type { Item } from "../session";
import type { App, View } from "../view";

export function listView(app: App): View {
  const { session } = app;
  const { items } = session;
  const rows = new Map(items.map((item) => [item, h("li")]));
  const shown = new Map<Item, string>();
  const progress = h("progress", { max: items.length, "aria-label": t("reading") });
  const status = h("p", { class: "hint", role: "status" });
  // Not spoken: a hundred files would be a hundred sentences.
  const soFar = h("p", { class: "hint" });
  const exports = listExports(items, app.classifier.model);
  const update = () => {
    for (const [item, row] of rows) {
      const key = `${item.id} ${item.state} ${item.failure?.kind} ${item.finding?.rhythm}`;
      if (shown.get(item) === key) continue;
      shown.set(item, key);
      row.replaceChildren(itemRow(item));
    }
    const done = items.filter(({ state }) => state === "done");
    progress.value = done.length;
    const ended = done.length === items.length;
    progress.hidden = soFar.hidden = ended;
    exports.hidden = !ended;
    soFar.textContent = t("list_progress", { done: number(done.length), all: number(items.length) });
    const said = ended ? [t("list_done"), ...counts(items)].join(" ") : t("list_started");
    if (status.textContent !== said) status.textContent = said;
  };
  update();
  session.addEventListener("change", update);
  const title = count("list_title", items.length);
  const element = h(
    "div",
    { class: "list" },
    back("", t("home")),
    h("h1", { tabindex: -1 }, title),
    status,
    progress,
    soFar,
    h("ul", { class: "rows" }, [...rows.values()]),
    exports,
    limits(),
  );
  return { title, element, leave: () => session.removeEventListener("change", update) };
}

/** How many of a list want a second look. */
function counts(items: readonly Item[]): readonly string[] {
  const asking = items.filter(({ failure }) => failure && questionsOf(failure).size).length;
  const failed = items.filter(({ failure }) => failure).length - asking;
  const undecided = items.filter(({ finding }) => finding?.abstained).length;
  const notKept = items.filter(({ notKept }) => notKept).length;
  const parts = [
    undecided > 0 && count("list_undecided", undecided),
    asking > 0 && count("list_asking", asking),
    failed > 0 && count("list_failed", failed),
    notKept > 0 && count("list_not_kept", notKept),
  ].filter((part) => part !== false);
  return parts.map((part) => `${part}.`);
}

function itemRow(item: Item): HTMLElement {
  const source = h("span", { class: "source" }, h("bdi", {}, item.name));
  if (item.state !== "done")
    return h("div", { class: "row" }, h("span", { class: "rhythm waiting" }, t(`list_${item.state}`)), source);
  const { finding, failure } = item;
  return h(
    "a",
    { class: "row", href: `#/recording/${item.id}` },
    finding && findingLine(finding),
    failure && [
      h("span", { class: "rhythm failed" }, questionsOf(failure).size ? t("question_title") : failureTitle(failure)),
      h("span", { class: "came" }, sentence(failure.came)),
    ],
    source,
  );
}
