/** The tracing on the screen: paper that is panned and zoomed, its toolbar, and calipers. */
import "./tracing.css";
import type { Record } from "../edge/record";
import { Calipers } from "./calipers";
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
import { type Layout, LEFT, Leads, SHEET, SHEET_S, scrollLayout, sheetsLayout } from "./layout";
import {
  type Colours,
  drawLabel,
  drawPaper,
  drawPulse,
  drawRuler,
  drawTick,
  drawTrace,
  labelNote,
  type Surface,
} from "./paint";
import { Tiles } from "./tiles";
import { button, enableButton, icon, nameButton } from "./toolbar";
import type { TracingText } from "./types";

const MAX_DEVICE_RATIO = 3;
/** Narrower than this, in CSS pixels, a view begins with the twelve leads below each other. */
const SHEET_MIN_WIDTH = 640;
const ZOOM_STEP = 1.25;
/** How much nearer than fitted a double tap goes. */
const NEAR = 2.5;
type Buttons = { readonly [name in "zoomIn" | "zoomOut" | "fit" | "layout" | "calipers"]: HTMLButtonElement };

export class Tracing {
  readonly #leads: Leads;
  readonly #root = document.createElement("div");
  readonly #view = document.createElement("div");
  readonly #image = document.createElement("div");
  readonly #labels = document.createElement("div");
  readonly #toolbar = document.createElement("div");
  readonly #scale = document.createElement("span");
  readonly #extent = document.createElement("span");
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

