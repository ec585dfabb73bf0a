/** Draws paper and traces on a canvas, in device pixels; the screen's tiles and the sheet are both made of this. */
import { MM_PER_S, type Point } from "./geometry";
import type { Pulse, Strip } from "./layout";
import { isCut, type Trace } from "./leads";

export interface Colours {
  readonly paper: string;
  readonly gridMinor: string;
  readonly gridMajor: string;
  readonly trace: string;
  readonly label: string;
}

/** Ink on light paper: the sheet's, whatever the screen's theme. */
export const PRINTED: Colours = {
  paper: "#fff8f6",
  gridMinor: "#f4c3be",
  gridMajor: "#e79c95",
  trace: "#14141a",
  label: "#1b1b1f",
};

export const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif';

/** A canvas and where on the paper it lies. */
export interface Surface {
  readonly context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;
  /** Device pixels; the canvas is cleared by the paper's colour. */
  readonly width: number;
  readonly height: number;
  /** Device pixels from the paper's top left corner to this surface's. */
  readonly origin: Point;
  /** Device pixels per millimetre of time and of amplitude. */
  readonly sx: number;
  readonly sy: number;
  /** Device pixels of the thinnest line that is still drawn well. */
  readonly hairline: number;
  readonly colours: Colours;
}

const atX = (surface: Surface, mm: number): number => mm * surface.sx - surface.origin.x;
const atY = (surface: Surface, mm: number): number => mm * surface.sy - surface.origin.y;

/** Millimetres between lines; each is a multiple of the one before. In time: 0.04, 0.2, 1, 5, 10 s, 1, 5, 10 min, 1 h. */
const STEPS = [1, 5, 25, 125, 250, 1500, 7500, 15000, 90000];
/** Device pixels: lines nearer than this are a wash, not a grid. */
const NEAREST_LINES = 3.5;
/** Where time is squeezed, and lines no longer mean millimetres. */
const NEAREST_TIMES = 8;

export function drawPaper(surface: Surface): void {
  const { context, width, height, colours, sx, sy, origin } = surface;
  context.fillStyle = colours.paper;
  context.fillRect(0, 0, width, height);
  const across = stepsFor(sx);
  const down = stepsFor(sy);
  for (const major of [false, true]) {
    const mm = major ? 0.22 : 0.1;
    // Whole device pixels on whole device pixels: anything else is a blur. What that adds in width is taken in colour.
    const thick = Math.max(1, Math.round(Math.min(mm * sy, surface.hairline)));
    const half = thick >> 1;
    context.beginPath();
    for (const x of lines(across[major ? 1 : 0], sx, origin.x, width)) context.rect(x - half, 0, thick, height);
    for (const y of lines(down[major ? 1 : 0], sy, origin.y, height)) context.rect(0, y - half, width, thick);
    context.globalAlpha = Math.min(1, Math.max(0.6, (mm * sy) / thick));
    context.fillStyle = major ? colours.gridMajor : colours.gridMinor;
    context.fill();
  }
  context.globalAlpha = 1;
}

function stepsFor(scale: number): readonly [number, number] {
  const at = STEPS.findIndex((step) => step * scale >= (step === 1 ? NEAREST_LINES : NEAREST_TIMES));
  return [STEPS[at] ?? 90000, STEPS[at + 1] ?? 450000];
}

function* lines(stepMm: number, scale: number, origin: number, length: number): Generator<number> {
  const step = stepMm * scale;
  for (let at = Math.floor(origin / step); at * step <= origin + length + 2; at++) yield Math.round(at * step - origin);
}

/** In a column of at most so many samples the lowest and the highest are drawn where they are, not in its middle. */
const PLACED_SAMPLES = 16;

/** The trace, which may run into other rows as on any sheet; where its lead has gone wild it is cut at its own. */
export function drawTrace(surface: Surface, strip: Strip, trace: Trace): void {
  const { context, width, height, sx } = surface;
  const left = atX(surface, strip.x);
  const pen = penWidth(surface);
  const pxPerSample = (MM_PER_S / trace.rateHz) * sx;
  const yOf = (mv: number): number => {
    const mm = (mv - trace.baselineMv) * trace.mmPerMv;
    // A wild sample need not be drawn far outside the clip.
    return atY(surface, strip.y - Math.min(99, Math.max(-99, mm)));
  };
  // A sample or two more than are seen, for the line's way in and out.
  const from = Math.max(trace.first, trace.first + Math.floor(-left / pxPerSample) - 2);
  const to = Math.min(trace.last, trace.first + Math.ceil((width - left) / pxPerSample) + 3);
  if (from >= to) return;
  const seen: [number, number] = [0, 0];
  trace.pyramid.range(from, to, seen);
  if (yOf(seen[1]) - pen > height || yOf(seen[0]) + pen < 0) return;
  context.save();
  clipToRows(surface, strip, trace, from, to);
  usePen(surface);
  context.beginPath();
  if (pxPerSample >= 0.5) throughSamples(context, trace, from, to, left, pxPerSample, yOf);
  else {
    context.lineJoin = "bevel"; // so many corners to a pixel that none is seen
    throughColumns(surface, trace, left, pxPerSample, yOf);
  }
  context.stroke();
  context.restore();
}

