/** The page: its frame, its views by address, and what comes in from outside. */
import { connect } from "../client";
import { h } from "../dom";
import { EcgliteError, type Failure } from "../edge/errors";
import { count, direction, LANGUAGES, language, nearest, setLanguage, t } from "../i18n";
import { ar } from "../i18n/ar";
import { en } from "../i18n/en";
import { filesOf, loadExamples } from "./examples";
import { type Nothing, watchIncoming } from "./incoming";
import { back, confirm, failureText, failureTitle, opener } from "./parts";
import { type Opened, type Refused, Session } from "./session";
import { applyTheme, change, settings, type Theme } from "./settings";
import "./styles/base.css";
import "./styles/frame.css";
import "./styles/home.css";
import "./styles/recording.css";
import "./styles/pages.css";
import { keepOffline, watchInstall } from "./updates";
import type { App, View } from "./view";
import { aboutView } from "./views/about";
import { homeView } from "./views/home";
import { listView } from "./views/list";
import { goneView, recordingView } from "./views/recording";
import { textView } from "./views/text";

/** Only what takes longer than this is worth a word that it does. */
const PATIENCE_MS = 150;
/** Of the files that another app hands over. */
const MOST_NAMES = 8;

const classifier = connect();
const session = new Session(classifier);
const main = h("main", { id: "content" });
const live = h("p", { class: "unseen", role: "status" });
const busy = h("p", { class: "busy", role: "status", hidden: true });
const notice = h("p", { class: "update", role: "status", hidden: true });
const updateButton = h("button", { class: "plain", type: "button", onclick: () => update?.() });
const installButton = h("button", { class: "quiet", type: "button", hidden: true, onclick: () => install?.() });

let shown: View | undefined;
/** Counts what was asked for, so that a view that took long doesn't take the place of a later one. */
let asked = 0;
let install: (() => void) | undefined;
let update: (() => void) | undefined;

const app: App = { classifier, session, open, go, announce };

async function open(files: readonly File[], refused: readonly Refused[] = []): Promise<void> {
  await patiently(t("reading"), async () => {
    const items = await session.pick(files, refused);
    const [first, second] = items;
    if (second) {
      go("list");
      void session.readAll();
      return;
    }
    await session.readAll();
    if (first && session.items === items) go(`recording/${first.id}`); // unless others were opened meanwhile
  });
}

function go(route: string): void {
  const hash = `#/${route}`;
  if (location.hash === hash) void show(true);
  else location.hash = hash;
}

function announce(sentence: string): void {
  live.textContent = sentence;
}

/** Does something, and says that it goes on where it takes long. */
async function patiently(sentence: string, work: () => Promise<void>): Promise<void> {
  const timer = setTimeout(() => {
    busy.textContent = sentence;
    busy.hidden = false;
  }, PATIENCE_MS);
  try {
    await work();
  } catch (error) {
    put(troubleView(error), true);
  } finally {
    clearTimeout(timer);
    busy.hidden = true;
  }
}

