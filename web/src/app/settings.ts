/** What the person has chosen, kept on this device. */

export type Theme = "auto" | "light" | "dark";

interface Settings {
  /** Undefined until chosen: then the browser's languages say. */
  language: string | undefined;
  theme: Theme;
  keepHistory: boolean;
}

const KEY = "ecglite";
const DEFAULTS: Settings = { language: undefined, theme: "auto", keepHistory: true };

function load(): Settings {
  try {
    return { ...DEFAULTS, ...JSON.parse(localStorage.getItem(KEY) ?? "{}") };
  } catch {
    return { ...DEFAULTS }; // storage is switched off, or holds something else: the app works without it
  }
}

export const settings: Readonly<Settings> = load();

export function change(chosen: Partial<Settings>): void {
  Object.assign(settings, chosen);
  try {
    localStorage.setItem(KEY, JSON.stringify(settings));
  } catch {
    // it holds until the page is closed
  }
}

const dark = matchMedia("(prefers-color-scheme: dark)");

/** Writes the theme that holds to html[data-theme], where styles and the tracing read it. */
export function applyTheme(): void {
  const theme = settings.theme === "auto" ? (dark.matches ? "dark" : "light") : settings.theme;
  document.documentElement.dataset.theme = theme;
  const colour = getComputedStyle(document.documentElement).getPropertyValue("--page").trim();
  document.querySelector("meta[name=theme-color]")?.setAttribute("content", colour);
}

dark.addEventListener("change", applyTheme);
