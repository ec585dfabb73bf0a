/**
 * Two time lines and two voltage lines that a finger, a mouse or the arrow keys move. What they hold is seconds of the
 * recording and millivolts from a lead's baseline, so that they measure the same however the paper is turned.
 */
import type { Lead } from "../edge/record";
import { type Camera, measured, type Point, type Stage, toPaper, toView } from "./geometry";
import type { Layout } from "./layout";
import type { TracingText } from "./types";

/** CSS pixels of a handle, the smallest that a finger hits surely. */
const HANDLE = 44;
/** What an arrow key moves a line, in seconds and millivolts; with shift ten times that. */
const STEP_S = 0.004;
const STEP_MV = 0.01;
/** CSS pixels of the tracing that have to be seen for the lines to have room. */
export const LEAST_SEEN = 240;

interface Line {
  readonly time: boolean;
  readonly element: HTMLDivElement;
  /** Seconds of the recording, or millivolts above the anchor's baseline. */
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
  #layout: Layout;
  /** The lead from whose baseline voltages count. */
  #anchor: Lead | undefined;

  /** @param changed - a line was moved: draw. */
  constructor(text: TracingText, layout: Layout, changed: () => void) {
    this.#text = text;
    this.#layout = layout;
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

  /** Shows them about the middle of that part of the view that the window shows. */
  show(camera: Camera, stage: Stage): void {
    this.element.hidden = false;
    this.#camera = camera;
    this.#stage = stage;
    const { width } = stage.view;
    const [above, below] = this.#unseen(stage);
    const middle = (above + stage.view.height - below) / 2;
    const apart = Math.min(60, (stage.view.height - above - below) * 0.1);
    const corners = [
      { x: width * 0.35, y: middle - apart },
      { x: width * 0.65, y: middle + apart },
    ].map((at) => toPaper(camera, stage, at)) as [Point, Point];
    this.#anchorAt(corners[0]);
    corners.forEach(({ x, y }, at) => {
      (this.#lines[at] as Line).at = this.#layout.secondsAt(x);
      (this.#lines[at + 2] as Line).at = this.#mvAt(y);
    });
    this.place(camera, stage);
  }

  /** The same seconds and millivolts on another layout, where the lead that they were nearest to is. */
  setLayout(layout: Layout): void {
    if (this.shown) {
      const [t1, , v1] = this.#lines;
      const shift = this.#baseline();
      this.#anchorAt({ x: this.#layout.xOf(t1.at), y: this.#yOf(v1.at) });
      const mv = (this.#baseline() - shift) / this.#layout.mmPerMv;
      for (const line of this.#lines) if (!line.time) line.at += mv;
    }
    this.#layout = layout;
  }

  /** A camera from which the lines are seen: the same one where they are. */
  inSight(camera: Camera, stage: Stage): Camera {
    if (!this.shown) return camera;
    const [t1, t2, v1, v2] = this.#lines;
    const at = {
      x: (this.#layout.xOf(t1.at) + this.#layout.xOf(t2.at)) / 2,
      y: (this.#yOf(v1.at) + this.#yOf(v2.at)) / 2,
    };
    const { x, y } = toView(camera, stage, at);
    const { width, height } = stage.view;
    const middle = toPaper(camera, stage, { x: width / 2, y: height / 2 });
    return {
      ...camera,
      x: x < 0 || x > width ? camera.x + at.x - middle.x : camera.x,
      y: y < 0 || y > height ? camera.y + at.y - middle.y : camera.y,
    };
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
    // What is read and taken hold of stays above the window's lower edge.
    const [, below] = this.#unseen(stage);
    this.element.style.setProperty("--below", `${below}px`);
    const range = { time: this.#range(true, stage), voltage: this.#range(false, stage) };
    for (const line of this.#lines) {
      const other = this.#lines.find((each) => each !== line && each.time === line.time) as Line;
      const first = line.time ? line.at < other.at : line.at > other.at;
      this.#placeLine(line, first || (line.at === other.at && (line === t1 || line === v1)), stage);
      const [least, most] = line.time ? range.time : range.voltage;
      line.element.setAttribute("aria-valuetext", (line.time ? time : voltage).join(", "));
      line.element.setAttribute("aria-valuenow", line.at.toFixed(3));
      line.element.setAttribute("aria-valuemin", least.toFixed(3));
      line.element.setAttribute("aria-valuemax", most.toFixed(3));
    }
  }

  /** CSS pixels of the view that the window does not show, above and below. */
  #unseen({ view }: Stage): readonly [above: number, below: number] {
    const { top } = this.element.getBoundingClientRect();
    const above = Math.min(view.height, Math.max(0, -top));
    return [above, Math.min(view.height - above, Math.max(0, top + view.height - innerHeight))];
  }

  #anchorAt({ x, y }: Point): void {
    const far = (strip: { y: number }): number => Math.abs(strip.y - y);
    const near = this.#layout.strips(x, x).filter((strip) => x >= strip.x && x <= strip.x + strip.width);
    this.#anchor = near.reduce(
      (best, strip) => (far(strip) < far(best) ? strip : best),
      near[0] ?? { lead: this.#anchor, y },
    ).lead;
  }

  /** Millimetres of paper of the anchor's baseline. */
  #baseline(): number {
    const x = this.#layout.xOf(this.#lines[0].at);
    const strips = this.#layout.strips(x, x);
    return (strips.find(({ lead }) => lead === this.#anchor) ?? strips[0])?.y ?? 0;
  }

  #yOf(mv: number): number {
    return this.#baseline() - mv * this.#layout.mmPerMv;
  }

  #mvAt(y: number): number {
    return (this.#baseline() - y) / this.#layout.mmPerMv;
  }

  #range(time: boolean, { paper }: Stage): readonly [number, number] {
    return time
      ? [this.#layout.secondsAt(0), this.#layout.secondsAt(paper.width)]
      : [this.#mvAt(paper.height), this.#mvAt(0)];
  }

  /** @param before - it is the left or upper one; handles stand outside the pair, so that they never cover each other. */
  #placeLine({ element, time, at }: Line, before: boolean, stage: Stage): void {
    const px = toView(this.#camera, stage, time ? { x: this.#layout.xOf(at), y: 0 } : { x: 0, y: this.#yOf(at) });
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
    // From the line to the finger that holds it, CSS pixels.
    let held: Point | undefined;
    const seen = (stage: Stage): Point =>
      toView(this.#camera, stage, { x: this.#layout.xOf(line.at), y: this.#yOf(line.at) });
    element.addEventListener("pointerdown", (event) => {
      event.stopPropagation();
      if (event.button !== 0 || !this.#stage) return;
      element.setPointerCapture(event.pointerId);
      const { x, y } = seen(this.#stage);
      held = { x: event.clientX - x, y: event.clientY - y };
    });
    element.addEventListener("pointermove", (event) => {
      event.stopPropagation();
      if (!held || !this.#stage) return;
      // Kept in the view: a line that was pushed out could not be fetched back.
      const { width, height } = this.#stage.view;
      const within = (px: number, length: number): number => Math.min(length - 1, Math.max(1, px));
      const at = { x: within(event.clientX - held.x, width), y: within(event.clientY - held.y, height) };
      const { x, y } = toPaper(this.#camera, this.#stage, at);
      this.#set(line, time ? this.#layout.secondsAt(x) : this.#mvAt(y));
    });
    for (const end of ["pointerup", "pointercancel"] as const) {
      element.addEventListener(end, (event) => {
        event.stopPropagation();
        held = undefined;
      });
    }
    element.addEventListener("keydown", (event) => {
      const direction = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
      if (!direction) return;
      event.preventDefault();
      this.#set(line, line.at + direction * (time ? STEP_S : STEP_MV) * (event.shiftKey ? 10 : 1));
    });
    return line;
  }

  #set(line: Line, at: number): void {
    if (!this.#stage) return;
    const [least, most] = this.#range(line.time, this.#stage);
    line.at = Math.min(most, Math.max(least, at));
    this.#changed();
  }
}
