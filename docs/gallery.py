"""Writes the simulator's page of figures and its tracings: `python docs/gallery.py [--chapman FOLDER]`.

docs/simulator.md between its marks: per rhythm the tracing, the textbook's criteria and what neurokit2 measures on
simulated recordings. With --chapman FOLDER, which holds Diagnostics.xlsx, also how far drawn people are from it.
docs/images/simulator/RHYTHM.svg: the tracings.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import numpy as np

from ecglite.edge.rhythms import RHYTHMS
from ecglite.edge.tracing import tracing_svg
from ecglite.lab import criteria
from ecglite.simulator import Made, make

DOCS = Path(__file__).parent
PAGE = DOCS / "simulator.md"
PICTURES = DOCS / "images" / "simulator"
MARKS = "<!-- {}: python docs/gallery.py -->", "<!-- end -->"
N = 60
DRAWN = 4000


def picture(made: Made, path: Path) -> None:
    """A recording on ECG paper, as a file of its own; at 200 Hz, which is all that a screen shows."""
    record = make(made.truth.plan.rhythm, made.truth.plan.seed, sampling_rate_hz=200).record
    svg = tracing_svg(record).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    path.write_text(svg + "\n", encoding="utf-8")


def gallery() -> str:
    """One section per rhythm, as Markdown; writes the pictures too."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    parts, found = [], {}
    for rhythm, of in RHYTHMS.items():
        made = criteria.plain(rhythm, N)
        found[rhythm] = [criteria.measured(one.record) for one in made]
        picture(made[0], PICTURES / f"{rhythm}.svg")
        plan = made[0].truth.plan
        person = plan.person
        relation = plan.av_relation
        parts += [
            f"### {rhythm}: {of.name}",
            f"![Twelve leads of simulated {of.name.lower()}](images/simulator/{rhythm}.svg)",
            f"Seed {plan.seed}: a {'woman' if person.sex == 'female' else 'man'} of {person.age_years:.0f}, "
            f"{plan.ventricular_rate_bpm:.0f}/min, atria to ventricles {relation}. "
            f"`ecglite simulate --rhythm {rhythm} --seed {plan.seed} --plot {rhythm}.svg`",
        ]
        parts.append(criteria.markdown(rhythm, found[rhythm]))
        if rhythm in ("AVNRT", "AVRT"):
            parts.append(_retrograde(rhythm))
    return "\n\n".join([*parts, *_matrix(found)])


def _matrix(found: dict[str, list[criteria.Measured]]) -> tuple[str, ...]:
    lower = [f"{rhythm} {100 * least:.0f} %" for rhythm, least in criteria.DIAGONAL.items() if least < 0.8]
    return (
        "### Which rhythm meets whose criteria",
        "A criterion that every rhythm meets says nothing of one. Rows: of which rhythm the recordings are "
        f"({N} each). Columns: how many percent of them meet all criteria of that rhythm, tolerances included. The "
        "tests ask, of other people, that of each rhythm 80 % meet their own at the least "
        f"({', '.join(lower)}), and of each other rhythm at most {100 * criteria.OTHERS:.0f} %, but for those whose "
        "definitions overlap: the second table.",
        criteria.matrix_markdown(found),
        "How the atria are seen beneath QRS and T: F waves in that weighted sum of leads which oscillates most purely, "
        "since F waves that are conducted 2:1 are in the mean beat too; f waves in what is left of V1 without its mean "
        "beat; P before QRS in the mean beat, between the end of a usual T and QRS; a retrograde P as a peak of the "
        "mean beat after R, in V1 less the inferior leads. A test asks that each is gone from the same recordings "
        "without atria.",
    )


def _retrograde(rhythm: str) -> str:
    found = [criteria.retrograde_p(rhythm, seed) for seed in range(N)]
    rp, v1, inferior = (np.median([getattr(one, n) for one in found]) for n in ("rp_ms", "v1_mv", "inferior_mv"))
    words = {
        "AVNRT": "In the usual slow-fast form P lies at the end of QRS: a pseudo-r' in V1, a pseudo-S inferiorly",
        "AVRT": "P lies in the ST segment, away from QRS",
    }[rhythm]
    return (
        f"{words}. By the difference to the same recordings without atria (n = {N}): the peak of P is {rp:.0f} ms "
        f"after the onset of QRS, {v1:+.2f} mV in V1 and {inferior:+.2f} mV in the inferior leads (medians)."
    )


def chapman(folder: Path) -> str:
    """The table of distances from the database's table."""
    from ecglite.lab import population_of

    of = population_of.table(folder)
    return population_of.markdown(population_of.distances(of, n=DRAWN), of)


def placed(page: str, name: str, text: str) -> str:
    """The page with what stands between a pair of marks replaced."""
    start, end = MARKS[0].format(name), MARKS[1]
    found = re.subn(f"{re.escape(start)}.*?{re.escape(end)}", lambda _: f"{start}\n\n{text}\n\n{end}", page, flags=re.S)
    if found[1] != 1:
        raise SystemExit(f"{PAGE} has no place for {name}: {start}")
    return found[0]


def main() -> None:
    """As the module says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chapman", type=Path, help="folder of Diagnostics.xlsx")
    folder = parser.parse_args().chapman
    page = placed(PAGE.read_text(encoding="utf-8"), "gallery", gallery())
    if folder is not None:
        page = placed(page, "population", chapman(folder))
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
