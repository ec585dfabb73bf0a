"""The tracing measured in millimetres, as a ruler on the sheet would."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import numpy as np
import numpy.typing as npt
import pytest

from ecglite.edge.errors import RecordError
from ecglite.edge.record import LEADS, Record
from ecglite.edge.tracing import tracing_svg
from ecglite.simulator import RHYTHMS_MADE, simulate

Points = npt.NDArray[np.float64]


def runs(path: str) -> list[Points]:
    """Path data to its unbroken lines, [n, 2] each, by an own little interpreter of M, l, h, v."""
    lines: list[list[tuple[float, float]]] = []
    for command, text in re.findall(r"([Mlhv])([^Mlhv]*)", path):
        numbers = [float(n) for n in re.findall(r"-?[\d.]+", text)]
        if command == "M":
            lines.append([(numbers[0], numbers[1])])
            continue
        pairs = {
            "l": list(zip(numbers[::2], numbers[1::2], strict=False)),
            "h": [(n, 0.0) for n in numbers],
            "v": [(0.0, n) for n in numbers],
        }[command]
        for dx, dy in pairs:
            x, y = lines[-1][-1]
            lines[-1].append((x + dx, y + dy))
    return [np.array(line) for line in lines]


def on_paper(svg: str) -> tuple[ET.Element, dict[str, list[list[Points]]]]:
    """The parsed sheet, and per lead its pieces: unbroken lines in millimetres of the sheet."""
    root = ET.fromstring(svg)
    leads: dict[str, list[list[Points]]] = {}
    for piece in root.iter("svg"):
        if "data-lead" not in piece.attrib:
            continue
        x, y, width, height = (float(piece.attrib[key]) for key in ("x", "y", "width", "height"))
        left, top, w, h = map(float, piece.attrib["viewBox"].split())
        path = piece.find("path")
        assert path is not None
        corner, scale = np.array([left, top]), np.array([width / w, height / h])
        lines = [(line - corner) * scale + np.array([x, y]) for line in runs(path.attrib["d"])]
        leads.setdefault(piece.attrib["data-lead"], []).append(lines)
    return root, leads


def steps(rate: float = 500.0, duration_s: float = 10.0, period_s: float = 1.0) -> Record:
    """1 mV for the last quarter of every period, in all leads: the median is 0."""
    time_s = np.arange(round(duration_s * rate)) / rate
    wave = (np.mod(time_s, period_s) >= 0.75 * period_s).astype(np.float32)
    return Record(np.repeat(wave[:, None], 12, 1), rate, LEADS)


@pytest.mark.parametrize("rate", [100.0, 360.0, 500.0, 1000.0])
def test_scale(rate: float) -> None:
    root, leads = on_paper(tracing_svg(steps(rate)))
    assert root.attrib["viewBox"].split()[2:] == [root.attrib[k].removesuffix("mm") for k in ("width", "height")]
    strip = leads["II"][1][0]
    assert np.ptp(strip[:, 1]) == pytest.approx(10, abs=0.02)
    middle = (strip[:, 1].min() + strip[:, 1].max()) / 2
    rises = strip[1:][(strip[:-1, 1] > middle) & (strip[1:, 1] < middle), 0]  # up is less y
    assert rises.size == 10
    np.testing.assert_allclose(np.diff(rises), 25, atol=0.11)
    assert np.ptp(strip[:, 0]) == pytest.approx(250, abs=25 / rate + 0.02)


def test_calibration_is_one_millivolt_by_200_ms_in_each_row() -> None:
    root, _ = on_paper(tracing_svg(steps()))
    pulses = [p for p in root.iter("path") if "cal" in p.attrib.get("class", "")]
    assert len(pulses) == 4
    for pulse in pulses:
        assert pulse.attrib["transform"] == "scale(.01)"
        corners = runs(pulse.attrib["d"])[0] / 100
        top = corners[corners[:, 1] == corners[:, 1].min()]
        assert np.ptp(top[:, 0]) == pytest.approx(5)
        assert np.ptp(corners[:, 1]) == pytest.approx(10)


def test_grid_is_of_one_and_five_millimetres() -> None:
    root, _ = on_paper(tracing_svg(steps()))
    pattern = next(root.iter("pattern"))
    assert (pattern.attrib["width"], pattern.attrib["patternUnits"]) == ("5", "userSpaceOnUse")
    thin, thick = pattern.findall("path")
    assert re.findall(r"M(\d) 0V5", thin.attrib["d"]) == ["1", "2", "3", "4"]
    assert float(thin.attrib["stroke-width"]) < float(thick.attrib["stroke-width"])


def test_layout_is_three_by_four_and_a_strip_of_two() -> None:
    _, leads = on_paper(tracing_svg(simulate("SR", seed=1)))
    assert {lead: len(pieces) for lead, pieces in leads.items()} == {lead: 1 + (lead == "II") for lead in LEADS}
    corner = {lead: (pieces[0][0][0, 0], round(pieces[0][0][:, 1].mean() / 30)) for lead, pieces in leads.items()}
    for row, names in enumerate((("I", "aVR", "V1", "V4"), ("II", "aVL", "V2", "V5"), ("III", "aVF", "V3", "V6"))):
        assert [corner[name][0] for name in names] == [15, 77.5, 140, 202.5]
        assert {corner[name][1] for name in names} == {corner["I"][1] + row}


def test_the_line_is_the_signal() -> None:
    """Each drawn point lies on its sample, and no sample is farther from the line than the tolerance."""
    record = simulate("AFIB", seed=4)
    _, leads = on_paper(tracing_svg(record))
    strip = leads["II"][1][0]
    signal = record.signal_mv[:, 1].astype(float) * 10
    drawn = -np.interp(np.arange(5000) / 500 * 25 + 15, strip[:, 0], strip[:, 1])
    error = (drawn - np.median(drawn)) - (signal - np.median(signal))
    assert np.abs(error).max() < 0.08


def test_narrow_spikes_survive_at_1000_hz() -> None:
    signal = np.zeros((10_000, 1), np.float32)
    signal[5003] = 1.0  # a pacemaker spike of one sample
    _, leads = on_paper(tracing_svg(Record(signal, 1000.0, ("II",))))
    assert np.ptp(leads["II"][1][0][:, 1]) == pytest.approx(10, abs=0.02)


def test_missing_leads_are_said() -> None:
    root, leads = on_paper(tracing_svg(Record(np.ones((5000, 2), np.float32), 500.0, ("V5", "V1"))))
    assert {lead: len(pieces) for lead, pieces in leads.items()} == {"V5": 2, "V1": 1}
    words = [text.text for text in root.iter("text")]
    assert words.count("not recorded") == 10
    assert words.count("V5") == 2


def test_gaps_are_gaps() -> None:
    record = simulate("SR", seed=1)
    record.signal_mv[2000:2500, 1] = np.nan
    _, leads = on_paper(tracing_svg(record))
    first, second = leads["II"][1]
    assert second[0, 0] - first[-1, 0] == pytest.approx(25 + 0.05, abs=0.02)
    assert np.isfinite(first).all()
    _, none = on_paper(tracing_svg(Record(np.full((5000, 1), np.nan, np.float32), 500.0, ("II",))))
    assert none["II"] == [[], []]


def test_offsets_are_removed_and_said() -> None:
    record = simulate("SR", seed=1)
    moved = Record(record.signal_mv + np.float32(5.0), 500.0, LEADS)
    one, two = (on_paper(tracing_svg(r))[1]["V1"][0][0] for r in (record, moved))
    np.testing.assert_allclose(one[:, 1].mean(), two[:, 1].mean(), atol=0.05)
    assert "baseline removed for display" in tracing_svg(moved)


def test_tall_beats_are_at_half_gain_and_never_cut_within_5_mv() -> None:
    record = steps()
    for mv, mm_per_mv in [(2.4, 10), (2.8, 5), (4.9, 5)]:
        tall = Record(record.signal_mv * np.where(np.arange(12) == LEADS.index("V5"), np.float32(mv), 1), 500.0, LEADS)
        svg = tracing_svg(tall)
        root, leads = on_paper(svg)
        assert f"{mm_per_mv} mm/mV" in svg
        assert "cut off" not in svg
        assert np.ptp(leads["V5"][0][0][:, 1]) == pytest.approx(mv * mm_per_mv, abs=0.02)
        assert np.ptp(leads["V1"][0][0][:, 1]) == pytest.approx(mm_per_mv, abs=0.02)
        for box in (p for p in root.iter("svg") if p.attrib.get("data-lead") == "V5"):
            assert float(box.attrib["height"]) / 2 >= mv * mm_per_mv
        pulse = next(p for p in root.iter("path") if "cal" in p.attrib.get("class", ""))
        assert np.ptp(runs(pulse.attrib["d"])[0][:, 1]) == 100 * mm_per_mv


def test_limb_leads_are_derived_from_two() -> None:
    record = simulate("SR", seed=1)
    two = Record(record.signal_mv[:, :2], 500.0, ("I", "II"))
    root, leads = on_paper(tracing_svg(two))
    words = [text.text for text in root.iter("text")]
    assert [w for w in words if w and "derived" in w] == [f"{lead} derived" for lead in ("aVR", "aVL", "III", "aVF")]
    assert words.count("not recorded") == 6
    third = record.signal_mv[:1250, 1] - record.signal_mv[:1250, 0]
    assert np.ptp(leads["III"][0][0][:, 1]) == pytest.approx(10 * np.ptp(third), abs=0.08)


def test_a_wild_lead_stays_in_its_box() -> None:
    record = simulate("SR", seed=1)
    record.signal_mv[:, 1] += np.random.default_rng(0).normal(0, 500, 5000).astype(np.float32)
    svg = tracing_svg(record)
    root, leads = on_paper(svg)
    boxes = [p for p in root.iter("svg") if "data-lead" in p.attrib]
    assert [float(box.attrib["height"]) for box in boxes if box.attrib["data-lead"] == "II"] == [26, 26]
    assert np.ptp(leads["II"][0][0][:, 1]) < 50
    assert [t.text for t in root.iter("text") if t.text and "cut off" in t.text] == ["II (cut off)"] * 2
    assert len(svg) < 120_000


@pytest.mark.parametrize("rhythm", RHYTHMS_MADE)
def test_size(rhythm: str) -> None:
    assert len(tracing_svg(simulate(rhythm, seed=1, noise=2))) < 120_000


def test_short_and_long_recordings() -> None:
    root, leads = on_paper(tracing_svg(steps(duration_s=6)))
    strip = leads["II"][1][0]
    assert np.ptp(strip[:, 0]) == pytest.approx(150, abs=0.1)
    assert all(np.ptp(leads[lead][0][0][:, 0]) == pytest.approx(62.5, abs=0.1) for lead in LEADS)
    assert "columns overlap" in (root.attrib["aria-label"])
    _, tiny = on_paper(tracing_svg(Record(np.zeros((1, 12), np.float32), 500.0, LEADS)))
    assert tiny["V6"][0][0].shape == (2, 2)

    long = simulate("SR", seed=1, duration_s=60)
    cut = Record(long.signal_mv[10_000:15_000], 500.0, LEADS)
    _, from_long = on_paper(tracing_svg(long, start_s=20))
    _, from_cut = on_paper(tracing_svg(cut))
    np.testing.assert_array_equal(from_long["V2"][0][0], from_cut["V2"][0][0])
    assert "20 to 30 s of 60 s" in tracing_svg(long, start_s=20)


@pytest.mark.parametrize("start_s", [-1.0, 10.0, float("nan")])
def test_refuses_a_start_outside(start_s: float) -> None:
    with pytest.raises(RecordError, match="10 s"):
        tracing_svg(simulate("SR", seed=1), start_s=start_s)


def test_nothing_from_outside() -> None:
    assert not re.search(r"https?:|href|<script|url\((?!#)", tracing_svg(simulate("SR", seed=1)))
