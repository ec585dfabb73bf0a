/** As much of Markdown as a model card has: headings, tables, lists and paragraphs, as plain text. */

export type Block =
  | { readonly kind: "heading"; readonly level: number; readonly text: string }
  | { readonly kind: "table"; readonly rows: readonly (readonly string[])[] }
  | { readonly kind: "list"; readonly items: readonly string[] }
  | { readonly kind: "paragraph"; readonly text: string };

export function blocksOf(markdown: string): readonly Block[] {
  return markdown
    .trim()
    .split(/\n\s*\n|(?<=^#.*)\n/m)
    .map((part) => blockOf(part.trim()));
}

function blockOf(part: string): Block {
  const [, marks, title = ""] = /^(#+) (.*)$/.exec(part) ?? [];
  if (marks) return { kind: "heading", level: marks.length, text: plain(title) };
  const lines = part.split("\n");
  if (lines.every((line) => line.startsWith("|"))) return { kind: "table", rows: lines.flatMap(rowOf) };
  if (lines.every((line) => line.startsWith("- "))) {
    return { kind: "list", items: lines.map((line) => plain(line.slice(2))) };
  }
  return { kind: "paragraph", text: plain(part) };
}

/** None for the line of dashes below a table's head, nor for a head that says nothing. */
function rowOf(line: string): readonly (readonly string[])[] {
  const cells = line.replace(/^\||\|\s*$/g, "").split("|");
  return cells.every((cell) => /^[\s:-]*$/.test(cell)) ? [] : [cells.map((cell) => plain(cell.trim()))];
}

/** Without the marks of bold and code, and of a link with its text alone. */
const plain = (text: string): string => text.replace(/\*\*|`/g, "").replace(/\[([^\]]*)\]\([^)]*\)/g, "$1");