/** Shows what the address says. `moved`: the person went there, so the focus does too. */
async function show(moved: boolean): Promise<void> {
  const turn = ++asked;
  await patiently(t("reading"), async () => {
    const view = await viewOf(location.hash.replace(/^#\/?/, ""));
    if (turn === asked) put(view, moved);
    else view.leave?.();
  });
}

async function viewOf(route: string): Promise<View> {
  const [name = "", id = "", part = ""] = route.split("/");
  if (name === "recording") return recordingView(app, await session.open(id), part === "answers");
  if (name === "example") return recordingView(app, await openExample(id));
  if (name === "about") return id === "card" || id === "licences" ? textView(id) : aboutView(app);
  if (name === "list") return session.items.length > 0 ? listView(app) : goneView(app, t("gone_list"));
  return homeView(app);
}

async function openExample(id: string): Promise<Opened | undefined> {
  const example = (await loadExamples()).find((one) => one.id === id);
  return example && session.openExample(id, await filesOf(example));
}

function put(view: View, moved: boolean): void {
  shown?.leave?.();
  shown = view;
  main.replaceChildren(view.element);
  document.title = view.title === t("title") ? view.title : `${view.title} · ${t("title")}`;
  if (!moved) return;
  scrollTo(0, history.state?.scroll ?? 0);
  main.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
}

/** What nobody thought of: the app says so, and goes on. What edge/ refuses, such as its model, has words of its own. */
function troubleView(error: unknown): View {
  console.error(error);
  if (error instanceof EcgliteError) return failureView(error.toFailure());
  return headed(
    t("error_unexpected"),
    h("p", {}, t("error_unexpected_todo")),
    opener(open, "plain"),
    h("details", {}, h("summary", {}, t("error_details")), h("pre", { dir: "ltr" }, String(error))),
  );
}

const failureView = (failure: Failure): View => headed(failureTitle(failure), failureText(failure));

/** What went wrong, in the place of a view. */
function headed(title: string, ...more: readonly HTMLElement[]): View {
  const element = h(
    "article",
    { class: "recording" },
    back("", t("home")),
    h("header", { class: "verdict failed" }, h("h1", { tabindex: -1 }, title)),
    more,
  );
  return { title, element };
}

/** Before anything that came from elsewhere is read. */
function askShared(names: readonly string[]): Promise<boolean> {
  const shown = names.slice(0, MOST_NAMES);
  const rest = names.length - shown.length;
  return confirm(
    count("shared_ask", names.length),
    h(
      "ul",
      {},
      shown.map((name) => h("li", {}, h("bdi", {}, name))),
      rest > 0 && h("li", {}, count("shared_more", rest)),
    ),
    t("shared_open"),
    t("shared_discard"),
  );
}

/** That a share brought nothing: in the place of the view that is being built. */
function saySharedNothing(why: Nothing): void {
  asked++;
  put(headed(t(`shared_${why}`), h("p", {}, t(`shared_${why}_todo`)), opener(open, "plain")), true);
}

/** The page around the views, in the language that holds. */
function frame(): void {
  document.documentElement.lang = language();
  document.documentElement.dir = direction();
  document.body.dataset.drop = t("drop_here");
  installButton.textContent = t("install");
  updateButton.textContent = t("update_go");
  notice.replaceChildren(t("update"), " ", updateButton);
  document.body.replaceChildren(
    h("a", { class: "skip", href: "#content", onclick: skip }, t("skip")),
    h(
      "header",
      { class: "top" },
      h("a", { class: "brand", href: "#/" }, t("title")),
      h("nav", { "aria-label": t("title") }, h("a", { href: "#/about" }, t("about"))),
    ),
    main,
    busy,
    live,
    notice,
    h("footer", {}, h("h2", { class: "unseen" }, t("settings")), languageSwitch(), themeSwitch(), installButton),
  );
}

function skip(event: Event): void {
  event.preventDefault(); // the address is the view's
  main.querySelector<HTMLElement>("h1")?.focus();
}

function languageSwitch(): HTMLElement {
  const names = { en: en.language_name, ar: ar.language_name };
  const select = h(
    "select",
    {
      onchange: () => {
        change({ language: select.value });
        setLanguage(nearest([select.value]));
        frame();
        document.querySelector<HTMLElement>("footer select")?.focus();
        void show(false);
      },
    },
    LANGUAGES.map((one) => h("option", { value: one, lang: one, selected: one === language() }, names[one])),
  );
  return h("label", {}, h("span", {}, t("language")), select);
}

function themeSwitch(): HTMLElement {
  const select = h(
    "select",
    {
      onchange: () => {
        change({ theme: select.value as Theme });
        applyTheme();
      },
    },
    (["auto", "light", "dark"] as const).map((one) =>
      h("option", { value: one, selected: one === settings.theme }, t(`theme_${one}`)),
    ),
  );
  return h("label", {}, h("span", {}, t("theme")), select);
}

setLanguage(nearest(settings.language ? [settings.language] : navigator.languages));
applyTheme();
frame();
// Going back finds a view where it was left; the browser would look before the view is built.
history.scrollRestoration = "manual";
addEventListener("scrollend", () => history.replaceState({ scroll: scrollY }, ""));
addEventListener("hashchange", () => show(true));
addEventListener("unhandledrejection", ({ reason }) => put(troubleView(reason), true));
addEventListener("error", ({ error }) => {
  // A ResizeObserver that needs another turn is told of without an error: it is none.
  if (error) put(troubleView(error), true);
});
void watchIncoming({ open, ask: askShared, say: saySharedNothing }); // now: files may come before a view is shown
await show(false);
watchInstall((start) => {
  install = start;
  installButton.hidden = start === undefined;
});
keepOffline((switchOver) => {
  update = switchOver;
  notice.hidden = false;
}).catch((error) => console.warn(error)); // without it the page works, while its server is there
