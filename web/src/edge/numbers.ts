/** Numbers rounded and written as Python does, so that a sentence has the same figures in both. */

/** To the nearest whole number, a half to the even one. */
export function round(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}

/** With so many decimals, as `f"{x:.1f}"`. */
export function fixed(x: number, decimals: number): string {
  // toFixed rounds the exact binary value, and differs in true halves alone, which it rounds up
  const halves = x * 2 ** (decimals + 1);
  const isHalf = Number.isInteger(halves) && halves % 2 !== 0;
  return isHalf ? (round(x * 10 ** decimals) / 10 ** decimals).toFixed(decimals) : x.toFixed(decimals);
}

/** With so many significant digits and no more than it needs, as `f"{x:.4g}"`. */
export function general(x: number, digits = 6): string {
  const [mantissa = "", exponent = ""] = x.toExponential(digits - 1).split("e");
  const power = Number(exponent);
  const bare = (text: string) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
  if (power >= -4 && power < digits) return bare(fixed(x, digits - 1 - power));
  return `${bare(mantissa)}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}

/** To so many decimals, as `round(x, 6)`. */
export const rounded = (x: number, decimals: number): number => Number(fixed(x, decimals));
