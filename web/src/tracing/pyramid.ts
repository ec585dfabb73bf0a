/** Lowest and highest sample of any stretch of a lead in a few steps, so that an hour is drawn as fast as ten seconds. */
import { median } from "../edge/statistics";

/** Samples in a block of the lowest level: below it reading the samples themselves is as fast. */
const BASE = 16;
/** Blocks of one level in a block of the next. */
const FACTOR = 4;

interface Level {
  readonly size: number;
  readonly low: Float32Array;
  readonly high: Float32Array;
}

/** Min and max of whole blocks, NaN left out; a block of NaN alone has low +Infinity and high -Infinity. */
export class Pyramid {
  readonly samples: Float32Array;
  readonly #levels: readonly Level[];

  constructor(samples: Float32Array) {
    this.samples = samples;
    const levels: Level[] = [];
    let [low, high, size, step] = [samples, samples, 1, BASE];
    while (low.length >= 2 * step) {
      [low, high] = reduced(low, high, step);
      size *= step;
      levels.push({ size, low, high });
      step = FACTOR;
    }
    this.#levels = levels;
  }

  /** Writes min and max of samples [from, to) to `out`; +Infinity and -Infinity where there is none but NaN. */
  range(from: number, to: number, out: [number, number]): void {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    let level = -1;
    for (let at = from; at < to; ) {
      // Up while a larger block begins here and ends within the stretch, down while this one is too large.
      for (let up = this.#levels[level + 1]; up; up = this.#levels[level + 1]) {
        if (at % up.size !== 0 || at + up.size > to || at / up.size >= up.low.length) break;
        level++;
      }
      for (let same = this.#levels[level]; same; same = this.#levels[level]) {
        if (at % same.size === 0 && at + same.size <= to && at / same.size < same.low.length) break;
        level--;
      }
      const {
        size,
        low: lows,
        high: highs,
      } = this.#levels[level] ?? { size: 1, low: this.samples, high: this.samples };
      const block = at / size;
      if ((lows[block] as number) < low) low = lows[block] as number;
      if ((highs[block] as number) > high) high = highs[block] as number;
      at += size;
    }
    out[0] = low;
    out[1] = high;
  }
}

/** Blocks of `step`, whole ones only. */
function reduced(low: Float32Array, high: Float32Array, step: number): [Float32Array, Float32Array] {
  const n = Math.floor(low.length / step);
  const lows = new Float32Array(n);
  const highs = new Float32Array(n);
  for (let block = 0, at = 0; block < n; block++) {
    let least = Number.POSITIVE_INFINITY;
    let most = Number.NEGATIVE_INFINITY;
    for (const end = at + step; at < end; at++) {
      if ((low[at] as number) < least) least = low[at] as number;
      if ((high[at] as number) > most) most = high[at] as number;
    }
    lows[block] = least;
    highs[block] = most;
  }
  return [lows, highs];
}

/** Above this many samples the median is that of evenly spaced ones: no eye sees the difference. */
const MEDIAN_OF = 65536;

/** The median of samples [from, to), NaN left out; 0 where there is none. */
export function baseline(samples: Float32Array, from = 0, to = samples.length): number {
  const step = Math.max(1, Math.ceil((to - from) / MEDIAN_OF));
  const finite = new Float32Array(Math.ceil(Math.max(0, to - from) / step));
  let n = 0;
  for (let at = from; at < to; at += step) {
    if (Number.isFinite(samples[at])) finite[n++] = samples[at] as number;
  }
  return n === 0 ? 0 : median(finite.subarray(0, n));
}
