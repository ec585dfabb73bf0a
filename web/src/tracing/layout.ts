/** Which stretch of which lead stands where on the paper. Millimetres; the sheet is that of `ecglite.edge.tracing`. */
import { durationS, LEADS, type Lead, type Record } from "../edge/record";
import { MM_PER_MV, MM_PER_S, type Size } from "./geometry";
import { baseline, Pyramid } from "./pyramid";

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
export const LEFT = 15;
const SHEET_FIRST = 20;
const SHEET_PITCH = 30;
const SCROLL_FIRST = 15;
const SCROLL_PITCH = 20;
/** How far a trace may go from its baseline, either way. */
const REACH = 20;
/** A tall beat may reach into the next row as on any sheet; a lead gone wild keeps nearer to its own. */
const CUT_REACH = 15;

/** Whether the last of the sheets that show so many seconds has less than its own: then its columns repeat themselves. */
export const columnsOverlap = (shownS: number): boolean => Math.ceil(shownS / SHEET_S - 1e-9) * SHEET_S - shownS > 1e-6;

/** One lead's stretch on the paper. */
export interface Strip {
  readonly lead: Lead;
  /** Where its first sample and its baseline are. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  /** The label's baseline, above `y`. */
  readonly labelY: number;
  /** A short upright stroke before it: another lead stands to the left. */
  readonly tick: boolean;
  /** Absent where the record lacks the lead. */
  readonly trace?: Trace;
}

export interface Trace {
  readonly pyramid: Pyramid;
  readonly rateHz: number;
  /** Samples [first, last). */
  readonly first: number;
  readonly last: number;
  /** The median of the stretch, removed for display. */
  readonly baselineMv: number;
  readonly reach: number;
  readonly cut: boolean;
}

export interface Layout {
  readonly paper: Size;
  /** Labels stay at the view's left edge, because the paper runs through under them. */
  readonly scrolls: boolean;
  /** What stands between two places of the paper, left to right. */
  readonly strips: (from: number, to: number) => readonly Strip[];
  /** Left ends of the calibration pulses between two places. */
  readonly pulses: (from: number, to: number) => readonly { x: number; y: number }[];
}

/** A record with a pyramid per lead, made once. */
export class Leads {
  readonly record: Record;
  readonly durationS: number;
  readonly #pyramids: ReadonlyMap<Lead, Pyramid>;

  constructor(record: Record) {
    this.record = record;
    this.durationS = durationS(record);
    this.#pyramids = new Map(
      record.leads.map((lead, at) => [lead, new Pyramid(record.signalMv[at] ?? new Float32Array())]),
    );
  }

  /** A lead's stretch with its baseline, or undefined where the record lacks the lead. */
  trace(lead: Lead, beginS: number, lengthS: number): Trace | undefined {
    const pyramid = this.#pyramids.get(lead);
    if (!pyramid) return undefined;
    const rateHz = this.record.samplingRateHz;
    const first = Math.round(beginS * rateHz);
    const last = Math.min(pyramid.samples.length, first + Math.round(lengthS * rateHz));
    const baselineMv = baseline(pyramid.samples, first, last);
    const range: [number, number] = [0, 0];
    pyramid.range(first, last, range);
    const cut = Math.max(range[1] - baselineMv, baselineMv - range[0]) * MM_PER_MV > REACH;
    return { pyramid, rateHz, first, last, baselineMv, cut, reach: cut ? CUT_REACH : REACH };
  }
}

/** All twelve leads below each other, as long as the recording. */
export function scrollLayout(leads: Leads): Layout {
  const width = leads.durationS * MM_PER_S;
  const strips = LEADS.map((lead, row) => {
    const y = SCROLL_FIRST + SCROLL_PITCH * row;
    return strip(leads, lead, LEFT, y, 0, leads.durationS, y - 6);
  });
  return {
    paper: { width: LEFT + width + 5, height: 2 * SCROLL_FIRST + SCROLL_PITCH * (LEADS.length - 1) },
    scrolls: true,
    strips: () => strips,
    pulses: (from) => (from > LEFT ? [] : strips.map(({ y }) => ({ x: 5, y }))),
  };
}

/** Ten seconds a sheet, the sheets side by side. */
export function sheetsLayout(leads: Leads): Layout {
  const sheets = Math.max(1, Math.ceil(leads.durationS / SHEET_S - 1e-9));
  const cache = new Map<number, readonly Strip[]>();
  const sheet = (at: number): readonly Strip[] => {
    const known = cache.get(at) ?? sheetStrips(leads, at * SHEET_S, at * SHEET.width);
    cache.set(at, known);
    return known;
  };
  const between = (from: number, to: number): number[] => {
    const first = Math.max(0, Math.floor(from / SHEET.width));
    const last = Math.min(sheets - 1, Math.floor(to / SHEET.width));
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => first + at);
  };
  return {
    paper: { width: sheets * SHEET.width, height: SHEET.height - CAPTION },
    scrolls: false,
    strips: (from, to) => between(from, to).flatMap(sheet),
    pulses: (from, to) => between(from, to).flatMap((at) => sheetPulses(at * SHEET.width)),
  };
}

/** 3 rows of 4 leads by 2.5 s and a strip of II, or of the first lead where II is not recorded, from `startS`. */
export function sheetStrips(leads: Leads, startS: number, left = 0): Strip[] {
  const shownS = Math.min(SHEET_S, leads.durationS - startS);
  const lengthS = Math.min(COLUMN_S, shownS);
  const strips = ROWS.flatMap((row, at) =>
    row.map((lead, column) => {
      // Where less than a sheet is left, each column still shows up to 2.5 s.
      const beginS = startS + Math.min(column * COLUMN_S, Math.max(0, shownS - COLUMN_S));
      const y = SHEET_FIRST + SHEET_PITCH * at;
      const x = left + LEFT + column * COLUMN_S * MM_PER_S;
      return strip(leads, lead, x, y, beginS, lengthS, y - 12, column > 0);
    }),
  );
  const long = leads.record.leads.includes("II") ? "II" : (leads.record.leads[0] ?? "II");
  const y = SHEET_FIRST + SHEET_PITCH * ROWS.length;
  return [...strips, strip(leads, long, left + LEFT, y, startS, shownS, y - 12)];
}

export function sheetPulses(left = 0): { x: number; y: number }[] {
  return [0, 1, 2, 3].map((row) => ({ x: left + 5, y: SHEET_FIRST + SHEET_PITCH * row }));
}

function strip(
  leads: Leads,
  lead: Lead,
  x: number,
  y: number,
  beginS: number,
  lengthS: number,
  labelY: number,
  tick = false,
): Strip {
  const trace = leads.trace(lead, beginS, lengthS);
  return { lead, x, y, width: lengthS * MM_PER_S, labelY, tick, ...(trace && { trace }) };
}
