/** The tracing on the screen: paper that is panned and zoomed, its toolbar, and calipers. */
import "./tracing.css";
import type { Record } from "../edge/record";
import { Calipers, LEAST_SEEN } from "./calipers";
import {
  amplitudeZoom,
  type Camera,
  clamped,
  MAX_ZOOM,
  MM_PER_S,
  type Point,
  type Size,
  type Stage,
  snapped,
  stageOf,
  TRUE_PX_PER_MM,
  toView,
  zoomedTo,
} from "./geometry";
import { followGestures } from "./gestures";
import { type Layout, SHEET, SHEET_S, type Strip, scrollLayout, sheetsLayout } from "./layout";
import { Leads } from "./leads";
import {
  type Colours,
  drawLabel,
  drawPaper,
  drawPulse,
  drawRuler,
  drawTick,
  drawTrace,
  labelNotes,
  type Surface,
} from "./paint";
import { Tiles } from "./tiles";
import { button, enableButton } from "./toolbar";
import type { TracingText } from "./types";

const MAX_DEVICE_RATIO = 3;
/** Narrower than this, in CSS pixels, a view begins with the twelve leads below each other. */
const SHEET_MIN_WIDTH = 640;
const ZOOM_STEP = 1.25;
/** How much nearer than fitted a double tap goes. */
const NEAR = 2.5;
type Buttons = {
  readonly [name in "zoomIn" | "zoomOut" | "fit" | "strips" | "sheet" | "calipers"]: HTMLButtonElement;
};

/** How a tracing is looked at, to look at it so again. */
interface TracingState {
  /** Absent while the view's width decides. */
  readonly scrolls?: boolean;
  /** Where the view begins in the recording, seconds, and down the paper, millimetres. */
  readonly startS: number;
  readonly y: number;
  /** CSS pixels per millimetre of time; absent where the tracing is fitted. */
  readonly zoom?: number;
}

export class Tracing {
  readonly #leads: Leads;
  readonly #root = document.createElement("div");
  readonly #view = document.createElement("div");
  readonly #image = document.createElement("div");
  readonly #pane = document.createElement("div");
  readonly #labels = document.createElement("div");
  readonly #toolbar = document.createElement("div");
  readonly #scale = document.createElement("span");
  readonly #extent = document.createElement("span");
  readonly #absent = document.createElement("span");
  readonly #tiles: Tiles;
  readonly #calipers: Calipers;
  readonly #buttons: Buttons;
  readonly #end = new AbortController();
  readonly #observers: readonly { disconnect(): void }[];
  readonly #text: TracingText;
  #colours: Colours | undefined;
  #layout: Layout;
  #layoutChosen = false;
  #size: Size = { width: 0, height: 0 };
  #stage: Stage | undefined;
  #camera: Camera = { x: 0, y: 0, zoom: 0 };
  #frame = 0;

