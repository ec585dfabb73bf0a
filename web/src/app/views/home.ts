/** The first view: one thing to do, a demo for whoever has no recording, and the history. */
import type { Entry } from "../../history";
import { count, date, t } from "../../i18n";
import { h } from "../dom";
import { confirm, findingLine, notADevice, opener, paperBand, rhythmName } from "../parts";
import { change, settings } from "../settings";
import type { App, View } from "../view";

/** One line of examples/index.json. */
interface Example {
  readonly file: string;
  readonly files: readonly string[];
  readonly rhythm: string;
}

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

/** None where the server is gone and the browser has thrown the page's cache away. */
async function loadExamples(): Promise<readonly Example[]> {
  const response = await fetch("examples/index.json").catch(() => undefined);
  return response?.ok ? response.json() : [];
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
          h("button", { type: "button", class: "row", onclick: () => openExample(app, example) }, exampleName(example)),
        ),
      ),
    ),
  );
}

function exampleName({ file, rhythm }: Example): string {
  const name = rhythmName(rhythm);
  return /restless/.test(file) ? t("demo_restless", { rhythm: name }) : name;
}

async function openExample(app: App, example: Example): Promise<void> {
  const files = await Promise.all(
    example.files.map(async (name) => new File([await (await fetch(`examples/${name}`)).blob()], name)),
  );
  await app.open(files, { simulated: true });
}

/** Undefined where the browser keeps none, as in a private window: everything else works. */
async function loadHistory(app: App): Promise<readonly Entry[] | undefined> {
  try {
    return await app.session.history.entries();
  } catch {
    return undefined;
  }
}

function historyHint(entries: readonly Entry[] | undefined): string {
  if (!entries) return t("history_unavailable");
  if (entries.length > 0) return t("history_hint");
  return settings.keepHistory ? t("history_empty") : t("history_off");
}

function historySection(app: App, kept: readonly Entry[] | undefined): HTMLElement {
  const entries = kept ?? [];
  return h(
    "section",
    { class: "history", "aria-labelledby": "history" },
    h("h2", { id: "history" }, t("history")),
    h("p", { class: "hint" }, historyHint(kept)),
    entries.length > 0 &&
      h(
        "ul",
        { class: "rows" },
        entries.map((entry) => historyRow(app, entry)),
      ),
    kept &&
      h(
        "div",
        { class: "history-foot" },
        h(
          "label",
          { class: "choice" },
          h("input", {
            type: "checkbox",
            checked: settings.keepHistory,
            onchange: (event) => {
              change({ keepHistory: (event.target as HTMLInputElement).checked });
              void app.refresh();
            },
          }),
          h("span", {}, t("history_keep")),
        ),
        entries.length > 0 &&
          h(
            "button",
            { type: "button", class: "quiet", onclick: () => deleteAll(app, entries.length) },
            t("history_delete_all"),
          ),
      ),
  );
}

function historyRow(app: App, { id, name, date: opened, finding }: Entry): HTMLElement {
  const remove = async () => {
    await app.session.history.delete(id);
    await app.refresh();
    app.announce(t("history_deleted"));
  };
  return h(
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
      { type: "button", class: "quiet delete", "aria-label": t("history_delete", { name }), onclick: remove },
      t("history_delete_short"),
    ),
  );
}

async function deleteAll(app: App, n: number): Promise<void> {
  if (!(await confirm(count("history_delete_ask", n), t("history_delete_warning"), t("history_delete_all")))) return;
  await app.session.history.clear();
  await app.refresh();
  app.announce(t("history_deleted"));
}
