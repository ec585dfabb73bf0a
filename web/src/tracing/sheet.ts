/** One A4 landscape sheet in true millimetres: what was found, the tracing at 25 mm/s and 10 or 5 mm/mV, and its limits. */
import { durationS, type Record } from "../edge/record";
import { SHEET, SHEET_S, sheetPulses, sheetStrips } from "./layout";
import { Leads } from "./leads";
import { drawLabel, drawPaper, drawPulse, drawRimmed, drawTick, drawTrace, FONT, PRINTED, type Surface } from "./paint";
import type { SheetText } from "./types";

/** A4 landscape, millimetres. */
export const A4 = { width: 297, height: 210 } as const;
const PX_PER_MM = 300 / 25.4;

// Millimetres. The tracing is centred; what stands above and below it keeps to its width.
const LEFT = (A4.width - SHEET.width) / 2;
const TRACING_TOP = 45;
const TRACING_BOTTOM = TRACING_TOP + SHEET.height;
const TOP = 9;
const FOOT = A4.height - 6;
const ASIDE = 88;
const GAP = 10;
const MOST_BARS = 6;
/** More do not fit two lines. */
const MOST_STRETCHES = 24;
/** Letters of 6 points, the smallest that print is read in. */
const SMALLEST = 2.1;

const INK = "#1b1b1f";
const SOFT = "#55555f";
const ACCENT = "#8f1d2c";
const TRACK = "#efe9e8";

/** Bytes of a PNG's signature and IHDR chunk, after which its resolution may stand. */
const PNG_HEADER = 33;
/** A pHYs chunk with its checksum: 11811 pixels per metre, which is 300 dpi, so that a print is true to scale. */
const RESOLUTION = new Uint8Array([
  0x00, 0x00, 0x00, 0x09, 0x70, 0x48, 0x59, 0x73, 0x00, 0x00, 0x2e, 0x23, 0x00, 0x00, 0x2e, 0x23, 0x01, 0x78, 0xa5,
  0x3f, 0x76,
]);

/** The sheet on a canvas, from its top left corner. */
function drawSheet(
  context: CanvasRenderingContext2D,
  record: Record,
  text: SheetText,
  pxPerMm: number,
  startS = 0,
): void {
  const page = new Page(context, text.direction, pxPerMm);
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, Math.ceil(A4.width * pxPerMm), Math.ceil(A4.height * pxPerMm));
  drawHead(page, text);
  drawTracing(context, record, text, pxPerMm, startS);
  drawFoot(page, text);
}

/** The sheet as a picture of 300 dots per inch. */
export async function sheetPng(record: Record, text: SheetText, startS = 0): Promise<Blob> {
  const canvas = sheetCanvas(record, text, startS);
  const png = await new Promise<Blob>((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("this browser made no PNG of the sheet"))));
  });
  return new Blob([png.slice(0, PNG_HEADER), RESOLUTION, png.slice(PNG_HEADER)], { type: png.type });
}

/** A line of text as it stands on the sheet: where it begins at the left, and its height of letters, millimetres. */
export interface Written {
  readonly text: string;
  readonly left: number;
  readonly base: number;
  readonly width: number;
  readonly size: number;
}

/** @param hear - called with each line of text that is drawn. */
export function sheetCanvas(
  record: Record,
  text: SheetText,
  startS: number,
  hear?: (line: Written) => void,
): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(A4.width * PX_PER_MM);
  canvas.height = Math.round(A4.height * PX_PER_MM);
  const context = canvas.getContext("2d", { alpha: false, willReadFrequently: true });
  if (!context) throw new Error("this browser has no canvas");
  if (hear) {
    const fillText = context.fillText.bind(context);
    context.fillText = (line, x, y) => {
      hear(writtenAt(context, line, x, y));
      fillText(line, x, y);
    };
  }
  drawSheet(context, record, text, PX_PER_MM, startS);
  return canvas;
}

function writtenAt(context: CanvasRenderingContext2D, text: string, x: number, y: number): Written {
  const { width, actualBoundingBoxLeft } = context.measureText(text);
  const at = context.getTransform().transformPoint({ x: x - actualBoundingBoxLeft, y });
  const size = Number(/([\d.]+)px/.exec(context.font)?.[1]);
  return { text, left: at.x / PX_PER_MM, base: at.y / PX_PER_MM, width: width / PX_PER_MM, size: size / PX_PER_MM };
}

