/** Which stretch of which lead stands where on the paper. Millimetres; the sheet is that of `ecglite.edge.tracing`. */
import { LEADS, type Lead } from "../edge/record";
import { MM_PER_S, type Size } from "./geometry";
import type { Leads, Trace } from "./leads";

/** Seconds on one sheet. */
export const SHEET_S = 10;
export const SHEET: Size = { width: 275, height: 135 };

const ROWS: readonly (readonly Lead[])[] = [
  ["I", "aVR", "V1", "V4"],
  ["II", "aVL", "V2", "V5"],
  ["III", "aVF", "V3", "V6"],
];
const COLUMN_S = SHEET_S / 4;
/** Of the printed sheet's height, what its captions take; on the screen they stand outside. */
const CAPTION = 5;
// Multiples of 5, so that every baseline runs on a thick line of the grid.
const LEFT = 15;
const SHEET_FIRST = 25;
const SHEET_PITCH = 30;
/** Below each other the names stand beside the paper, and rows are as far apart as their beats need. */
const SCROLL_LEFT = 10;
const SCROLL_FIRST = 15;
const SCROLL_PITCH = { least: 20, most: 30 };
/** Of two rows' tallest beats, which seldom meet, so much may overlap. */
const OVERLAP = 5;
/** A lead's name on a sheet above its baseline, and where a lead gone wild is cut: below its name, within its row. */
const SHEET_LABEL = 12;
const SHEET_ROW: Row = { up: 11, down: 15 };
const SCROLL_ROW: Row = { up: 10, down: 10 };

/** How far from its baseline a lead gone wild is drawn. */
interface Row {
  readonly up: number;
  readonly down: number;
}

/** Whether the last of the sheets that show so many seconds has less than its own: then its columns repeat themselves. */
export const columnsOverlap = (shownS: number): boolean => Math.ceil(shownS / SHEET_S - 1e-9) * SHEET_S - shownS > 1e-6;

/** One lead's stretch on the paper. */
export interface Strip {
  readonly lead: Lead;
  /** Where its first sample and its baseline are. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly row: Row;
  /** The label's baseline, above `y`. */
  readonly labelY: number;
  /** A short upright stroke before it: another lead stands to the left. */
  readonly tick: boolean;
  /** Absent where the record lacks the lead. */
  readonly trace?: Trace;
}

/** A calibration pulse of 1 mV: its left end and its height. */
export interface Pulse {
  readonly x: number;
  readonly y: number;
  readonly height: number;
}

export interface Layout {
  readonly paper: Size;
  readonly mmPerMv: number;
  /** The paper runs through under the leads' names, which stand beside it. */
  readonly scrolls: boolean;
  /** What stands between two places of the paper, left to right. */
  readonly strips: (from: number, to: number) => readonly Strip[];
  readonly pulses: (from: number, to: number) => readonly Pulse[];
  /** Where a second of the recording is, and which is at a place; on sheets by their strip of II, within their margins. */
  readonly xOf: (seconds: number) => number;
  readonly secondsAt: (x: number) => number;
}

/** The leads below each other, recorded and derived ones, as long as the recording. */
export function scrollLayout(leads: Leads): Layout {
  const { durationS, mmPerMv } = leads;
  const shown = LEADS.filter((lead) => leads.has(lead));
  const width = durationS * MM_PER_S;
  const strips: Strip[] = [];
  let y = SCROLL_FIRST;
  let downBefore = 0;
  for (const lead of shown) {
    const trace = leads.trace(lead, 0, durationS, mmPerMv);
    const [up, down] = trace ? leads.reach(trace) : [0, 0];
    const needed = 5 * Math.ceil(((downBefore + up) * mmPerMv - OVERLAP) / 5);
    if (strips.length) y += Math.min(SCROLL_PITCH.most, Math.max(SCROLL_PITCH.least, needed));
    strips.push(strip(lead, trace, { x: SCROLL_LEFT, y, width, row: SCROLL_ROW, labelY: y, tick: false }));
    downBefore = down;
  }
  return {
    paper: { width: SCROLL_LEFT + width + 5, height: y + SCROLL_FIRST },
    mmPerMv,
    scrolls: true,
    strips: () => strips,
    pulses: (from) => (from > SCROLL_LEFT ? [] : strips.map(({ y }) => ({ x: 1, y, height: mmPerMv }))),
    xOf: (seconds) => SCROLL_LEFT + seconds * MM_PER_S,
    secondsAt: (x) => (x - SCROLL_LEFT) / MM_PER_S,
  };
}

