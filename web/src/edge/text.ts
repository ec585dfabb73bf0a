/** Text as the Python package takes and quotes it, so that both accept and say the same. */

/** Inside a character class: what Python's `str.strip` removes, which is not what `trim` does. */
export const SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";

const AROUND = new RegExp(`^[${SPACE}]+|[${SPACE}]+$`, "g");
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}\p{Zs}]/u;

/** As Python's `strip`: without white space, or without the characters given, at both ends. */
export function strip(text: string, characters?: string): string {
  if (characters === undefined) return text.replace(AROUND, "");
  let start = 0;
  let end = text.length;
  while (start < end && characters.includes(text.charAt(start))) start++;
  while (end > start && characters.includes(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}

/** The first characters of a text, counting those beyond the basic plane once. */
export function clipped(text: string, length: number): string {
  return text.length <= length ? text : [...text.slice(0, 2 * length)].slice(0, length).join("");
}

/** Whether a character, or every one of a text, can be seen: no control, no separator but the space. */
export function printable(text: string): boolean {
  return !UNPRINTABLE.test(text.replaceAll(" ", ""));
}

/** A text between quotation marks, with what can't be seen escaped, as Python's `repr`. */
export function quoted(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  return mark + [...text].map((character) => escaped(character, mark)).join("") + mark;
}

function escaped(character: string, mark: string): string {
  if (character === mark || character === "\\") return `\\${character}`;
  if (printable(character)) return character;
  if (character === "\n") return "\\n";
  if (character === "\r") return "\\r";
  if (character === "\t") return "\\t";
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, "0")}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}