/** Clips to the strip's width, and to the row in those pieces that touch samples [from, to) and have gone wild. */
function clipToRows(surface: Surface, strip: Strip, trace: Trace, from: number, to: number): void {
  const { context, height, sx } = surface;
  const pen = penWidth(surface);
  const left = atX(surface, strip.x);
  const top = atY(surface, strip.y - strip.row.up);
  const bottom = atY(surface, strip.y + strip.row.down);
  const right = left + strip.width * sx;
  // Pieces meet on whole pixels, so that no seam is seen between them.
  const xOf = (piece: number): number => Math.round(left + ((piece * trace.piece) / trace.rateHz) * MM_PER_S * sx);
  const end = Math.min(trace.wild.length, Math.ceil((to - trace.first) / trace.piece));
  context.beginPath();
  // Neighbours of one kind are one box: an hour has hundreds of pieces.
  for (let piece = Math.max(0, Math.floor((from - trace.first) / trace.piece)); piece < end; ) {
    const x = piece === 0 ? left - pen : xOf(piece);
    const wild = trace.wild[piece];
    while (piece < end && trace.wild[piece] === wild) piece++;
    const width = (piece === trace.wild.length ? right + pen : xOf(piece)) - x;
    if (wild) context.rect(x, top, width, bottom - top);
    else context.rect(x, -pen, width, height + 2 * pen);
  }
  context.clip();
}

function throughSamples(
  context: Surface["context"],
  { pyramid: { samples }, first }: Trace,
  from: number,
  to: number,
  left: number,
  pxPerSample: number,
  yOf: (mv: number) => number,
): void {
  let drawing = false;
  for (let at = from; at < to; at++) {
    const mv = samples[at] as number;
    if (!Number.isFinite(mv)) {
      drawing = false;
      continue;
    }
    const x = left + (at - first) * pxPerSample;
    if (drawing) context.lineTo(x, yOf(mv));
    else context.moveTo(x, yOf(mv));
    // A sample between two gaps is a dot, not nothing.
    if (!drawing && !Number.isFinite(samples[at + 1])) context.lineTo(x + 0.01, yOf(mv));
    drawing = true;
  }
}

/** Per column of pixels its lowest and highest sample: more could not be seen. */
function throughColumns(
  { context, width, origin }: Surface,
  { pyramid, first, last }: Trace,
  left: number,
  pxPerSample: number,
  yOf: (mv: number) => number,
): void {
  // Columns are counted from the strip's start, whatever surface they are drawn on, so that tiles join without a seam.
  const stripX = left + origin.x;
  const from = Math.max(0, Math.floor(origin.x - stripX) - 2);
  const to = Math.min(Math.ceil((last - first) * pxPerSample), Math.ceil(origin.x + width - stripX) + 2);
  const range: [number, number] = [0, 0];
  let drawing = false;
  for (let column = from; column < to; column++) {
    const begin = first + Math.ceil(column / pxPerSample);
    const end = Math.min(last, first + Math.ceil((column + 1) / pxPerSample));
    pyramid.range(begin, end, range);
    if (range[1] < range[0]) {
      drawing = false;
      continue;
    }
    // Of few samples it is seen where they are, and which came first.
    const placed = end - begin <= PLACED_SAMPLES;
    const lowest = placed ? pyramid.samples.indexOf(range[0], begin) - first : 0;
    const highest = placed ? pyramid.samples.indexOf(range[1], begin) - first : 0;
    const rises = lowest < highest;
    const x1 = placed ? (rises ? lowest : highest) * pxPerSample : column + 0.5;
    const x2 = placed ? (rises ? highest : lowest) * pxPerSample : column + 0.5;
    if (drawing) context.lineTo(left + x1, yOf(range[rises ? 0 : 1]));
    else context.moveTo(left + x1, yOf(range[rises ? 0 : 1]));
    context.lineTo(left + x2 + (x1 === x2 ? 0.01 : 0), yOf(range[rises ? 1 : 0]));
    drawing = true;
  }
}

