"""The report: one self-contained HTML page, one recording a sheet, each with its tracing on ECG paper.

Pure HTML and CSS: no script and nothing from outside. It prints on A4 landscape in true millimetres.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from ecglite.edge.decision import Finding, WindowFinding, percent
from ecglite.edge.record import Record
from ecglite.edge.rhythms import RHYTHMS
from ecglite.edge.tracing import tracing_svg


@dataclass(frozen=True, slots=True)
class Entry:
    """One recording of a report.

    Attributes:
        heading: the file's name; any text, it is escaped.
        record: what was read, or None where reading failed.
        finding: what was decided, or None where that failed or was not asked for.
        error: what failed, or None.
    """

    heading: str
    record: Record | None = None
    finding: Finding | None = None
    error: str | None = None


def html(entries: Sequence[Entry], *, title: str, note: str = "") -> str:
    """A whole HTML page.

    Args:
        entries: one per recording, in the order of the page.
        title: the page's title and first line.
        note: a line below it, such as that the recordings are simulated.

    Returns:
        HTML5 in UTF-8; all that came from outside is escaped.
    """
    failed = sum(entry.error is not None for entry in entries)
    undecided = sum(entry.finding is not None and entry.finding.abstained for entry in entries)
    counts = [f"{len(entries)} recording{'' if len(entries) == 1 else 's'}"]
    counts += [f"{undecided} undecided"] if undecided else []
    counts += [f"{failed} failed"] if failed else []
    rows = "".join(_row(number, entry) for number, entry in enumerate(entries, 1))
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; '
        'style-src &#39;unsafe-inline&#39;">'
        f"<title>{escape(title)}</title><style>{_CSS}</style></head>\n<body>"
        f'<header id="top"><h1>{escape(title)}</h1>'
        + (f'<p class="note">{escape(note)}</p>' if note else "")
        + f'<p class="quiet">{", ".join(counts)}. {_NOT_A_DEVICE}</p></header>\n'
        '<table class="summary"><thead><tr><th class="n">No.</th><th>Recording</th><th>Rhythm</th>'
        '<th>Probability</th><th class="n">Rate</th><th>Remarks</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>\n"
        + "\n".join(_sheet(number, entry) for number, entry in enumerate(entries, 1))
        + "\n</body></html>\n"
    )


def _row(number: int, entry: Entry) -> str:
    link = f'<td class="n">{number}</td><td><a href="#r{number}">{escape(entry.heading)}</a></td>'
    finding = entry.finding
    if finding is None:
        return f'<tr>{link}<td colspan="4" class="bad">{escape(entry.error or "not classified")}</td></tr>'
    remarks = [*finding.reasons, *finding.quality.notes]
    more = f" (and {len(remarks) - 1} more)" if len(remarks) > 1 else ""
    rhythm = f"<b>{escape(finding.rhythm)}</b> {escape(finding.name)}"
    return (
        f"<tr>{link}<td>{f'<i>undecided</i>, perhaps {rhythm}' if finding.abstained else rhythm}</td>"
        f"<td>{_bar(finding.probability)} {_percent(finding.probability)}</td>"
        f'<td class="n">{_rate(finding)}</td>'
        f"<td><small>{escape(''.join(remarks[:1]))}{more}</small></td></tr>"
    )


def _sheet(number: int, entry: Entry) -> str:
    record, finding = entry.record, entry.finding
    # What could not be read has no tracing, and takes no page of its own in print.
    kind = "sheet" if record is not None else "sheet brief"
    parts = [f'<section class="{kind}" id="r{number}"><div class="head"><div><h2>{escape(entry.heading)}</h2>']
    parts.append(f'<p class="quiet">{escape(", ".join(_facts(record)))}</p></div>' if record else "</div>")
    if finding is not None:
        verdict = f"<b>{escape(finding.rhythm)}</b> {escape(finding.name)}"
        lead = "Undecided. Nearest: " if finding.abstained else ""
        parts.append(
            f'<div class="verdict{" open" if finding.abstained else ""}"><p>{lead}{verdict}</p>'
            f'<p class="quiet">{_percent(finding.probability)} probability, '
            f"heart rate {_rate(finding)}</p></div>"
        )
    parts.append("</div>")
    if entry.error is not None:
        parts.append(f'<p class="bad">{escape(entry.error)}</p>')
    if record is not None:
        parts.append(f'<div class="paper">{tracing_svg(record, start_s=_shown_from(record, finding))}</div>')
    parts.append('<div class="foot">')
    if finding is not None:
        parts += [_probabilities(finding), _remarks(record, finding)]
        if record is not None and len(finding.windows) > 1:
            parts.append(_windows(record, finding))
    model = f"{escape(finding.model)}. " if finding is not None else ""
    end = f'</div><p class="quiet end">{model}{_NOT_A_DEVICE} <a href="#top">Summary</a></p></section>'
    return "".join(parts) + end


def _facts(record: Record) -> Iterator[str]:
    if record.patient.sex:
        yield record.patient.sex
    if record.patient.age_years is not None:
        yield f"{record.patient.age_years:g} years"
    yield f"{len(record.leads)} lead{'' if len(record.leads) == 1 else 's'}"
    yield f"{record.duration_s:.6g} s at {record.sampling_rate_hz:g} Hz"
    yield record.format


def _shown_from(record: Record, finding: Finding | None) -> float:
    """Where the sheet begins: the window that speaks most for the finding, else the record's start."""
    if finding is None:
        return 0.0
    own = [w for w in finding.windows if w.rhythm == finding.rhythm and w.start_s < record.duration_s]
    return max(own, key=lambda window: window.probability).start_s if own else 0.0


