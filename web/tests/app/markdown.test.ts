import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { blocksOf } from "../../src/app/markdown";

test("headings, tables, lists and paragraphs, without their marks", () => {
  const card =
    "# Card\n\nOne **bold** `x`,\nsee [here](y.md).\n\n## Part\n| | |\n|---|---:|\n| `a` | 1 |\n\n- b\n- c\n";
  expect(blocksOf(card)).toEqual([
    { kind: "heading", level: 1, text: "Card" },
    { kind: "paragraph", text: "One bold x,\nsee here." },
    { kind: "heading", level: 2, text: "Part" },
    { kind: "table", rows: [["a", "1"]] },
    { kind: "list", items: ["b", "c"] },
  ]);
});

test("the card of the model that ships is understood throughout", () => {
  const path = new URL("../../../src/ecglite/models/rhythm/MODEL_CARD.md", import.meta.url);
  const blocks = blocksOf(readFileSync(path, "utf8"));
  expect(blocks.filter(({ kind }) => kind === "table").length).toBeGreaterThan(5);
  const text = blocks.flatMap((block) => (block.kind === "paragraph" ? [block.text] : []));
  expect(text.filter((part) => /^[#|]|\*\*|`/m.test(part))).toEqual([]);
});
