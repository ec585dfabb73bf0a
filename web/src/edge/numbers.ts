/** Numbers rounded and written as Python does, so that a sentence has the same figures in both. */

/** To the nearest whole number, a half to the even one: as `round(x)`. */
export function round(x: number): number {
  const up = Math.round(x);
  return up - x === 0.5 && up % 2 !== 0 ? up - 1 : up;
}

/** With so many decimals, as `f"{x:.1f}"`. */
export function fixed(x: number, decimals: number): string {
  // toFixed rounds the exact binary value, and differs in true halves alone, which it rounds up
  const halves = x * 2 ** (decimals + 1);
  const isHalf = Number.isInteger(halves) && halves % 2 !== 0;
  return isHalf ? (round(x * 10 ** decimals) / 10 ** decimals).toFixed(decimals) : x.toFixed(decimals);
}

/** To so many decimals, as `round(x, 6)`. */
export const rounded = (x: number, decimals: number): number => Number(fixed(x, decimals));

/**
 * As `f"{x:.4g}"`: significant digits without trailing zeros, an exponent where it is below -4 or not below `digits`.
 */
export function general(x: number, digits = 6): string {
  if (Number.isNaN(x)) return "nan";
  if (!Number.isFinite(x)) return x < 0 ? "-inf" : "inf";
  const [mantissa = "", exponent = ""] = roundedToEven(x, digits).split("e");
  const power = Number(exponent);
  if (power < -4 || power >= digits) {
    const size = String(Math.abs(power)).padStart(2, "0");
    return `${trimmed(mantissa)}e${power < 0 ? "-" : "+"}${size}`;
  }
  const text = Number(`${mantissa}e${exponent}`).toFixed(digits - 1 - power);
  return trimmed(Object.is(x, -0) ? `-${text}` : text);
}

const MIB = 1024 * 1024;
const ONE_DECIMAL = new Intl.NumberFormat("en-US", {
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
  roundingMode: "halfEven",
});

/** Bytes in MiB, with one decimal and thousands apart: "3,072.0". */
export function mebibytes(bytes: number): string {
  return ONE_DECIMAL.format(bytes / MIB);
}

/** In the form "1.5e+2", with so many digits; `toExponential` rounds an exact half up. */
function roundedToEven(x: number, digits: number): string {
  const usual = x.toExponential(digits - 1);
  const exact = x.toExponential(100); // more digits than any half has
  const cut = exact.indexOf(".") + digits; // first digit that is dropped, for digits > 1
  if (!/^50*e/.test(exact.slice(cut)) || Number(exact[cut - 1]) % 2 !== 0) return usual;
  return exact.slice(0, cut) + exact.slice(exact.indexOf("e"));
}

function trimmed(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}