def _probabilities(finding: Finding) -> str:
    ranked = sorted(finding.probabilities.items(), key=lambda item: -item[1])
    shown = [item for place, item in enumerate(ranked) if place < 3 or item[1] >= 0.02][:6]
    rows = "".join(
        f'<tr><th title="{escape(RHYTHMS[key].name if key in RHYTHMS else key)}">{escape(key)}</th>'
        f'<td>{_bar(value)}</td><td class="n">{_percent(value)}</td></tr>'
        for key, value in shown
    )
    return f"<div><h3>Probabilities</h3><table>{rows}</table></div>"


def _remarks(record: Record | None, finding: Finding) -> str:
    notes = [*finding.reasons, *finding.quality.notes, *(record.notes if record else ())]
    items = "".join(f"<li>{escape(words)}</li>" for words in dict.fromkeys(notes)) or "<li>none</li>"
    return f"<div><h3>Remarks</h3><ul>{items}</ul></div>"


def _windows(record: Record, finding: Finding) -> str:
    """Runs of windows that agree, one a line, as many as a sheet holds."""
    runs: list[list[WindowFinding]] = []
    for window in finding.windows:
        if runs and runs[-1][0].rhythm == window.rhythm:
            runs[-1].append(window)
        else:
            runs.append([window])
    ends = [run[0].start_s for run in runs[1:]] + [record.duration_s]
    rows = "".join(
        f'<tr><td class="n">{_clock(run[0].start_s)} to {_clock(end)}</td><th>{escape(run[0].rhythm)}</th>'
        f'<td class="n">{_percent(sum(w.probability for w in run) / len(run))}</td></tr>'
        for run, end in list(zip(runs, ends, strict=True))[:_RUNS_SHOWN]
    )
    more = f"<p>{len(runs) - _RUNS_SHOWN} more changes are not listed.</p>" if len(runs) > _RUNS_SHOWN else ""
    return f'<div class="windows"><h3>Over time, mean probability</h3><table>{rows}</table>{more}</div>'


def _bar(share: float) -> str:
    return f'<span class="bar"><span style="width:{100 * min(max(share, 0.0), 1.0):.1f}%"></span></span>'


def _percent(share: float) -> str:
    return escape(percent(share))


def _rate(finding: Finding) -> str:
    return "unknown" if finding.heart_rate_bpm is None else f"{finding.heart_rate_bpm:.0f}/min"


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