function drawHead(page: Page, text: SheetText): void {
  const main = { from: 0, width: SHEET.width - ASIDE - GAP };
  page.line(page.elided(text.title, main.width, 3.4, 600), main.from, TOP + 3.4, 3.4, 600, ACCENT);
  // One line if it fits, else two smaller ones.
  const large = page.wrapped(text.verdict, main.width, 7.2, 700, 1);
  const size = large.whole ? 7.2 : 5.6;
  const verdict = page.wrapped(text.verdict, main.width, size, 700, 2).lines;
  let y = TOP + 6;
  for (const line of verdict) {
    y += size * 1.2;
    page.line(line, main.from, y, size, 700, INK);
  }
  y += 3.4;
  const rows = Math.floor((TRACING_TOP - 3 - y) / 4.9);
  const columns = Math.max(1, Math.ceil(text.facts.length / rows));
  const width = (main.width - (columns - 1) * 6) / columns;
  for (const [at, fact] of text.facts.entries()) {
    const from = main.from + Math.floor(at / rows) * (width + 6);
    page.line(page.elided(fact, width, 3.4, 400), from, y + 4.9 * ((at % rows) + 0.8), 3.4, 400, SOFT);
  }
  const left = SHEET.width - ASIDE;
  for (const [at, [label, probability, words]] of text.probabilities.slice(0, MOST_BARS).entries()) {
    const base = TOP + 3.4 + at * 5.6;
    const weight = at === 0 ? 700 : 400;
    const end = page.widthOf(words, 3.2, weight);
    page.line(page.elided(label, ASIDE - end - 4, 3.2, weight), left, base, 3.2, weight, INK);
    page.line(words, left + ASIDE - end, base, 3.2, weight, INK);
    page.bar(left, base + 1.2, ASIDE, 1.3, 1, TRACK);
    page.bar(left, base + 1.2, ASIDE, 1.3, probability, at === 0 ? ACCENT : "#6b6b75");
  }
}

function drawTracing(
  context: CanvasRenderingContext2D,
  record: Record,
  text: SheetText,
  pxPerMm: number,
  startS: number,
): void {
  const width = Math.round(SHEET.width * pxPerMm);
  const height = Math.round(SHEET.height * pxPerMm);
  context.save();
  context.translate(Math.round(LEFT * pxPerMm), Math.round(TRACING_TOP * pxPerMm));
  context.beginPath();
  context.rect(0, 0, width, height);
  context.clip();
  const surface: Surface = {
    context,
    width,
    height,
    origin: { x: 0, y: 0 },
    sx: pxPerMm,
    sy: pxPerMm,
    hairline: 0.22 * pxPerMm,
    colours: PRINTED,
  };
  drawPaper(surface);
  const leads = new Leads(record);
  const mmPerMv = leads.gain(startS, SHEET_S);
  for (const pulse of sheetPulses(mmPerMv)) drawPulse(surface, pulse);
  const strips = sheetStrips(leads, startS, mmPerMv);
  for (const strip of strips) {
    if (strip.tick) drawTick(surface, strip);
    if (strip.trace) drawTrace(surface, strip, strip.trace);
  }
  for (const strip of strips) drawLabel(surface, strip, text, 3.6 * pxPerMm);
  const total = durationS(record);
  const base = (SHEET.height - 2) * pxPerMm;
  context.direction = text.direction;
  context.textAlign = "left";
  drawRimmed(surface, text.scale(mmPerMv), 5 * pxPerMm, base, 2.9 * pxPerMm, 400);
  context.textAlign = "right";
  const extent = text.extent(startS, Math.min(total, startS + SHEET_S), total, true);
  drawRimmed(surface, extent, (SHEET.width - 5) * pxPerMm, base, 2.9 * pxPerMm, 400);
  context.restore();
}

function drawFoot(page: Page, text: SheetText): void {
  // As large as all of it fits the line.
  const large = [3.2, 2.8, 2.4].find((size) => page.widthOf(text.notADevice, size, 700) <= SHEET.width) ?? SMALLEST;
  page.line(page.elided(text.notADevice, SHEET.width, large, 700), 0, FOOT, large, 700, INK);
  const room = FOOT - 4.5 - (TRACING_BOTTOM + 2);
  // As large as all of it can be read.
  for (const size of [3.2, 2.8, 2.4, SMALLEST]) {
    const most = Math.floor(room / (size * 1.35));
    const alerts = text.alerts.length ? page.wrapped(text.alerts.join(" "), SHEET.width, size, 700, 1).lines : [];
    const over = overTimeLines(page, text, size);
    const left = most - alerts.length - over.lines.length;
    const remarks = text.remarks.length
      ? page.wrapped(text.remarks.join(size > SMALLEST ? "\n" : " · "), SHEET.width, size, 400, left)
      : { lines: [], whole: true };
    if (!(remarks.whole && (over.whole || size < 2.8)) && size > SMALLEST) continue;
    let y = TRACING_BOTTOM + 2 + size;
    for (const [lines, weight, colour] of [
      [alerts, 700, INK],
      [over.lines, 400, INK],
      [remarks.lines, 400, SOFT],
    ] as const) {
      for (const line of lines) {
        page.line(line, 0, y, size, weight, colour);
        y += size * 1.35;
      }
    }
    return;
  }
}