  /** @param state - how it is looked at first: at least from which second of the recording on. */
  constructor(host: HTMLElement, record: Record, text: TracingText, state: Partial<TracingState> = {}) {
    this.#leads = new Leads(record);
    this.#text = text;
    this.#layout = sheetsLayout(this.#leads);
    this.#tiles = new Tiles(ratio, (context, size, origin, scale) => this.#paint(context, size, origin, scale));
    this.#calipers = new Calipers(text, this.#layout, () => this.#changed());
    const centre = (): Point => ({ x: this.#size.width / 2, y: this.#size.height / 2 });
    this.#buttons = {
      zoomIn: button("zoomIn", { name: text.zoomIn }, () => this.#zoomBy(ZOOM_STEP, centre())),
      zoomOut: button("zoomOut", { name: text.zoomOut }, () => this.#zoomBy(1 / ZOOM_STEP, centre())),
      fit: button("fit", { caption: text.fit }, () => this.#fit()),
      strips: button("scroll", { caption: text.strips }, () => this.#chooseLayout(true)),
      sheet: button("sheet", { caption: text.sheet }, () => this.#chooseLayout(false)),
      calipers: button("calipers", { caption: text.calipers }, () => this.#toggleCalipers()),
    };
    this.#build(host);
    followGestures(
      this.#image,
      {
        pan: (by) => this.#pan(by),
        zoomBy: (factor, at) => this.#zoomBy(factor, at, false),
        toggleFit: (at) => this.#toggleFit(at),
        fit: () => this.#fit(),
        centre,
        viewWidth: () => this.#size.width,
      },
      this.#end.signal,
    );

    const sized = new ResizeObserver(() => this.#resized(state));
    sized.observe(this.#view);
    const themed = new MutationObserver(() => this.#restyled());
    themed.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme", "class"] });
    const { signal } = this.#end;
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#restyled(), { signal });
    // Handles and values of the calipers keep to what the window shows.
    const scrolled = (): void => {
      if (this.#calipers.shown) this.#changed();
    };
    addEventListener("scroll", scrolled, { signal, passive: true, capture: true });
    addEventListener("resize", scrolled, { signal });
    this.#observers = [sized, themed];
  }

  /** To be given to a later tracing of the same recording. */
  get state(): TracingState {
    return {
      ...(this.#layoutChosen && { scrolls: this.#layout.scrolls }),
      startS: this.#firstSeenS(),
      y: this.#camera.y,
      ...(this.#stage && this.#camera.zoom !== this.#stage.fit && { zoom: this.#camera.zoom }),
    };
  }

  destroy(): void {
    this.#end.abort();
    for (const observer of this.#observers) observer.disconnect();
    cancelAnimationFrame(this.#frame);
    this.#root.remove();
  }

  #build(host: HTMLElement): void {
    this.#root.className = "tracing";
    this.#toolbar.className = "tracing-toolbar";
    this.#toolbar.setAttribute("role", "group");
    this.#toolbar.setAttribute("aria-label", this.#text.toolbar);
    const { strips, sheet, calipers, ...zooming } = this.#buttons;
    calipers.setAttribute("aria-pressed", "false");
    const layouts = document.createElement("div");
    layouts.className = "tracing-layouts";
    layouts.setAttribute("role", "group");
    layouts.setAttribute("aria-label", this.#text.layout);
    layouts.append(strips, sheet);
    this.#toolbar.append(...Object.values(zooming), layouts, calipers);
    this.#view.className = "tracing-view";
    this.#image.className = "tracing-image";
    this.#image.tabIndex = 0;
    // A screen reader keeps the arrow keys for itself on a picture, and passes them to an application.
    this.#image.setAttribute("role", "application");
    this.#image.setAttribute("aria-roledescription", this.#text.toolbar);
    this.#image.setAttribute("aria-label", this.#text.label(this.#leads.record));
    this.#labels.className = "tracing-labels";
    this.#labels.setAttribute("aria-hidden", "true");
    this.#image.append(this.#tiles.element);
    this.#pane.className = "tracing-pane";
    this.#pane.append(this.#image, this.#calipers.element);
    this.#view.append(this.#labels, this.#pane);
    // A drag that leaves the tracing must not select the page's text.
    this.#view.addEventListener("selectstart", (event) => event.preventDefault());
    this.#view.addEventListener("mousedown", (event) => {
      event.preventDefault();
      (event.target as HTMLElement).closest<HTMLElement>("[tabindex]")?.focus({ preventScroll: true });
    });
    const status = document.createElement("div");
    status.className = "tracing-status";
    this.#absent.className = "tracing-absent";
    status.append(this.#scale, this.#extent, this.#absent);
    this.#root.append(this.#toolbar, this.#view, status);
    host.append(this.#root);
  }

  // What the view does

  #pan(by: Point): Point {
    if (!this.#stage) return by;
    const [sx, sy] = [this.#camera.zoom, amplitudeZoom(this.#camera.zoom, this.#stage)];
    const before = this.#camera;
    const wanted = { ...before, x: before.x - by.x / sx, y: before.y - by.y / sy };
    this.#camera = clamped(wanted, this.#stage);
    if (this.#camera.x !== before.x || this.#camera.y !== before.y) this.#changed();
    return { x: (this.#camera.x - wanted.x) * sx, y: (this.#camera.y - wanted.y) * sy };
  }

  #zoomBy(factor: number, at: Point, even = true): void {
    if (!this.#stage) return;
    const zoom = this.#camera.zoom * factor;
    this.#camera = zoomedTo(
      this.#camera,
      this.#stage,
      even && zoom > this.#stage.fit ? snapped(zoom, ratio()) : zoom,
      at,
    );
    this.#changed();
  }

  #fit(): void {
    if (!this.#stage) return;
    this.#camera = zoomedTo(this.#camera, this.#stage, this.#stage.fit, { x: 0, y: 0 });
    this.#changed();
  }

  #toggleFit(at: Point): void {
    if (!this.#stage) return;
    const { fit } = this.#stage;
    const zoom = Math.abs(this.#camera.zoom / fit - 1) < 0.01 ? snapped(fit * NEAR, ratio()) : fit;
    this.#camera = zoomedTo(this.#camera, this.#stage, zoom, at);
    this.#changed();
  }

  #chooseLayout(scrolls: boolean): void {
    if (!this.#stage || scrolls === this.#layout.scrolls) return;
    const startS = this.#firstSeenS();
    // The view's shape follows the layout; measured at once, so that no frame shows the old one.
    this.#resized({ scrolls, startS }, true);
  }

  #toggleCalipers(): void {
    if (!this.#stage) return;
    if (this.#calipers.shown) this.#calipers.hide();
    else {
      this.#bringIntoWindow();
      this.#calipers.show(this.#camera, this.#stage);
    }
    this.#buttons.calipers.setAttribute("aria-pressed", String(this.#calipers.shown));
  }

  /** Where too little of the tracing is in the window to measure on it. */
  #bringIntoWindow(): void {
    const { top, bottom } = this.#pane.getBoundingClientRect();
    const seen = Math.min(bottom, innerHeight) - Math.max(0, top);
    if (seen < Math.min(LEAST_SEEN, bottom - top)) this.#view.scrollIntoView({ block: "nearest" });
  }

  // What changes from outside

  /** @param state - how it is to be looked at, the first time or when the layout was chosen. */
  #resized(state: Partial<TracingState>, chosen = false): void {
    if (this.#view.clientWidth === 0) return;
    const before = this.#stage;
    const anew = !before || chosen;
    if (anew && state.scrolls !== undefined) this.#layoutChosen = true;
    const scrolls = this.#layoutChosen
      ? ((anew ? state.scrolls : undefined) ?? this.#layout.scrolls)
      : this.#view.clientWidth < SHEET_MIN_WIDTH;
    const startS = anew ? (state.startS ?? 0) : this.#firstSeenS();
    const other = !before || scrolls !== this.#layout.scrolls;
    const zoom = anew ? state.zoom : other || this.#camera.zoom === before.fit ? undefined : this.#camera.zoom;
    if (other) this.#setLayout(scrolls);
    const size = { width: this.#pane.clientWidth, height: this.#pane.clientHeight };
    if (size.width === 0 || size.height === 0) return;
    this.#size = size;
    this.#tiles.locate();
    this.#stage = stageOf(this.#layout.paper, size, ratio(), scrolls, SHEET.width);
    const y = (anew ? state.y : other ? undefined : this.#camera.y) ?? 0;
    const camera = clamped({ x: this.#xOf(startS), y, zoom: zoom ?? this.#stage.fit }, this.#stage);
    this.#camera = clamped(this.#calipers.inSight(camera, this.#stage), this.#stage);
    if (this.#calipers.shown) this.#bringIntoWindow();
    this.#changed();
  }

  #setLayout(scrolls: boolean): void {
    this.#layout = scrolls ? scrollLayout(this.#leads) : sheetsLayout(this.#leads);
    this.#calipers.setLayout(this.#layout);
    this.#root.dataset.layout = scrolls ? "scroll" : "sheet";
    this.#view.style.setProperty("--paper-mm", String(this.#layout.paper.height));
    this.#buttons.strips.setAttribute("aria-pressed", String(scrolls));
    this.#buttons.sheet.setAttribute("aria-pressed", String(!scrolls));
    const { absent } = this.#leads;
    this.#absent.textContent = scrolls && absent.length > 0 ? this.#text.absent(absent) : "";
    this.#tiles.reset();
    this.#relabel();
  }

  #restyled(): void {
    this.#colours = undefined;
    this.#tiles.reset();
    this.#changed();
  }

  #firstSeenS(): number {
    const mm = Math.max(0, this.#camera.x);
    return this.#layout.scrolls ? mm / MM_PER_S : ((mm + SHEET.width / 2) / SHEET.width) * SHEET_S - SHEET_S / 2;
  }

  #xOf(seconds: number): number {
    return this.#layout.scrolls ? seconds * MM_PER_S : (seconds / SHEET_S) * SHEET.width;
  }

  // Drawing

  #changed(): void {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw();
    });
  }

  #draw(): void {
    const stage = this.#stage;
    if (!stage) return;
    const scale = { sx: this.#camera.zoom, sy: amplitudeZoom(this.#camera.zoom, stage) };
    const corner = { x: this.#camera.x * scale.sx, y: this.#camera.y * scale.sy };
    if (this.#tiles.show(corner, scale, stage.view)) this.#changed();
    const fits = stage.paper.height * scale.sy <= stage.view.height + 1;
    // Nothing to see above or below: an upward swipe is the page's. Otherwise it is the paper's.
    const pans = fits ? "sideways" : "freely";
    if (this.#view.dataset.pans !== pans) this.#view.dataset.pans = pans;
    this.#placeLabels(stage);
    this.#calipers.place(this.#camera, stage);
    this.#say(stage, scale);
  }

  #say({ view, fit, minZoom }: Stage, { sx, sy }: { sx: number; sy: number }): void {
    const { mmPerMv } = this.#layout;
    setText(this.#scale, this.#text.scale(sx / TRUE_PX_PER_MM, sy / TRUE_PX_PER_MM, mmPerMv));
    const { durationS } = this.#leads;
    const right = this.#camera.x + view.width / sx;
    const [from, to] = this.#layout.scrolls
      ? [this.#layout.secondsAt(this.#camera.x), this.#layout.secondsAt(right)]
      : sheetsSeen(this.#camera.x, right);
    setText(
      this.#extent,
      this.#text.extent(Math.max(0, from), Math.min(durationS, to), durationS, !this.#layout.scrolls),
    );
    enableButton(this.#buttons.zoomIn, sx < MAX_ZOOM);
    enableButton(this.#buttons.zoomOut, sx > minZoom * 1.001);
    enableButton(this.#buttons.fit, sx !== fit);
  }

  #paint(
    context: OffscreenCanvasRenderingContext2D,
    size: number,
    origin: Point,
    scale: { sx: number; sy: number },
  ): void {
    this.#colours ??= coloursOf(this.#root);
    const surface: Surface = {
      context,
      width: size,
      height: size,
      origin,
      sx: scale.sx * ratio(),
      sy: scale.sy * ratio(),
      hairline: 1.15 * ratio(),
      colours: this.#colours,
    };
    drawPaper(surface);
    const [from, to] = [origin.x / surface.sx, (origin.x + size) / surface.sx];
    const strips = this.#layout.strips(from - 20, to + 20);
    for (const pulse of this.#layout.pulses(from - 10, to)) drawPulse(surface, pulse);
    for (const strip of strips) {
      if (strip.tick) drawTick(surface, strip);
      if (strip.trace) drawTrace(surface, strip, strip.trace);
    }
    if (this.#layout.scrolls) {
      const y = this.#layout.paper.height - 2;
      drawRuler(surface, this.#layout.xOf(0), y, this.#leads.durationS, this.#text.seconds, 11 * ratio());
    } else for (const strip of strips) drawLabel(surface, strip, this.#text, labelPx(scale.sy) * ratio());
  }

  /** The names beside the scrolling paper. */
  #relabel(): void {
    delete this.#labels.dataset.place;
    const strips = this.#layout.scrolls ? this.#layout.strips(0, 0) : [];
    this.#labels.replaceChildren(
      ...strips.map(({ lead }) => {
        const label = document.createElement("span");
        label.append(lead, document.createElement("small"));
        return label;
      }),
    );
  }

  #placeLabels(stage: Stage): void {
    if (!this.#layout.scrolls) return;
    const sy = amplitudeZoom(this.#camera.zoom, stage);
    const place = `${this.#camera.y} ${sy}`;
    const moved = this.#labels.dataset.place !== place;
    this.#labels.dataset.place = place;
    const px = labelPx(sy);
    for (const [at, strip] of this.#layout.strips(0, 0).entries()) {
      const label = this.#labels.children[at] as HTMLElement;
      const notes = labelNotes(strip, this.#text, this.#samplesSeen(strip, stage)).join(" ");
      setText(label.lastElementChild as HTMLElement, notes);
      if (!moved) continue;
      const { y } = toView(this.#camera, stage, { x: 0, y: strip.labelY });
      label.style.fontSize = `${px}px`;
      label.style.transform = `translateY(calc(${Math.round(y)}px - 50%))`;
    }
  }

  #samplesSeen({ x, trace }: Strip, { view }: Stage): readonly [number, number] {
    const sampleAt = (mm: number): number => (trace ? trace.first + ((mm - x) / MM_PER_S) * trace.rateHz : 0);
    return [sampleAt(this.#camera.x), sampleAt(this.#camera.x + view.width / this.#camera.zoom)];
  }
}

/** Seconds of the sheets of which at least half is seen, or half of the view: the sheets side by side from 0. */
function sheetsSeen(left: number, right: number): readonly [number, number] {
  const half = Math.min(SHEET.width, right - left) / 2;
  const first = Math.max(0, Math.ceil((left + half) / SHEET.width - 1 - 1e-6));
  const last = Math.max(first, Math.floor((right - half) / SHEET.width + 1e-6));
  return [first * SHEET_S, (last + 1) * SHEET_S];
}

/** Device pixels per CSS pixel that are drawn. */
function ratio(): number {
  return Math.min(MAX_DEVICE_RATIO, devicePixelRatio);
}

/** CSS pixels of a lead's name at a scale: as on paper, but legible. */
function labelPx(sy: number): number {
  return Math.min(18, Math.max(12, 3.6 * sy));
}

function coloursOf(element: HTMLElement): Colours {
  const style = getComputedStyle(element);
  const of = (name: string): string => style.getPropertyValue(name).trim();
  return {
    paper: of("--paper"),
    gridMinor: of("--grid-minor"),
    gridMajor: of("--grid-major"),
    trace: of("--trace"),
    label: of("--trace-label"),
  };
}

function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
