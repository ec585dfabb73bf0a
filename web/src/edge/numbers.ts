/** Numbers as the Python package writes them in its sentences. */
import { type Words, words } from "./words";

/**
 * As Python's `format(value, ".{digits}g")`: significant digits without trailing zeros, an exponent where it is below
 * -4 or not below `digits`, exact ties to even (where `toPrecision` rounds them up).
 */
export function general(value: number, digits = 6): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
  const [mantissa = "", exponent = ""] = roundedToEven(value, digits).split("e");
  const power = Number(exponent);
  if (power < -4 || power >= digits) {
    const size = String(Math.abs(power)).padStart(2, "0");
    return `${trimmed(mantissa)}e${power < 0 ? "-" : "+"}${size}`;
  }
  const text = Number(`${mantissa}e${exponent}`).toFixed(digits - 1 - power);
  return trimmed(Object.is(value, -0) ? `-${text}` : text);
}

/** The nearest integer, ties to even. */
export function nearest(value: number): number {
  const up = Math.round(value);
  return up - value === 0.5 && up % 2 !== 0 ? up - 1 : up;
}

/** As Python's `format(value, ".{decimals}f")`: exact ties to even (where `toFixed` rounds them up). */
export function fixed(value: number, decimals: number): string {
  const halves = value * 2 ** (decimals + 1); // of the last decimal's power of two: whole and odd for a tie alone
  const tie = Number.isInteger(halves) && halves % 2 !== 0;
  return (tie ? nearest(value * 10 ** decimals) / 10 ** decimals : value).toFixed(decimals);
}

/** As Python's `round(value, decimals)`. */
export const rounded = (value: number, decimals: number): number => Number(fixed(value, decimals));

/** A number in a sentence: so many significant digits, never an exponent. */
export function plain(value: number, digits = 6): string | Words {
  if (value !== 0 && Math.abs(value) < 0.001) return words("under {limit}", { limit: "0.001" });
  if (value > 1e9) return words("over {limit}", { limit: "1000000000" });
  return general(Number(general(value, digits)), 10);
}

const MIB = 1024 * 1024;

/** Bytes in MiB, up to the next tenth, so that what is over a limit reads as over it: "512.1". */
export function mebibytes(bytes: number): string {
  return general(Math.ceil((bytes * 10) / MIB) / 10, 10);
}

function roundedToEven(value: number, digits: number): string {
  const usual = value.toExponential(digits - 1);
  const exact = value.toExponential(100); // more digits than any tie has
  const cut = exact.indexOf(".") + digits; // first digit that is dropped, for digits > 1
  if (!/^50*e/.test(exact.slice(cut)) || Number(exact[cut - 1]) % 2 !== 0) return usual;
  return exact.slice(0, cut) + exact.slice(exact.indexOf("e"));
}

function trimmed(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}
