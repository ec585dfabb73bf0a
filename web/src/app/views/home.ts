/** The first view: one thing to do, a demo for whoever has no recording, and the history. */

import { h } from "../../dom";
import type { Entry } from "../../history";
import { count, date, t } from "../../i18n";
import { type Example, exampleName, loadExamples } from "../examples";
import { confirm, findingLine, notADevice, opener, paperBand } from "../parts";
import { change, settings } from "../settings";
import type { App, View } from "../view";

export async function homeView(app: App): Promise<View> {
  const [examples, entries] = await Promise.all([loadExamples(), loadHistory(app)]);
  const demo = examples.length > 0 && demoSection(app, examples);
  const history = historySection(app, entries);
  const element = h(
    "div",
    { class: "home" },
    h(
      "section",
      { class: "opening" },
      h("h1", { tabindex: -1 }, t("tagline")),
      h("p", { class: "lead-in" }, t("lead_in")),
      h("div", { class: "paper" }, paperBand()),
      opener((files) => app.open(files)),
      h("p", { class: "hint" }, t("open_hint"), " ", h("span", { class: "with-mouse" }, t("open_or_drop"))),
      notADevice(),
    ),
    h("div", { class: "beside" }, entries?.length ? [history, demo] : [demo, history]),
  );
  return { title: t("title"), element };
}

function demoSection(app: App, examples: readonly Example[]): HTMLElement {
  return h(
    "section",
    { class: "demo", "aria-labelledby": "demo" },
    h("h2", { id: "demo" }, t("demo")),
    h("p", { class: "hint" }, t("demo_hint")),
    h(
      "ul",
      { class: "examples" },
      examples.map((example) =>
        h(
          "li",
          {},
          h(
            "button",
            { type: "button", class: "row", onclick: () => app.go(`example/${example.id}`) },
            exampleName(example),
          ),
        ),
      ),
    ),
  );
}

/** Undefined where the browser keeps none, as in a private window: everything else works. */
async function loadHistory(app: App): Promise<readonly Entry[] | undefined> {
  try {
    return await app.session.history.entries();
  } catch {
    return undefined;
  }
}

/** It mends itself in place, so that the focus is never lost with what it stood on. */
function historySection(app: App, kept: readonly Entry[] | undefined): HTMLElement {
  const heading = h("h2", { id: "history", tabindex: -1 }, t("history"));
  const hint = h("p", { class: "hint" });
  const rows = h(
    "ul",
    { class: "rows" },
    (kept ?? []).map((entry) => historyRow(app, entry, removed)),
  );
  const keep = h("input", {
    type: "checkbox",
    checked: settings.keepHistory,
    onchange: () => {
      change({ keepHistory: keep.checked });
      update();
    },
  });
  const all = h("button", { type: "button", class: "quiet", onclick: () => deleteAll() }, t("history_delete_all"));
  const update = () => {
    const empty = rows.childElementCount === 0;
    hint.textContent = historyHint(kept !== undefined, empty);
    rows.hidden = all.hidden = empty;
  };

  function removed(row: HTMLElement): void {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    update();
    (next?.querySelector<HTMLElement>("a") ?? heading).focus();
    app.announce(t("history_deleted"));
  }

  async function deleteAll(): Promise<void> {
    const question = count("history_delete_ask", rows.childElementCount);
    if (!(await confirm(question, t("history_delete_warning"), t("history_delete_all")))) return;
    await app.session.history.clear();
    rows.replaceChildren();
    update();
    heading.focus();
    app.announce(t("history_deleted"));
  }

  update();
  return h(
    "section",
    { class: "history", "aria-labelledby": "history" },
    heading,
    hint,
    rows,
    kept &&
      h("div", { class: "history-foot" }, h("label", { class: "choice" }, keep, h("span", {}, t("history_keep"))), all),
  );
}

function historyHint(available: boolean, empty: boolean): string {
  if (!available) return t("history_unavailable");
  if (!empty) return t("history_hint");
  return settings.keepHistory ? t("history_empty") : t("history_off");
}

function historyRow(app: App, { id, name, date: opened, finding }: Entry, removed: (row: HTMLElement) => void) {
  const row = h(
    "li",
    {},
    h(
      "a",
      { class: "row", href: `#/recording/${id}` },
      findingLine(finding),
      h("span", { class: "source" }, h("bdi", {}, name), h("span", {}, date(opened))),
    ),
    h(
      "button",
      {
        type: "button",
        class: "quiet delete",
        "aria-label": t("history_delete", { name }),
        onclick: async () => {
          await app.session.history.delete(id);
          removed(row);
        },
      },
      t("history_delete_short"),
    ),
  );
  return row;
}
