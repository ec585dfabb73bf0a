/** Two time lines and two voltage lines that a finger, a mouse or the arrow keys move; they stay with the paper. */
import { type Camera, measured, type Point, type Stage, toPaper, toView } from "./geometry";
import type { TracingText } from "./types";

/** CSS pixels of a handle, the smallest that a finger hits surely. */
const HANDLE = 44;
/** Millimetres of paper that an arrow key moves a line: 4 ms or 0.01 mV; with shift 40 ms or 0.1 mV. */
const STEP_MM = 0.1;

interface Line {
  readonly time: boolean;
  readonly element: HTMLDivElement;
  /** Millimetres of paper. */
  at: number;
}

export class Calipers {
  readonly element = document.createElement("div");
  readonly #readout = document.createElement("output");
  /** Time, the rate where there is one, and voltage. */
  readonly #values = [0, 1, 2].map(() => document.createElement("span"));
  readonly #lines: readonly [Line, Line, Line, Line];
  readonly #changed: () => void;
  readonly #text: TracingText;
  #camera: Camera = { x: 0, y: 0, zoom: 1 };
  #stage: Stage | undefined;

  /** @param changed - a line was moved: draw. */
  constructor(text: TracingText, changed: () => void) {
    this.#text = text;
    this.#changed = changed;
    this.#lines = [this.#line(true), this.#line(true), this.#line(false), this.#line(false)];
    this.#readout.className = "tracing-readout";
    // The lines' own values are spoken; this would say them twice.
    this.#readout.setAttribute("aria-live", "off");
    this.#readout.append(...this.#values);
    this.element.className = "tracing-calipers";
    this.element.hidden = true;
    this.element.append(...this.#lines.map(({ element }) => element), this.#readout);
    for (const [at, { element }] of this.#lines.entries()) {
      element.setAttribute("aria-label", text.caliperLines[at] ?? "");
    }
  }

  get shown(): boolean {
    return !this.element.hidden;
  }

  hide(): void {
    this.element.hidden = true;
  }

  /** Shows them about the middle of what is seen. */
  show(camera: Camera, stage: Stage): void {
    this.element.hidden = false;
    const { width, height } = stage.view;
    const [left, top] = [width * 0.35, height * 0.46];
    const first = toPaper(camera, stage, { x: left, y: top });
    const second = toPaper(camera, stage, { x: width - left, y: height - top });
    [first.x, second.x, first.y, second.y].forEach((mm, at) => {
      (this.#lines[at] as Line).at = mm;
    });
    this.place(camera, stage);
  }

  /** Puts the lines where their place on the paper is seen, and says what they measure. */
  place(camera: Camera, stage: Stage): void {
    if (!this.shown) return;
    this.#camera = camera;
    this.#stage = stage;
    const [t1, t2, v1, v2] = this.#lines;
    const { ms, bpm, mv } = measured([t1.at, t2.at], [v1.at, v2.at]);
    const time = [this.#text.ms(ms), ...(ms > 0 ? [this.#text.bpm(bpm)] : [])];
    const voltage = [this.#text.mv(mv)];
    for (const [at, span] of this.#values.entries()) {
      const value = [time[0], time[1], voltage[0]][at] ?? "";
      if (span.textContent !== value) span.textContent = value;
    }
    for (const line of this.#lines) {
      const other = this.#lines.find((each) => each !== line && each.time === line.time) as Line;
      this.#placeLine(line, line.at < other.at || (line.at === other.at && (line === t1 || line === v1)), stage);
      line.element.setAttribute("aria-valuetext", (line.time ? time : voltage).join(", "));
      line.element.setAttribute("aria-valuenow", line.at.toFixed(1));
      line.element.setAttribute("aria-valuemin", "0");
      line.element.setAttribute("aria-valuemax", (line.time ? stage.paper.width : stage.paper.height).toFixed(1));
    }
  }

  /** @param before - it is the left or upper one; handles stand outside the pair, so that they never cover each other. */
  #placeLine({ element, time, at }: Line, before: boolean, stage: Stage): void {
    const px = toView(this.#camera, stage, { x: at, y: at });
    const along = Math.round((time ? px.x : px.y) * devicePixelRatio) / devicePixelRatio;
    const length = time ? stage.view.width : stage.view.height;
    element.style.transform = time ? `translateX(${along}px)` : `translateY(${along}px)`;
    element.hidden = along < -1 || along > length + 1;
    const outside = Math.min(length - HANDLE, Math.max(0, along - (before ? HANDLE : 0))) - along;
    const handle = element.lastElementChild as HTMLElement;
    handle.style.transform = time ? `translateX(${outside}px)` : `translateY(${outside}px)`;
  }

  #line(time: boolean): Line {
    const element = document.createElement("div");
    const handle = document.createElement("div");
    handle.className = "tracing-handle";
    element.className = `tracing-line ${time ? "tracing-time" : "tracing-voltage"}`;
    element.tabIndex = 0;
    element.setAttribute("role", "slider");
    element.setAttribute("aria-orientation", time ? "horizontal" : "vertical");
    element.append(handle);
    const line: Line = { time, element, at: 0 };
    let from: Point | undefined;
    element.addEventListener("pointerdown", (event) => {
      event.stopPropagation();
      if (event.button !== 0) return;
      element.setPointerCapture(event.pointerId);
      from = { x: event.clientX, y: event.clientY };
    });
    element.addEventListener("pointermove", (event) => {
      event.stopPropagation();
      if (!from || !this.#stage) return;
      const to = { x: event.clientX, y: event.clientY };
      const seen = toView(this.#camera, this.#stage, { x: line.at, y: line.at });
      const moved = { x: seen.x + to.x - from.x, y: seen.y + to.y - from.y };
      // Kept in the view: a line that was pushed out could not be fetched back.
      const { width, height } = this.#stage.view;
      const at = { x: Math.min(width - 1, Math.max(1, moved.x)), y: Math.min(height - 1, Math.max(1, moved.y)) };
      from = { x: to.x - (moved.x - at.x), y: to.y - (moved.y - at.y) };
      this.#set(line, toPaper(this.#camera, this.#stage, at));
    });
    for (const end of ["pointerup", "pointercancel"] as const) {
      element.addEventListener(end, (event) => {
        event.stopPropagation();
        from = undefined;
      });
    }
    element.addEventListener("keydown", (event) => {
      const forward = time ? ["ArrowRight", "ArrowUp"] : ["ArrowDown", "ArrowRight"];
      const back = time ? ["ArrowLeft", "ArrowDown"] : ["ArrowUp", "ArrowLeft"];
      const direction = forward.includes(event.key) ? 1 : back.includes(event.key) ? -1 : 0;
      if (direction === 0) return;
      event.preventDefault();
      const mm = line.at + direction * STEP_MM * (event.shiftKey ? 10 : 1);
      this.#set(line, { x: mm, y: mm });
    });
    return line;
  }

  #set(line: Line, { x, y }: Point): void {
    if (!this.#stage) return;
    const { width, height } = this.#stage.paper;
    line.at = line.time ? Math.min(width, Math.max(0, x)) : Math.min(height, Math.max(0, y));
    this.#changed();
  }
}
