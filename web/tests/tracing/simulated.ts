/** Signals for the tracing's tests: beats as sums of Gaussians, a different mixture in each lead. */
import { LEADS, type Lead, type Record } from "../../src/edge/record";

/** Centre and width in seconds, of P, Q, R, S and T about the R wave. */
const WAVES = [
  [-0.16, 0.022],
  [-0.026, 0.008],
  [0, 0.011],
  [0.028, 0.01],
  [0.26, 0.045],
] as const;

/** Millivolts of P, Q, R, S and T in each lead. */
const HEIGHTS: { readonly [lead in Lead]: readonly number[] } = {
  I: [0.08, -0.05, 0.75, -0.12, 0.22],
  II: [0.15, -0.08, 1.15, -0.2, 0.32],
  III: [0.07, -0.06, 0.45, -0.1, 0.12],
  aVR: [-0.11, 0.06, -0.95, 0.15, -0.26],
  aVL: [0.02, -0.03, 0.25, -0.1, 0.06],
  aVF: [0.11, -0.07, 0.8, -0.15, 0.22],
  V1: [0.06, 0, 0.22, -1.05, -0.1],
  V2: [0.07, 0, 0.5, -1.6, 0.45],
  V3: [0.08, 0, 0.95, -1.1, 0.55],
  V4: [0.09, -0.08, 1.75, -0.6, 0.5],
  V5: [0.09, -0.1, 1.5, -0.25, 0.4],
  V6: [0.09, -0.1, 1.1, -0.1, 0.3],
};

export interface Wanted {
  readonly seconds?: number;
  readonly rateHz?: number;
  readonly without?: readonly Lead[];
  /** Samples [from, to) of V2 that are missing, in seconds. */
  readonly gapS?: readonly [number, number];
  /** Millivolts by which every wave is multiplied in V3. */
  readonly wild?: number;
}

export function simulated({ seconds = 10, rateHz = 500, without = [], gapS, wild = 1 }: Wanted = {}): Record {
  const leads = LEADS.filter((lead) => !without.includes(lead));
  const n = Math.round(seconds * rateHz);
  let seed = 1;
  const noise = Float32Array.from({ length: 4096 }, () => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return (seed / 2147483648 - 0.5) * 0.02;
  });
  const signalMv = leads.map((lead, at) => {
    const signal = new Float32Array(n);
    for (let i = 0; i < n; i++) signal[i] = (noise[(i * 7 + at * 331) % 4096] as number) + 0.05 * Math.sin(i / rateHz);
    for (let beat = 0.4, count = 0; beat < seconds + 0.4; beat += 0.82 + 0.03 * Math.sin(count++)) {
      for (const [wave, [centre, width]] of WAVES.entries()) {
        const height = (HEIGHTS[lead][wave] as number) * (lead === "V3" ? wild : 1);
        const from = Math.max(0, Math.round((beat + centre - 4 * width) * rateHz));
        const to = Math.min(n, Math.round((beat + centre + 4 * width) * rateHz));
        for (let i = from; i < to; i++) {
          signal[i] = (signal[i] as number) + height * Math.exp(-(((i / rateHz - beat - centre) / width) ** 2) / 2);
        }
      }
    }
    if (gapS && lead === "V2") signal.fill(Number.NaN, Math.round(gapS[0] * rateHz), Math.round(gapS[1] * rateHz));
    return signal;
  });
  return {
    signalMv,
    samplingRateHz: rateHz,
    leads,
    patient: { ageYears: 62, sex: "female" },
    path: "simulated.csv",
    format: "csv",
    units: "mV",
    comments: [],
    notes: [],
  };
}
