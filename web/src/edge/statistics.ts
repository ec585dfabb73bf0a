/**
 * What numpy computes, to the last bit: verdicts compare these figures with thresholds.
 *
 * A Float32Array gives float32 results where numpy's do.
 */

/** The middle value; of an even number, the mean of the middle two. NaN of none. */
export function median(x: Float32Array | Float64Array): number {
  const middle = x.length >> 1;
  if (x.length % 2) return neighbours(x.slice(), middle).below;
  const { below, above } = neighbours(x.slice(), middle - 1);
  return x instanceof Float32Array ? Math.fround(Math.fround(below + above) / 2) : (below + above) / 2;
}

/** As `np.quantile(x, shares)`, linear between neighbours: float64, from differences in the type of `x`. */
export function quantiles(x: Float32Array | Float64Array, shares: readonly number[]): number[] {
  const ordered = x.slice();
  return shares.map((share) => {
    const { below, above, rest } = neighbours(ordered, (x.length - 1) * share);
    const step = x instanceof Float32Array ? Math.fround(above - below) : above - below;
    return rest >= 0.5 ? above - step * (1 - rest) : below + step * rest;
  });
}

/** As `np.quantile(x, share)` with one share, which numpy computes in float32 throughout. */
export function quantile32(x: Float32Array, share: number): number {
  const { below, above, rest } = neighbours(x.slice(), (x.length - 1) * share);
  const step = Math.fround(above - below);
  const part = (t: number) => Math.fround(step * Math.fround(t));
  return Math.fround(rest >= 0.5 ? above - part(1 - rest) : below + part(rest));
}

/** The values on either side of a place in the order of `x`, which is put partly in order; no NaN may be in it. */
function neighbours(x: Float32Array | Float64Array, place: number) {
  const first = Math.floor(place);
  select(x, first);
  const below = x[first] ?? Number.NaN;
  let above = Number.POSITIVE_INFINITY;
  for (let k = first + 1; k < x.length; k++) if ((x[k] as number) < above) above = x[k] as number;
  return { below, above: first + 1 < x.length ? above : below, rest: place - first };
}

/** Puts the value at `place` where sorting would, and none that is greater before it (Hoare, 1961): sorting takes longer. */
function select(x: Float32Array | Float64Array, place: number): void {
  let low = 0;
  let high = x.length - 1;
  while (low < high) {
    const pivot = x[(low + high) >> 1] as number;
    let i = low;
    let j = high;
    while (i <= j) {
      while ((x[i] as number) < pivot) i++;
      while ((x[j] as number) > pivot) j--;
      if (i > j) break;
      const swapped = x[i] as number;
      x[i++] = x[j] as number;
      x[j--] = swapped;
    }
    if (place <= j) high = j;
    else if (place >= i) low = i;
    else return;
  }
}

/** Means of each `n` values, up to 128, in float32 and added in the order in which numpy adds them: by eights, then the rest. */
export function means32(x: Float32Array, n: number): Float32Array {
  const means = new Float32Array(Math.trunc(x.length / n));
  const eight = new Float32Array(8);
  const pair = (j: number) => Math.fround((eight[j] as number) + (eight[j + 1] as number));
  for (let m = 0; m < means.length; m++) {
    const end = (m + 1) * n;
    let k = m * n;
    let total = 0;
    if (n >= 8) {
      eight.fill(0);
      for (; k + 8 <= end; k += 8) for (let j = 0; j < 8; j++) eight[j] = (eight[j] as number) + (x[k + j] as number);
      total = Math.fround(Math.fround(pair(0) + pair(2)) + Math.fround(pair(4) + pair(6)));
    }
    for (; k < end; k++) total = Math.fround(total + (x[k] as number));
    means[m] = total / n;
  }
  return means;
}

/** Least and greatest of what is not NaN; NaN both where there is nothing else. */
export function extent(x: Float32Array): readonly [low: number, high: number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < x.length; k++) {
    const value = x[k] as number;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low > high ? [Number.NaN, Number.NaN] : [low, high];
}

/** Start and end of each run of `true`, the end being the first index after it. */
export function* runs(n: number, holds: (index: number) => boolean): Generator<readonly [start: number, end: number]> {
  let start = -1;
  for (let k = 0; k <= n; k++) {
    const here = k < n && holds(k);
    if (here && start < 0) start = k;
    if (!here && start >= 0) {
      yield [start, k];
      start = -1;
    }
  }
}
