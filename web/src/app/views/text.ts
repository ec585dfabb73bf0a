/** A text that comes with the app, shown in it: another page would lose what is open. Both are in English. */

import { h } from "../../dom";
import { t } from "../../i18n";
import { type Block, blocksOf } from "../markdown";
import { back } from "../parts";
import type { View } from "../view";

const TEXTS = { card: "models/rhythm/MODEL_CARD.md", licences: "licenses.txt" } as const;

export async function textView(which: keyof typeof TEXTS): Promise<View> {
  const path = TEXTS[which];
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  const text = await response.text();
  const title = t(`about_${which}`);
  const element = h(
    "article",
    { class: "text" },
    back("about", t("about")),
    h("h1", { tabindex: -1 }, title),
    h("div", { lang: "en", dir: "ltr" }, which === "card" ? blocksOf(text).map(drawn) : h("pre", {}, text)),
  );
  return { title, element };
}

function drawn(block: Block): HTMLElement {
  if (block.kind === "paragraph") return h("p", {}, block.text);
  if (block.kind === "heading") return h(block.level <= 2 ? "h2" : "h3", {}, block.text);
  if (block.kind === "list") {
    return h(
      "ul",
      {},
      block.items.map((item) => h("li", {}, item)),
    );
  }
  const rows = block.rows.map((cells) =>
    h(
      "tr",
      {},
      cells.map((cell) => h("td", {}, cell)),
    ),
  );
  return h(
    "div",
    { class: "wide", tabindex: 0, role: "group", "aria-label": block.rows[0]?.join(", ") },
    h("table", {}, rows),
  );
}
