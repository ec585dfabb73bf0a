/** Parts that several views show. */
import type { Hints } from "../classifier";
import { bar, type Child, h, svg } from "../dom";
import type { Finding } from "../edge/decision";
import type { Failure } from "../edge/errors";
import { isRhythm } from "../edge/rhythms";
import type { Words } from "../edge/words";
import { direction, language, micro, number, t, tell } from "../i18n";
import { percent } from "./likelihood";

/**
 * A rhythm's name in the app's language. Its label never stands in for it: Chapman's AF is atrial flutter, and most
 * readers take AF for fibrillation.
 */
export const rhythmName = (label: string): string => (isRhythm(label) ? t(`name_${label}`) : label);

/** Beside every finding: what it is not about, and what it is not for. */
export const limits = (): HTMLElement => h("p", { class: "not-a-device" }, t("rhythm_alone"), " ", t("not_a_device"));

export const notADevice = (): HTMLElement => h("p", { class: "not-a-device" }, t("not_a_device"));

export const heartRate = (bpm: number | null): string =>
  bpm === null ? t("rate_unknown") : t("per_minute", { n: number(bpm) });

/** Minutes and seconds. */
export const clock = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

/** A link back, with an arrow in the direction of reading. */
export const back = (route: string, text: string): HTMLElement =>
  h(
    "nav",
    { class: "back", "aria-label": t("back") },
    h(
      "a",
      { href: `#/${route}` },
      svg("svg", { viewBox: "0 0 12 12", "aria-hidden": "true" }, svg("path", { d: "M8 1 3 6l5 5" })),
      text,
    ),
  );

/** One line on a finding: its rhythm, probability and rate. */
export function findingLine(finding: Finding): Child {
  const name = rhythmName(finding.rhythm);
  return [
    h(
      "span",
      { class: finding.abstained ? "rhythm open" : "rhythm" },
      finding.abstained ? t("undecided_line", { rhythm: name }) : name,
    ),
    h(
      "span",
      { class: "figures" },
      bar(finding.probability, finding.abstained ? "open" : ""),
      h("span", {}, percent(finding.probability)),
      h("span", { class: "rate" }, heartRate(finding.heartRateBpm)),
    ),
  ];
}

/** What went wrong, as a headline for a person. */
export const failureTitle = (failure: Failure): string => t(`error_${failure.kind}`);

/** A sentence of edge/ that starts with a capital where the language has them, unless it starts with a name. */
export function sentence(words: Words): string {
  const text = tell(words);
  return language() === "en" && !startsWithName(words) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
}

/** With a file's, a lead's or a unit's: what stands in a place and is no sentence itself. */
function startsWithName({ template, values }: Words): boolean {
  const [, place] = /^\{(\w+)\}/.exec(template) ?? [];
  const value = place === undefined ? undefined : [values[place]].flat()[0];
  return typeof value === "string" || (value !== undefined && startsWithName(value));
}

/** What came, what is allowed, what to do. */
export function failureText(failure: Failure): HTMLElement {
  const line = (term: string, words: Failure["todo"]) =>
    words && h("div", {}, h("dt", {}, term), h("dd", {}, sentence(words)));
  return h(
    "dl",
    { class: "failure" },
    line(t("error_came"), failure.came),
    line(t("error_allowed"), failure.allowed),
    line(t("error_todo"), failure.todo),
  );
}

/** A format's name for a person. */
export const formatName = (format: string): string =>
  format === "chapman-csv" ? t("format_chapman") : format === "csv" ? t("format_csv") : t("format_wfdb");

/** What the person said of a file: each answer with its value, for a sheet. */
export function answersOf({ units, rateHz, leads }: Hints): readonly string[] {
  const answers = [
    rateHz !== undefined && `${t("fact_rate")}: ${t("hertz", { n: number(rateHz, 3) })}`,
    units !== undefined && `${t("question_units")}: ${micro(units)}`,
    leads !== undefined && t("you_said_leads"),
  ];
  return answers.filter((answer) => answer !== false);
}

/** The picker of files behind a button; its input is not shown. */
export function opener(
  open: (files: readonly File[]) => void,
  kind: "primary" | "plain" = "primary",
  { text = t("open"), id = "picker" } = {},
): HTMLElement {
  const input = h("input", {
    type: "file",
    multiple: true,
    hidden: true,
    id,
    onchange: () => {
      const files = [...(input.files ?? [])];
      input.value = ""; // so that the same file can be picked again
      if (files.length) open(files);
    },
  });
  const button = h("button", { class: kind, type: "button", onclick: () => input.click() }, text);
  return h("div", { class: "opener" }, button, input);
}

/**
 * A band of ECG paper with a trace on it, the app's one ornament. The trace is lead II of a sinus rhythm, drawn from
 * the waves' usual times and heights.
 */
export function paperBand(): SVGSVGElement {
  const [width, height, baseline] = [100, 20, 14]; // mm; 25 mm/s and 10 mm/mV
  const waves = [
    [-0.17, 0.14, 0.024],
    [-0.032, -0.1, 0.009],
    [0, 1.05, 0.011],
    [0.034, -0.22, 0.011],
    [0.27, 0.28, 0.048],
  ] as const; // time from R (s), height (mV), width (s)
  const beats = [0.32, 1.16, 2.02, 2.86, 3.72, 4.3];
  const points: string[] = [];
  for (let x = 0; x <= width; x += 0.1) {
    let mv = 0;
    for (const beat of beats)
      for (const [at, peak, spread] of waves) mv += peak * Math.exp(-0.5 * ((x / 25 - beat - at) / spread) ** 2);
    points.push(`${x.toFixed(1)} ${(baseline - 10 * mv).toFixed(2)}`);
  }
  const grid = (step: number) => {
    let path = "";
    for (let x = 0; x <= width; x += step) path += `M${x} 0V${height}`;
    for (let y = 0; y <= height; y += step) path += `M0 ${y}H${width}`;
    return path;
  };
  return svg(
    "svg",
    {
      class: "paper-band",
      viewBox: `0 0 ${width} ${height}`,
      preserveAspectRatio: "xMinYMid slice",
      "aria-hidden": "true",
    },
    svg("path", { class: "minor", d: grid(1) }),
    svg("path", { class: "major", d: grid(5) }),
    svg("path", { class: "trace", d: `M${points.join("L")}` }),
  );
}

/** Asks before what can't be undone. Answers whether the person agreed. */
export function confirm(question: string, more: Child, agree: string, refuse = t("cancel")): Promise<boolean> {
  const dialog = h(
    "dialog",
    {
      dir: direction(),
      "aria-labelledby": "ask",
    },
    h("h2", { id: "ask" }, question),
    h("div", { class: "more" }, more),
    h(
      "div",
      { class: "actions" },
      h("button", { type: "button", class: "plain", onclick: () => dialog.close("no") }, refuse),
      h("button", { type: "button", class: "primary", onclick: () => dialog.close("yes") }, agree),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      resolve(dialog.returnValue === "yes");
      dialog.remove();
    });
  });
}
