"""Chapman's table of 10,646 people as a compact description that the simulator draws from.

python -m ecglite.lab.population_of FOLDER WRITE.json     writes the description
python -m ecglite.lab.population_of FOLDER                prints the distance of drawn people from the table

FOLDER holds Diagnostics.xlsx. Of each rhythm the description has the quantiles of age, rates, intervals and axes, the
correlations of their normal scores (a Gaussian copula; sex is in it by a threshold) and how often each other finding
was noted; for each finding the correlation of its latent score with the same features.

QRS and the axes hang on what was found, which no correlation says: a left bundle branch block turns T away from QRS.
And children are no small adults. So a rhythm's rows are divided by the first of `description.STRATA` that they have,
and each stratum has quantiles of its own of age, QRS, R axis and T axis, and how far the other features are moved in
it. A stratum with few rows of a rhythm is that of all rhythms together.

It holds no row of the table: its quantiles leave out the outermost half percent and, of few rows, the outermost one;
the rhythms with 7, 8 and 16 rows are described together with their neighbours (`POOLS`).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ecglite.edge.rhythms import RHYTHMS
from ecglite.lab.datasets import chapman
from ecglite.simulator import description
from ecglite.simulator.growth import ADULT

Floats = npt.NDArray[np.float64]

_LEVELS: Final = (0.005, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975, 0.995)
_STEP: Final = (1, 1, 1, 2, 2, 1, 1)
"""The table's resolution: QRS and QT are whole multiples of 2 ms."""

_NARROW: Final = 120
_OWN: Final = 40
"""Rows of a rhythm from which on a stratum is described by them alone."""
_LEAST: Final = 15
"""Rows of all rhythms under which a stratum is not described, and its rows are of the rest."""
_NORMAL: Final = NormalDist()


@dataclass(frozen=True, slots=True)
class Table:
    """The workbook as arrays: [n, 7] features in the order of description.FEATURES, [n] female, rhythms and codes."""

    features: Floats
    female: npt.NDArray[np.bool_]
    rhythms: npt.NDArray[np.str_]
    codes: tuple[frozenset[str], ...]

    def of(self, rhythm: str) -> npt.NDArray[np.bool_]:
        """[n]: the rows of a rhythm."""
        return np.asarray(self.rhythms == rhythm)


def table(root: Path) -> Table:
    """Diagnostics.xlsx below `root`.

    Raises:
        DatasetError: it is missing or has other columns.
    """
    measured, codes = chapman.measurements(root), chapman.conditions(root)
    columns = [measured.names.index(name) for name in description.FEATURES]
    rows = np.array(list(measured.rows.values()))
    return Table(
        rows[:, columns],
        rows[:, measured.names.index("Gender")] > 0.5,
        np.array([measured.rhythms[name] for name in measured.rows]),
        tuple(codes[name] for name in measured.rows),
    )


def _reentry(of: Table) -> npt.NDArray[np.bool_]:
    """AVNRT (16 rows) and AVRT (8) together with SVT where its QRS is narrow: a re-entry that nobody has named."""
    narrow = of.features[:, description.FEATURES.index("QRSDuration")] < _NARROW
    return of.of("AVNRT") | of.of("AVRT") | (of.of("SVT") & narrow)


def _wandering(of: Table) -> npt.NDArray[np.bool_]:
    """SAAWR (7 rows) together with SB, SR and SA at the rates where the sinus node loses the lead, 50 to 80/min."""
    rate = of.features[:, description.FEATURES.index("VentricularRate")]
    sinus = of.of("SB") | of.of("SR") | of.of("SA")
    return of.of("SAAWR") | (sinus & (rate >= 50) & (rate <= 80))


POOLS: Final = {"AVNRT": _reentry, "AVRT": _reentry, "SAAWR": _wandering}
"""The rhythms that have too few rows to be described alone, and what they are described with."""