/** Ten seconds a sheet, the sheets side by side. */
export function sheetsLayout(leads: Leads): Layout {
  const { durationS, mmPerMv } = leads;
  const sheets = Math.max(1, Math.ceil(durationS / SHEET_S - 1e-9));
  const cache = new Map<number, readonly Strip[]>();
  const sheet = (at: number): readonly Strip[] => {
    const known = cache.get(at) ?? sheetStrips(leads, at * SHEET_S, mmPerMv, at * SHEET.width);
    cache.set(at, known);
    return known;
  };
  const sheetAt = (x: number): number => Math.max(0, Math.min(sheets - 1, Math.floor(x / SHEET.width)));
  const between = (from: number, to: number): number[] => {
    const first = sheetAt(from);
    return to < 0 ? [] : Array.from({ length: sheetAt(to) - first + 1 }, (_, at) => first + at);
  };
  return {
    paper: { width: sheets * SHEET.width, height: SHEET.height - CAPTION },
    mmPerMv,
    scrolls: false,
    strips: (from, to) => between(from, to).flatMap(sheet),
    pulses: (from, to) => between(from, to).flatMap((at) => sheetPulses(mmPerMv, at * SHEET.width)),
    xOf: (seconds) => {
      const at = Math.max(0, Math.min(sheets - 1, Math.floor(seconds / SHEET_S)));
      return at * SHEET.width + LEFT + (seconds - at * SHEET_S) * MM_PER_S;
    },
    secondsAt: (x) => {
      const at = sheetAt(x);
      const within = (x - at * SHEET.width - LEFT) / MM_PER_S;
      return at * SHEET_S + Math.max(0, Math.min(SHEET_S, within));
    },
  };
}

/** 3 rows of 4 leads by 2.5 s and a strip of II, or of the first lead where II is not recorded, from `startS`. */
export function sheetStrips(leads: Leads, startS: number, mmPerMv: number, left = 0): Strip[] {
  const shownS = Math.min(SHEET_S, leads.durationS - startS);
  const lengthS = Math.min(COLUMN_S, shownS);
  const strips = ROWS.flatMap((row, at) =>
    row.map((lead, column) => {
      // Where less than a sheet is left, each column still shows up to 2.5 s.
      const beginS = startS + Math.min(column * COLUMN_S, Math.max(0, shownS - COLUMN_S));
      const x = left + LEFT + column * COLUMN_S * MM_PER_S;
      const trace = leads.trace(lead, beginS, lengthS, mmPerMv);
      return strip(lead, trace, { ...sheetPlace(at), x, width: lengthS * MM_PER_S, tick: column > 0 });
    }),
  );
  const long = leads.has("II") ? "II" : (leads.record.leads[0] ?? "II");
  const trace = leads.trace(long, startS, shownS, mmPerMv);
  const place = { ...sheetPlace(ROWS.length), x: left + LEFT, width: shownS * MM_PER_S, tick: false };
  return [...strips, strip(long, trace, place)];
}

function sheetPlace(at: number) {
  const y = SHEET_FIRST + SHEET_PITCH * at;
  return { y, labelY: y - SHEET_LABEL, row: SHEET_ROW };
}

export function sheetPulses(mmPerMv: number, left = 0): Pulse[] {
  return [0, 1, 2, 3].map((row) => ({ x: left + 5, y: sheetPlace(row).y, height: mmPerMv }));
}

const strip = (lead: Lead, trace: Trace | undefined, place: Omit<Strip, "lead" | "trace">): Strip => ({
  lead,
  ...place,
  ...(trace && { trace }),
});