function penWidth({ sy, hairline }: Surface): number {
  return Math.min(2 * hairline, Math.max(hairline, 0.28 * sy));
}

function usePen(surface: Surface): void {
  const { context } = surface;
  context.strokeStyle = surface.colours.trace;
  context.lineWidth = penWidth(surface);
  context.lineJoin = "round";
  context.lineCap = "round";
}

/** 1 mV for 0.2 s; it keeps its shape where time is squeezed, and then it would cover the leads, so it is left out. */
export function drawPulse(surface: Surface, { x, y, height }: Pulse): void {
  if (surface.sx < surface.sy / 2) return;
  const { context } = surface;
  usePen(surface);
  context.beginPath();
  const corners = [0, 1.5, 1.5, 6.5, 6.5, 8] as const;
  corners.forEach((mm, at) => {
    context.lineTo(atX(surface, x + mm), atY(surface, y - (at === 2 || at === 3 ? height : 0)));
  });
  context.stroke();
}

/** Between two leads of one row. */
export function drawTick(surface: Surface, strip: Strip): void {
  const { context } = surface;
  const thick = Math.max(1, Math.round(0.3 * surface.sx));
  context.fillStyle = surface.colours.trace;
  const x = Math.round(atX(surface, strip.x)) - (thick >> 1);
  context.fillRect(x, Math.round(atY(surface, strip.y - 8)), thick, Math.round(4 * surface.sy));
}

/** Text with a rim of the paper's colour, which keeps it legible where a tall R runs through it. */
export function drawRimmed(surface: Surface, text: string, x: number, y: number, px: number, weight = 600): void {
  const { context, colours } = surface;
  context.font = `${weight} ${px}px ${FONT}`;
  context.textBaseline = "alphabetic";
  context.lineJoin = "round";
  context.lineWidth = px / 4;
  context.strokeStyle = colours.paper;
  context.strokeText(text, x, y);
  context.fillStyle = colours.label;
  context.fillText(text, x, y);
}

interface LabelText {
  readonly notRecorded: string;
  readonly derived: string;
  readonly cutOff: string;
}

/** The lead's name, and smaller what is to be known of it. */
export function drawLabel(surface: Surface, strip: Strip, text: LabelText, px: number): void {
  const { context } = surface;
  context.direction = "ltr";
  context.textAlign = "left";
  const x = atX(surface, strip.x + 1.5);
  const y = atY(surface, strip.labelY);
  drawRimmed(surface, strip.lead, x, y, px);
  const note = labelNotes(strip, text).join(" ");
  if (note) drawRimmed(surface, note, x + context.measureText(strip.lead).width + px * 0.6, y, px * 0.85, 400);
}

/** @param seen - samples [from, to) that are seen, where it is not the whole strip. */
export function labelNotes({ trace }: Strip, text: LabelText, seen?: readonly [number, number]): string[] {
  if (!trace) return [text.notRecorded];
  const [from, to] = seen ?? [trace.first, trace.last];
  return [...(trace.derived ? [text.derived] : []), ...(isCut(trace, from, to) ? [`(${text.cutOff})`] : [])];
}

/** Seconds between the ruler's marks. */
const RULER_S = [0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600];

/** The time along the bottom of scrolling paper, from the record's start at `leftMm`. */
export function drawRuler(
  surface: Surface,
  leftMm: number,
  yMm: number,
  durationS: number,
  seconds: (value: number) => string,
  px: number,
): void {
  const { context, sx, width } = surface;
  const y = atY(surface, yMm);
  if (y < 0 || y > surface.height + 2 * px) return;
  const step = RULER_S.find((s) => s * MM_PER_S * sx >= 6.5 * px) ?? 3600;
  const secondAt = (x: number): number => (x - atX(surface, leftMm)) / (MM_PER_S * sx);
  context.textAlign = "center";
  const last = Math.min(durationS, secondAt(width + 5 * px));
  for (let at = Math.max(0, Math.floor(secondAt(-5 * px) / step)); at * step <= last; at++) {
    drawRimmed(
      surface,
      seconds(Number((at * step).toFixed(1))),
      atX(surface, leftMm + at * step * MM_PER_S),
      y,
      px,
      400,
    );
  }
}
