/** The first view: one thing to do, a demo for whoever has no recording, and the history. */

import { h } from "../../dom";
import { type Entry, MAX_ENTRIES } from "../../history";
import { count, date, number, t } from "../../i18n";
import { type Example, exampleName, loadExamples } from "../examples";
import { confirm, findingLine, notADevice, opener, paperBand } from "../parts";
import { change, settings } from "../settings";
import type { App, View } from "../view";

/** Entries from which on they can be searched. */
const MANY = 10;
/** Long enough to see that the wrong one was deleted. */
const UNDO_MS = 10_000;

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
  let ended: number | undefined;
  const heading = h("h2", { id: "history", tabindex: -1 }, t("history"));
  const hint = h("p", { class: "hint" });
  const rows = h(
    "ul",
    { class: "rows" },
    (kept ?? []).map((entry) => historyRow(entry, remove)),
  );
  const undo = h("p", { class: "undo", hidden: true });
  const search = h("input", { type: "search", "aria-label": t("history_filter"), oninput: () => find() });
  search.placeholder = t("history_filter");
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
    search.hidden = rows.childElementCount <= MANY;
  };

  function find(): void {
    const wanted = search.value.trim().toLowerCase();
    const all = [...rows.children] as HTMLElement[];
    for (const row of all) row.hidden = !row.textContent.toLowerCase().includes(wanted);
    app.announce(count("history_found", all.filter((row) => !row.hidden).length));
  }

  async function remove({ id, name }: Entry, row: HTMLElement): Promise<void> {
    const gone = await app.session.history.get(id);
    await app.session.history.delete(id);
    const [before, after] = [row.previousElementSibling, row.nextElementSibling];
    row.remove();
    update();
    ((after ?? before)?.querySelector<HTMLElement>("a") ?? heading).focus();
    app.announce(t("history_deleted"));
    if (gone)
      offerBack(name, async () => {
        await app.session.history.put(gone.entry, gone.record);
        if (after?.isConnected) after.before(row);
        else rows.append(row);
        update();
        row.querySelector("a")?.focus();
        app.announce(t("history_restored"));
      });
  }

  /** For some seconds, or as long as the focus or the mouse is on it. */
  function offerBack(name: string, restore: () => Promise<void>): void {
    const bring = async () => {
      undo.hidden = true;
      await restore();
    };
    undo.replaceChildren(
      t("history_deleted_one", { name }),
      " ",
      h("button", { type: "button", class: "quiet", onclick: bring }, t("history_undo")),
    );
    undo.hidden = false;
    clearTimeout(ended);
    const end = () => {
      if (undo.matches(":hover, :focus-within")) ended = window.setTimeout(end, UNDO_MS);
      else undo.hidden = true;
    };
    ended = window.setTimeout(end, UNDO_MS);
  }

  async function deleteAll(): Promise<void> {
    const question = count("history_delete_ask", rows.childElementCount);
    if (!(await confirm(question, t("history_delete_warning"), t("history_delete_all")))) return;
    await app.session.history.clear();
    rows.replaceChildren();
    undo.hidden = true;
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
    undo,
    search,
    rows,
    kept &&
      h("div", { class: "history-foot" }, h("label", { class: "choice" }, keep, h("span", {}, t("history_keep"))), all),
  );
}

function historyHint(available: boolean, empty: boolean): string {
  if (!available) return t("history_unavailable");
  if (!empty) return t("history_hint", { n: number(MAX_ENTRIES) });
  return settings.keepHistory ? t("history_empty") : t("history_off");
}

function historyRow(entry: Entry, remove: (entry: Entry, row: HTMLElement) => Promise<void>): HTMLElement {
  const { id, name, date: opened, finding } = entry;
  const row: HTMLElement = h(
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
        onclick: () => remove(entry, row),
      },
      t("history_delete_short"),
    ),
  );
  return row;
}