  /** @param options - `startS`: the second of the recording that is seen first. */
  constructor(host: HTMLElement, record: Record, text: TracingText, options: { startS?: number } = {}) {
    this.#leads = new Leads(record);
    this.#text = text;
    this.#layout = sheetsLayout(this.#leads);
    this.#tiles = new Tiles(ratio, (context, size, origin, scale) => this.#paint(context, size, origin, scale));
    this.#calipers = new Calipers(text, () => this.#changed());
    const centre = (): Point => ({ x: this.#size.width / 2, y: this.#size.height / 2 });
    this.#buttons = {
      zoomIn: button("zoomIn", () => this.#zoomBy(ZOOM_STEP, centre())),
      zoomOut: button("zoomOut", () => this.#zoomBy(1 / ZOOM_STEP, centre())),
      fit: button("fit", () => this.#fit()),
      layout: button("scroll", () => this.#switchLayout()),
      calipers: button("calipers", () => this.#toggleCalipers()),
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

    const sized = new ResizeObserver(() => this.#resized(options.startS));
    sized.observe(this.#view);
    const themed = new MutationObserver(() => this.#restyled());
    themed.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme", "class"] });
    const { signal } = this.#end;
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#restyled(), { signal });
    this.#observers = [sized, themed];
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
    for (const [name, element] of Object.entries(this.#buttons)) nameButton(element, this.#text[name as keyof Buttons]);
    this.#buttons.calipers.setAttribute("aria-pressed", "false");
    this.#toolbar.append(...Object.values(this.#buttons));
    this.#view.className = "tracing-view";
    this.#image.className = "tracing-image";
    this.#image.tabIndex = 0;
    // A screen reader keeps the arrow keys for itself on a picture, and passes them to an application.
    this.#image.setAttribute("role", "application");
    this.#image.setAttribute("aria-roledescription", this.#text.toolbar);
    this.#image.setAttribute("aria-label", this.#text.label(this.#leads.record));
    this.#labels.className = "tracing-labels";
    this.#labels.setAttribute("aria-hidden", "true");
    this.#image.append(this.#tiles.element, this.#labels);
    this.#view.append(this.#image, this.#calipers.element);
    const status = document.createElement("div");
    status.className = "tracing-status";
    status.append(this.#scale, this.#extent);
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

  #switchLayout(): void {
    this.#layoutChosen = true;
    const seenS = this.#firstSeenS();
    this.#setLayout(!this.#layout.scrolls);
    // The view's shape follows the layout; measured at once, so that no frame shows the old one.
    this.#resized(seenS, true);
  }

  #toggleCalipers(): void {
    if (!this.#stage) return;
    if (this.#calipers.shown) this.#calipers.hide();
    else this.#calipers.show(this.#camera, this.#stage);
    this.#buttons.calipers.setAttribute("aria-pressed", String(this.#calipers.shown));
  }

  // What changes from outside

  #resized(startS = 0, layoutChanged = false): void {
    const size = { width: this.#view.clientWidth, height: this.#view.clientHeight };
    if (size.width === 0 || size.height === 0) return;
    const first = !this.#stage;
    const seenS = first || layoutChanged ? startS : this.#firstSeenS();
    const scrolls = this.#layoutChosen ? this.#layout.scrolls : size.width < SHEET_MIN_WIDTH;
    if (scrolls !== this.#layout.scrolls || first) {
      this.#setLayout(scrolls);
      layoutChanged = true;
    }
    const fitted = layoutChanged || this.#camera.zoom === this.#stage?.fit;
    this.#size = { width: this.#view.clientWidth, height: this.#view.clientHeight };
    this.#tiles.locate();
    this.#stage = stageOf(this.#layout.paper, this.#size, ratio(), this.#layout.scrolls, SHEET.width);
    const zoom = fitted ? this.#stage.fit : this.#camera.zoom;
    this.#camera = clamped({ x: this.#xOf(seenS), y: this.#camera.y, zoom }, this.#stage);
    if (layoutChanged && this.#calipers.shown) this.#calipers.show(this.#camera, this.#stage);
    this.#changed();
  }

  #setLayout(scrolls: boolean): void {
    this.#layout = scrolls ? scrollLayout(this.#leads) : sheetsLayout(this.#leads);
    this.#root.dataset.layout = scrolls ? "scroll" : "sheet";
    // The button shows what it leads to.
    this.#buttons.layout.replaceChildren(icon(scrolls ? "sheet" : "scroll"));
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
    setText(this.#scale, this.#text.scale(sx / TRUE_PX_PER_MM, sy / TRUE_PX_PER_MM));
    const { durationS } = this.#leads;
    const right = this.#camera.x + view.width / sx;
    const within = (s: number): number => Math.min(durationS, Math.max(0, s));
    const [from, to] = this.#layout.scrolls
      ? [within((this.#camera.x - LEFT) / MM_PER_S), within((right - LEFT) / MM_PER_S)]
      : [
          within(Math.floor((this.#camera.x + SHEET.width / 20) / SHEET.width) * SHEET_S),
          within((Math.floor((right - LEFT) / SHEET.width) + 1) * SHEET_S),
        ];
    setText(this.#extent, this.#text.extent(from, to, durationS, !this.#layout.scrolls));
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
      drawRuler(surface, LEFT, y, this.#leads.durationS, this.#text.seconds, 11 * ratio());
    } else for (const strip of strips) drawLabel(surface, strip, this.#text, labelPx(scale.sy) * ratio());
  }

  /** The labels of the scrolling paper, which stay where they are when it moves sideways. */
  #relabel(): void {
    delete this.#labels.dataset.place;
    const strips = this.#layout.scrolls ? this.#layout.strips(0, 0) : [];
    this.#labels.replaceChildren(
      ...strips.map((strip) => {
        const label = document.createElement("span");
        const note = document.createElement("small");
        label.textContent = strip.lead;
        note.textContent = labelNote(strip, this.#text);
        if (note.textContent) label.append(note);
        return label;
      }),
    );
  }

  #placeLabels(stage: Stage): void {
    if (!this.#layout.scrolls) return;
    const px = labelPx(amplitudeZoom(this.#camera.zoom, stage));
    const left = Math.max(6, toView(this.#camera, stage, { x: LEFT + 1, y: 0 }).x);
    const place = `${left} ${this.#camera.y} ${px} ${stage.fit}`;
    if (this.#labels.dataset.place === place) return;
    this.#labels.dataset.place = place;
    for (const [at, { labelY }] of this.#layout.strips(0, 0).entries()) {
      const label = this.#labels.children[at] as HTMLElement;
      const { y } = toView(this.#camera, stage, { x: 0, y: labelY });
      label.style.fontSize = `${px}px`;
      label.style.transform = `translate(${left}px, ${Math.round(y - px)}px)`;
    }
  }
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