def describe(of: Table) -> dict[str, Any]:
    """The description, for JSON; the same table gives the same figures."""
    jitter = np.random.default_rng(0).uniform(-0.5, 0.5, of.features.shape) * np.array(_STEP)
    smooth = of.features + jitter  # so that a rate shared by a tenth of the rows is no cliff
    scores = np.zeros((smooth.shape[0], smooth.shape[1] + 1))
    strata = _strata(of)
    rhythms: dict[str, Any] = {}
    for rhythm in RHYTHMS:
        rows = POOLS[rhythm](of) if rhythm in POOLS else of.of(rhythm)
        z = np.column_stack([*(_scores(column) for column in smooth[rows].T), np.zeros(int(rows.sum()))])
        female = of.female[rows]
        correlation = np.eye(z.shape[1])
        correlation[:-1, :-1] = np.corrcoef(z[:, :-1].T)
        correlation[-1, :-1] = correlation[:-1, -1] = [_latent(column, female) for column in z[:, :-1].T]
        if rhythm not in POOLS:
            scores[rows] = z
            scores[rows, -1] = _bounded_score(female)
        with_sex = np.column_stack([z[:, :-1], _bounded_score(female)])
        rhythms[rhythm] = {
            "n": int(of.of(rhythm).sum()),
            "described_with": int(rows.sum()),
            "female": round(float(female.mean()), 4),
            "quantiles": {
                name: _rounded(np.quantile(column, _LEVELS), 1)
                for name, column in zip(description.FEATURES, smooth[rows].T, strict=True)
            },
            "correlation": [_rounded(row, 3) for row in _positive(correlation)],
            "strata": {
                name: {"share": round(float(these.mean()), 5)}
                | (
                    _stratum(name, of, smooth, with_sex, np.flatnonzero(rows)[these], these)
                    if these.sum() >= _OWN
                    else {}
                )
                for name in description.STRATA
                if (these := strata[rows] == name).any()
            },
            "findings": _shares([of.codes[index] for index in np.flatnonzero(rows)], description.WORDS),
        }
    alone = ~np.isin(of.rhythms, list(POOLS))
    findings = {
        code: _rounded(
            [_latent(column, np.array([code in codes for codes in of.codes])[alone]) for column in scores[alone].T], 3
        )
        for code in description.WORDS
    }
    return {
        "source": "Diagnostics.xlsx of Zheng et al., Scientific Data 7:48, 2020, doi:10.6084/m9.figshare.c.4560497.v2, "
        "CC BY 4.0",
        "made_by": "python -m ecglite.lab.population_of FOLDER src/ecglite/simulator/chapman.json",
        "levels": list(_LEVELS),
        "rhythms": rhythms,
        "strata": {
            name: {"n": int(these.sum())} | _stratum(name, of, smooth, scores, np.flatnonzero(these), these)
            for name in description.STRATA
            if (these := alone & (strata == name)).any()
        },
        "findings": findings,
    }


def _strata(of: Table) -> npt.NDArray[np.str_]:
    """[n]: the first of description.STRATA that each row belongs to, the last being the rest.

    What is wide without a bundle branch block or a pathway is a delay, noted or not.
    """
    *named, rest = description.STRATA
    out = np.full(of.rhythms.size, rest, dtype=f"U{max(map(len, description.STRATA))}")
    wide = of.features[:, description.FEATURES.index("QRSDuration")] >= _NARROW
    for name in reversed(named):
        needed = description.STRATA[name]
        if name == description.CHILD:
            has = of.features[:, description.FEATURES.index("PatientAge")] < ADULT
        else:
            has = np.array([all(codes & set(any_of) for any_of in needed) for codes in of.codes])
        out[has | wide if name == description.DELAY else has] = name
    for name in named:
        if (out == name).sum() < _LEAST:
            out[out == name] = rest
    return out


def _stratum(
    name: str,
    of: Table,
    smooth: Floats,
    scores: Floats,
    index: npt.NDArray[np.intp],
    these: npt.NDArray[np.bool_],
) -> dict[str, Any]:
    """A stratum: the rows `index` of the table, which are `these` of `scores`."""
    shown = [level for level in _LEVELS if index.size * min(level, 1 - level) >= 0.9]

    def quantiles(column: Floats) -> list[float]:
        return _rounded(np.interp(_LEVELS, shown, np.quantile(column, shown)), 1)

    columns = {column: smooth[index, column] for column in description.OWN}
    out: dict[str, Any] = {"quantiles": [quantiles(column) for column in columns.values()]}
    if name in description.DISCORDANT:
        columns[description.T_AXIS] = (columns[description.T_AXIS] - columns[description.R_AXIS]) % 360
        out["angle"] = quantiles(columns[description.T_AXIS])
    z = np.array([_scores(column) for column in columns.values()])
    return out | {
        "correlation": _rounded(np.corrcoef(z)[np.triu_indices(len(z), 1)], 3),
        "moved": _rounded(scores[these].mean(axis=0)[list(description.MOVED)], 3),
        "findings": _shares([of.codes[at] for at in index], description.OF_STRATA),
    }