_RUNS_SHOWN = 24
_NOT_A_DEVICE = "Not a medical device: for research and teaching, never for a diagnosis."

_CSS = """
:root{color-scheme:light}*{box-sizing:border-box}
body{margin:0 auto;padding:6mm 4mm;max-width:283mm;background:#fff;color:#17171c;
font:14px/1.4 "Helvetica Neue",Helvetica,Arial,"Liberation Sans",sans-serif;font-variant-numeric:tabular-nums}
h1{font-size:26px;line-height:1.15;letter-spacing:-.01em;margin:0 0 4px;font-weight:600}
h2{font-size:16px;margin:0;font-weight:600;overflow-wrap:anywhere}
h3{font-size:11px;margin:0 0 3px;font-weight:600;color:#5b5b66}
p{margin:0}.note{font-size:16px;margin-bottom:3px}.quiet{color:#5b5b66;font-size:12px}
small{color:#5b5b66;font-size:12px}.bad,li{overflow-wrap:anywhere}.bad{color:#a3161f}a{color:#8f1d2c;text-underline-offset:2px}
table{border-collapse:collapse}th,td{text-align:left;vertical-align:baseline;padding:1px 10px 1px 0;
font-weight:400}
.n{text-align:right;white-space:nowrap}
.summary{width:100%;margin:14px 0 0}
.summary th{color:#5b5b66;font-size:11px;font-weight:600;border-bottom:1.5px solid #17171c}
.summary td{border-bottom:.5px solid #d9d5d5;padding:5px 10px 5px 0;overflow-wrap:anywhere}
.summary td.n{overflow-wrap:normal}.summary td:nth-child(2){min-width:7em}.summary td:nth-child(4){white-space:nowrap}
.bar{display:inline-block;width:26mm;height:7px;background:#efe9e8;vertical-align:1px}
.bar span{display:block;height:100%;background:#b23a48}
.sheet{margin-top:14mm;border-top:1.5px solid #17171c;padding-top:3mm}
.head{display:flex;justify-content:space-between;gap:8mm;align-items:flex-end;margin-bottom:3mm}
.verdict{text-align:right;flex:none;max-width:60%}.verdict p:first-child{font-size:20px;line-height:1.2}
.verdict.open p:first-child{color:#a3161f}
.paper{overflow-x:auto}.paper svg{display:block;width:100%;min-width:720px;max-width:275mm;height:auto}
.foot{display:flex;flex-wrap:wrap;gap:4mm 12mm;margin-top:3mm;font-size:12px}
.foot>div{min-width:50mm;flex:0 1 auto}
.foot th{font-weight:600}.foot ul{margin:0;padding-left:14px;max-width:110mm}
.foot .windows{columns:3;column-gap:5mm;flex:1 1 110mm;
max-width:140mm}.foot .windows td,.foot .windows th{padding-right:6px}
.windows h3,.windows p{column-span:all}.end{margin-top:2mm}
@media(max-width:720px){.foot .windows{columns:1}.head{display:block}
.verdict{text-align:left;max-width:none;margin-top:6px}
.summary thead{display:none}.summary tr{display:grid;grid-template-columns:2.2em 1fr;padding:6px 0;
border-bottom:.5px solid #d9d5d5}.summary td{border:0;padding:0;grid-column:2}
.summary td:first-child{grid-column:1}
.summary td.n{text-align:left}}
@page{size:A4 landscape;margin:8mm}
@media print{body{padding:0;width:275mm;max-width:none;overflow-x:clip;font-size:11pt}
.sheet{break-before:page;margin:0;border:0;padding:0}.sheet.brief{break-before:auto;margin-top:8mm}
/* Whatever sticks out would make the browser shrink the page, and the millimetres with it. */
.sheet,.summary{overflow:clip;width:275mm}.paper{overflow:visible}
.paper svg{width:275mm;height:135mm;min-width:0;max-width:none}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}
.foot,.head{break-inside:avoid}.end a{display:none}}
""".replace("\n", "")
