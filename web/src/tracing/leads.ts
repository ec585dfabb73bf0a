/** The leads of a recording as they are drawn: recorded or derived, at which gain, and where one has gone wild. */
import { durationS, LEADS, type Lead, type Record } from "../edge/record";
import { median } from "../edge/statistics";
import { derivedLead, derivedLeads, limbPair } from "../edge/windows";
import { HALF_MM_PER_MV, MM_PER_MV } from "./geometry";
import { baseline, Pyramid } from "./pyramid";

/** Seconds that are judged at a time. */
const PIECE_S = 10;
/** Millivolts from the baseline within which a trace is never cut; what goes further is no heartbeat. */
const WILD_MV = 5;
/** Millivolts from the baseline beyond which beats at full gain would cover the next row's. */
const TALL_MV = 2.5;

export interface Trace {
  readonly pyramid: Pyramid;
  readonly rateHz: number;
  readonly mmPerMv: number;
  /** Samples [first, last). */
  readonly first: number;
  readonly last: number;
  /** The median of the stretch, removed for display. */
  readonly baselineMv: number;
  readonly derived: boolean;
  /** Samples in a piece, and for each piece from `first` on whether the lead has gone wild there. */
  readonly piece: number;
  readonly wild: readonly boolean[];
}

/** A record with a pyramid per lead, made once. */
export class Leads {
  readonly record: Record;
  readonly durationS: number;
  /** Neither recorded nor derived. */
  readonly absent: readonly Lead[];
  /** The gain that most of the recording needs. */
  readonly mmPerMv: number;
  readonly #pyramids: ReadonlyMap<Lead, Pyramid>;
  readonly #derived: ReadonlySet<Lead>;

  constructor(record: Record) {
    this.record = record;
    this.durationS = durationS(record);
    const pyramids = new Map<Lead, Pyramid>();
    for (const [at, lead] of record.leads.entries()) {
      pyramids.set(lead, new Pyramid(record.signalMv[at] ?? new Float32Array()));
    }
    const pair = limbPair(record.leads);
    const [one, other] = pair.map((lead) => pyramids.get(lead)?.samples);
    this.#derived = new Set(derivedLeads(record));
    for (const lead of this.#derived) {
      if (one && other) pyramids.set(lead, new Pyramid(derivedLead(lead, pair, one, other)));
    }
    this.#pyramids = pyramids;
    this.absent = LEADS.filter((lead) => !pyramids.has(lead));
    this.mmPerMv = this.gain(0, this.durationS);
  }

  has(lead: Lead): boolean {
    return this.#pyramids.has(lead);
  }

  /** A lead's stretch with its baseline, or undefined where it is absent. */
  trace(lead: Lead, beginS: number, lengthS: number, mmPerMv: number): Trace | undefined {
    const pyramid = this.#pyramids.get(lead);
    if (!pyramid) return undefined;
    const rateHz = this.record.samplingRateHz;
    const [first, last] = this.#samples(beginS, lengthS, pyramid);
    const baselineMv = baseline(pyramid.samples, first, last);
    const piece = Math.round(PIECE_S * rateHz);
    const wild = reaches(pyramid, first, last, piece, baselineMv).map((mv) => Math.max(...mv) > WILD_MV);
    return { pyramid, rateHz, mmPerMv, first, last, baselineMv, derived: this.#derived.has(lead), piece, wild };
  }

  /** Millimetres per millivolt: half the usual where beats are tall in at least half of the stretch, ten seconds at a time. */
  gain(beginS: number, lengthS: number): number {
    const piece = Math.round(PIECE_S * this.record.samplingRateHz);
    const tall: boolean[] = [];
    for (const pyramid of this.#pyramids.values()) {
      const [first, last] = this.#samples(beginS, lengthS, pyramid);
      const baselineMv = baseline(pyramid.samples, first, last);
      // A lead gone wild is cut anyway, and does not make the others small.
      for (const [at, mv] of reaches(pyramid, first, last, piece, baselineMv).entries()) {
        tall[at] = tall[at] || (Math.max(...mv) > TALL_MV && Math.max(...mv) <= WILD_MV);
      }
    }
    return tall.length > 0 && 2 * tall.filter(Boolean).length >= tall.length ? HALF_MM_PER_MV : MM_PER_MV;
  }

  /** Millivolts that a trace goes up and down from its baseline in most of its pieces, those gone wild aside. */
  reach({ pyramid, first, last, piece, baselineMv }: Trace): readonly [up: number, down: number] {
    const tame = reaches(pyramid, first, last, piece, baselineMv).filter((mv) => Math.max(...mv) <= WILD_MV);
    if (tame.length === 0) return [0, 0];
    return [median(Float32Array.from(tame, ([up]) => up)), median(Float32Array.from(tame, ([, down]) => down))];
  }

  #samples(beginS: number, lengthS: number, { samples }: Pyramid): readonly [first: number, last: number] {
    const first = Math.round(beginS * this.record.samplingRateHz);
    return [first, Math.min(samples.length, first + Math.round(lengthS * this.record.samplingRateHz))];
  }
}

/** Whether a trace is cut somewhere in samples [from, to). */
export function isCut({ first, piece, wild }: Trace, from: number, to: number): boolean {
  const end = Math.min(wild.length, Math.ceil((to - first) / piece));
  for (let at = Math.max(0, Math.floor((from - first) / piece)); at < end; at++) if (wild[at]) return true;
  return false;
}

/** How far up and down each piece of samples [first, last) goes from the baseline, in millivolts; 0 where it is but NaN. */
function reaches(pyramid: Pyramid, first: number, last: number, piece: number, baselineMv: number) {
  const range: [number, number] = [0, 0];
  return Array.from({ length: Math.max(0, Math.ceil((last - first) / piece)) }, (_, at) => {
    const from = first + at * piece;
    pyramid.range(from, Math.min(last, from + piece), range);
    return [Math.max(0, range[1] - baselineMv), Math.max(0, baselineMv - range[0])] as const;
  });
}