def _scores(column: Floats) -> Floats:
    """Normal scores: the rank of each value, as a standard normal variable."""
    ranks = np.argsort(np.argsort(column))
    return np.array([_NORMAL.inv_cdf((rank + 0.5) / column.size) for rank in ranks.tolist()])


def _latent(scores: Floats, yes: npt.NDArray[np.bool_]) -> float:
    """Correlation of a standard normal score with the latent one of which `yes` says that it is over a threshold.

    The mean of the score where `yes` is rho * density(threshold) / share (Tate 1955, biserial correlation).
    """
    share = float(yes.mean())
    if yes.sum() < 5 or share == 1:
        return 0.0
    density = _NORMAL.pdf(_NORMAL.inv_cdf(1 - share))
    return float(np.clip((scores[yes].mean() - scores.mean()) * share / density, -0.95, 0.95))


def _bounded_score(yes: npt.NDArray[np.bool_]) -> Floats:
    """The mean of the latent score on either side of the threshold."""
    share = float(yes.mean())
    density = _NORMAL.pdf(_NORMAL.inv_cdf(1 - share))
    return np.where(yes, density / share, -density / (1 - share))


def _positive(matrix: Floats) -> Floats:
    """The nearest matrix of correlations by clipping eigenvalues at a small positive one."""
    values, vectors = np.linalg.eigh(matrix)
    fixed = (vectors * np.maximum(values, 0.02)) @ vectors.T
    scale = np.sqrt(np.diag(fixed))
    return np.asarray(fixed / np.outer(scale, scale))


def _shares(codes: list[frozenset[str]], of_interest: Iterable[str]) -> dict[str, float]:
    counted = {code: sum(code in of for of in codes) / len(codes) for code in of_interest}
    return {code: round(share, 5) for code, share in counted.items() if share}


def _rounded(values: Any, digits: int) -> list[float]:
    return [round(float(value), digits) for value in values]


def distances(of: Table, *, n: int = 4000, seed: int = 0) -> dict[str, dict[str, float]]:
    """Kolmogorov-Smirnov distance of `n` drawn people from the table's rows, by rhythm and feature, sex among them."""
    out: dict[str, dict[str, float]] = {}
    for index, rhythm in enumerate(RHYTHMS):
        rows = of.of(rhythm)
        drawn = description.features(rhythm, np.random.default_rng([seed, index]), n)
        found = {
            name: ks(of.features[rows, column], drawn[:, column]) for column, name in enumerate(description.FEATURES)
        }
        out[rhythm] = found | {"Gender": abs(float(of.female[rows].mean() - drawn[:, -1].mean()))}
    return out


def ks(one: Floats, other: Floats) -> float:
    """The greatest distance of two empirical distribution functions."""
    at = np.concatenate([one, other])
    first, second = (np.searchsorted(np.sort(x), at, side="right") / x.size for x in (one, other))
    return float(np.abs(first - second).max())


def markdown(found: Mapping[str, Mapping[str, float]], of: Table) -> str:
    """`distances` as a table."""
    names = [*description.FEATURES, "Gender"]
    lines = [f"| rhythm | n | {' | '.join(names)} |", "|---|---:|" + "---:|" * len(names)]
    for rhythm, row in found.items():
        cells = " | ".join(f"{row[name]:.3f}" for name in names)
        lines.append(f"| {rhythm} | {int(of.of(rhythm).sum()):,} | {cells} |")
    return "\n".join(lines)


def main(arguments: list[str]) -> None:
    """As the module says."""
    if len(arguments) not in (1, 2):
        sys.exit("python -m ecglite.lab.population_of FOLDER [WRITE.json]")
    of = table(Path(arguments[0]))
    if len(arguments) == 2:
        text = json.dumps(describe(of), separators=(",", ":"))
        text = text.replace('},"', '},\n"').replace('"quantiles"', '\n"quantiles"').replace('"corr', '\n"corr')
        Path(arguments[1]).write_text(text.replace('"findings"', '\n"findings"') + "\n", encoding="utf-8")
    else:
        print(markdown(distances(of), of))


if __name__ == "__main__":
    main(sys.argv[1:])
