import { describe, expect, it } from "vitest";
import { baseline, Pyramid } from "../../src/tracing/pyramid";

/** Numbers in [0, 1), the same in every run. */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 4294967296;
  };
}

function signal(n: number, random: () => number, missing: number): Float32Array {
  return Float32Array.from({ length: n }, () => (random() < missing ? Number.NaN : random() * 4 - 2));
}

describe("Pyramid", () => {
  it("gives the min and max that reading every sample gives", () => {
    const random = uniform(7);
    for (const n of [0, 1, 15, 16, 17, 31, 32, 33, 127, 128, 1000, 4096, 9973]) {
      for (const missing of [0, 0.3, 0.98]) {
        const samples = signal(n, random, missing);
        const pyramid = new Pyramid(samples);
        for (let round = 0; round < 200; round++) {
          const [a, b] = [Math.floor(random() * (n + 1)), Math.floor(random() * (n + 1))];
          const [from, to] = [Math.min(a, b), Math.max(a, b)];
          const present = [...samples.subarray(from, to)].filter((mv) => !Number.isNaN(mv));
          const out: [number, number] = [0, 0];
          pyramid.range(from, to, out);
          expect(out, `${n} samples, [${from}, ${to})`).toEqual([Math.min(...present), Math.max(...present)]);
        }
      }
    }
  });

  it("reads an hour of a lead in far fewer steps than samples", () => {
    const samples = signal(1_800_000, uniform(3), 0);
    const pyramid = new Pyramid(samples);
    const out: [number, number] = [0, 0];
    // the best of many: the machine may be busy
    const timed = (read: () => void): number => {
      let best = Number.POSITIVE_INFINITY;
      for (let round = 0; round < 20; round++) {
        const begin = performance.now();
        read();
        best = Math.min(best, performance.now() - begin);
      }
      return best;
    };
    const all = timed(() => {
      let high = Number.NEGATIVE_INFINITY;
      for (let at = 1; at < samples.length; at++) if ((samples[at] as number) > high) high = samples[at] as number;
      out[1] = high;
    });
    expect(timed(() => pyramid.range(1, samples.length - 1, out))).toBeLessThan(all / 20);
  });
});

describe("baseline", () => {
  it("is that of the samples there are", () => {
    expect(baseline(Float32Array.of(3, Number.NaN, 1, 2))).toBe(2);
    expect(baseline(Float32Array.of(4, 1, 2, 3))).toBe(2.5);
    expect(baseline(Float32Array.of(9, 1, 2, 3, 9), 1, 4)).toBe(2);
    expect(baseline(Float32Array.of(Number.NaN))).toBe(0);
    expect(baseline(new Float32Array())).toBe(0);
  });

  it("of an hour is close to the true one", () => {
    expect(Math.abs(baseline(signal(1_800_000, uniform(5), 0.1)))).toBeLessThan(0.03);
  });
});