/** The stretches of a long recording in two lines, as many as fit. */
function overTimeLines(page: Page, { overTime }: SheetText, size: number): { lines: string[]; whole: boolean } {
  if (!overTime) return { lines: [], whole: true };
  for (let shown = Math.min(MOST_STRETCHES, overTime.stretches); ; shown--) {
    const { lines, whole } = page.wrapped(overTime.inWords(shown), SHEET.width, size, 400, 2);
    if (whole || shown <= 1) return { lines, whole: shown === overTime.stretches };
  }
}

/** Text and bars in millimetres from the text's leading edge, which is the right one in Arabic. */
class Page {
  readonly context: CanvasRenderingContext2D;
  readonly direction: "ltr" | "rtl";
  readonly pxPerMm: number;

  constructor(context: CanvasRenderingContext2D, direction: "ltr" | "rtl", pxPerMm: number) {
    this.context = context;
    this.direction = direction;
    this.pxPerMm = pxPerMm;
  }

  line(text: string, from: number, base: number, size: number, weight: number, colour: string): void {
    this.#font(size, weight);
    this.context.textAlign = "start";
    this.context.textBaseline = "alphabetic";
    this.context.fillStyle = colour;
    this.context.fillText(text, this.#x(from), base * this.pxPerMm);
  }

  bar(from: number, top: number, width: number, height: number, part: number, colour: string): void {
    const px = this.pxPerMm;
    const long = Math.min(1, Math.max(0, part)) * width;
    if (long === 0) return;
    const left = this.direction === "ltr" ? this.#x(from) : this.#x(from + long);
    this.context.fillStyle = colour;
    this.context.beginPath();
    this.context.roundRect(left, top * px, long * px, height * px, Math.min(height, long) * 0.5 * px);
    this.context.fill();
  }

  widthOf(text: string, size: number, weight: number): number {
    this.#font(size, weight);
    return this.context.measureText(text).width / this.pxPerMm;
  }

  /** The text, or its beginning and end about an ellipsis: the end of a file's name tells as much as its beginning. */
  elided(text: string, width: number, size: number, weight: number): string {
    if (this.widthOf(text, size, weight) <= width) return text;
    const letters = [...text];
    let [fits, tooMany] = [0, letters.length];
    const shortened = (n: number): string => {
      const end = Math.floor(n / 3);
      return `${letters.slice(0, n - end).join("")}…${letters.slice(letters.length - end).join("")}`;
    };
    while (tooMany - fits > 1) {
      const n = (fits + tooMany) >> 1;
      if (this.widthOf(shortened(n), size, weight) <= width) fits = n;
      else tooMany = n;
    }
    return shortened(fits);
  }

  /** Lines of at most `width`; what is beyond `most` lines is left out, the last one saying so by an ellipsis. */
  wrapped(
    text: string,
    width: number,
    size: number,
    weight: number,
    most: number,
  ): { lines: string[]; whole: boolean } {
    const lines: string[] = [];
    for (const paragraph of text.split("\n")) {
      let line = "";
      for (const word of paragraph.split(/\s+/)) {
        const longer = line ? `${line} ${word}` : word;
        if (line && this.widthOf(longer, size, weight) > width) {
          lines.push(line);
          line = word;
        } else line = longer;
      }
      lines.push(line);
    }
    const whole = lines.length <= most;
    if (!whole) lines.splice(most - 1, Number.POSITIVE_INFINITY, `${lines[most - 1] ?? ""} …`);
    return { lines: lines.map((line) => this.elided(line, width, size, weight)), whole };
  }

  #font(size: number, weight: number): void {
    this.context.font = `${weight} ${size * this.pxPerMm}px ${FONT}`;
    this.context.direction = this.direction;
  }

  #x(from: number): number {
    return (LEFT + (this.direction === "ltr" ? from : SHEET.width - from)) * this.pxPerMm;
  }
}
