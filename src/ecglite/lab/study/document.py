"""A report as blocks, written as Markdown and as one HTML page without scripts."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PICTURES: Final = "figures"
"""The folder of the pictures, beside the report."""

Row = Sequence[str]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the second level."""

    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; `code` and **strong** as in Markdown."""

    text: str


@dataclass(frozen=True, slots=True)
class Points:
    """A list."""

    items: Row


@dataclass(frozen=True, slots=True)
class Table:
    """A table; all columns but the first hold figures."""

    columns: Row
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture by its name without ending."""

    name: str
    caption: str


Block = Heading | Text | Points | Table | Picture


def markdown(heading: str, blocks: Sequence[Block]) -> str:
    """The report as Markdown, its pictures linked."""
    return f"# {heading}\n\n" + "\n\n".join(map(_markdown, blocks)) + "\n"


def _markdown(block: Block) -> str:
    match block:
        case Heading(text):
            return f"## {text}"
        case Text(text):
            return text
        case Points(items):
            return "\n".join(f"- {item}" for item in items)
        case Picture(name, caption):
            return f"![{caption}]({PICTURES}/{name}.svg)\n\n{caption}"
        case Table(columns, rows):
            lines = [f"| {' | '.join(columns)} |", "|---" + "|---:" * (len(columns) - 1) + "|"]
            return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def _html(block: Block, pictures: Path) -> str:
    match block:
        case Heading(text):
            return f"<h2>{_inline(text)}</h2>"
        case Text(text):
            return f"<p>{_inline(text)}</p>"
        case Points(items):
            return f"<ul>{''.join(f'<li>{_inline(item)}</li>' for item in items)}</ul>"
        case Picture(name, caption):
            svg = re.sub(r"^.*?(?=<svg)", "", (pictures / f"{name}.svg").read_text(encoding="utf-8"), flags=re.DOTALL)
            return f"<figure>{svg}<figcaption>{_inline(caption)}</figcaption></figure>"
        case Table(columns, rows):
            head = "".join(f"<th>{_inline(column)}</th>" for column in columns)
            body = "".join(f"<tr>{''.join(f'<td>{_inline(cell)}</td>' for cell in row)}</tr>" for row in rows)
            return f'<div class="wide"><table><tr>{head}</tr>{body}</table></div>'


def _inline(text: str) -> str:
    escaped = html.escape(text, quote=False)
    escaped = re.sub(r"`([^`]+)`", r"<code>\1</code>", escaped)
    return re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", escaped)


def page(heading: str, blocks: Sequence[Block], pictures: Path) -> str:
    """The report as HTML, its pictures inside.

    Args:
        heading: of the page.
        blocks: in order.
        pictures: the folder that holds them as SVG.
    """
    body = "\n".join(_html(block, pictures) for block in blocks)
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{html.escape(heading)}</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; color: #1b2a3a; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }}
h1, h2 {{ line-height: 1.2; }} h2 {{ margin-top: 2.5rem; }}
.wide {{ overflow-x: auto; }}
table {{ border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }}
th, td {{ padding: .3rem .6rem; border-bottom: 1px solid #d9dee4; text-align: right; white-space: nowrap; }}
th {{ vertical-align: bottom; white-space: normal; }}
th:first-child, td:first-child {{ text-align: left; }}
svg {{ max-width: 100%; height: auto; }}
figure {{ margin: 1.5rem 0; }}
figcaption {{ color: #5c6b7a; font-size: 13px; }}
code {{ background: #f2f4f6; padding: 0 .25em; }}
</style></head><body>
<h1>{html.escape(heading)}</h1>
{body}
</body></html>
"""
