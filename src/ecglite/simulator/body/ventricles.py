"""QRS, ST and T of one person as a vector in the chest, by the way the ventricles are activated."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from ecglite.simulator.body.axes import axis_of, to_axis, to_transition
from ecglite.simulator.body.tables import AMPLITUDE_AGES, LBBB, QRS_MODES, QRS_MV, RBBB_LATE, SCORES, STT_MODES, T_MV
from ecglite.simulator.body.torso import Torso, turned, twelve
from ecglite.simulator.person import Person

Floats = npt.NDArray[np.float64]

U: Final[Floats] = np.linspace(0, 1, 129)
"""The duration of QRS, on which a Source is sampled."""
W: Final[Floats] = np.linspace(0, 1.7, 171)
"""From J (0) to the end of T (1) and the U wave."""


def _splines(at: Floats, centres: Floats) -> Floats:
    """[n, n_centres] cubic B-splines of equal steps."""
    x = np.abs((at[:, None] - centres) / (centres[1] - centres[0]))
    return np.asarray(np.where(x < 1, 2 / 3 - x**2 + x**3 / 2, np.where(x < 2, (2 - x) ** 3 / 6, 0.0)))


_OF_QRS: Final = _splines(U, np.asarray((np.arange(9) + 1.6) / 11.2, np.float64))
_OF_STT: Final = _splines(W, np.asarray(np.arange(9) / 8, np.float64))
_LATE: Final = np.clip((U - 0.5) / 0.5, 0, 1)[:, None]
RAMP: Final = _LATE**2 * (3 - 2 * _LATE)
"""[129, 1]: how ST begins within QRS."""
_TO_T: Final = np.clip((W - 0.1) / 0.35, 0, 1)[:, None]
T_SHARE: Final = _TO_T**2 * (3 - 2 * _TO_T)
"""[171, 1]: 0 in ST, 1 in T."""
_DISCORDANT: Final = _OF_STT @ np.array([0.30, 0.33, 0.41, 0.54, 0.75, 0.95, 0.90, 0.40, 0.02])
"""The course of ST-T after a bundle branch block (the mean of 127 with LBBB): it rises from J."""


def bump(at: Floats, centre: float, half_width: float) -> Floats:
    """[n, 1]: a squared cosine of height 1."""
    x = np.clip((at - centre) / half_width, -1, 1)
    return np.asarray(np.cos(0.5 * np.pi * x)[:, None] ** 2)


@dataclass(frozen=True, slots=True)
class Source:
    """The heart vector of one kind of beat, mV.

    Attributes:
        qrs: [129, 3] over U, zero at both ends.
        stt: [171, 3] over W.
        qrs_s: duration of QRS.
        jt_s: from the end of QRS to the end of T at the person's rate.
    """

    qrs: Floats
    stt: Floats
    qrs_s: float
    jt_s: float

    @property
    def area(self) -> Floats:
        """[3], mV s, of QRS."""
        return np.asarray(self.qrs.mean(axis=0) * self.qrs_s)


def with_secondary_t(source: Source, usual: Source, share: float = 0.6) -> Source:
    """ST-T after another activation: the ventricular gradient, area of QRS and T together, stays (Wilson 1934)."""
    missing = share * (usual.area - source.area)
    # At high rates the area shrinks with the time there is for it.
    stt = 0.6 * source.stt + _DISCORDANT[:, None] * (missing / (_DISCORDANT.mean() * 1.7 * max(source.jt_s, 0.27)))
    return replace(source, stt=stt)


_SECONDARY: Final = frozenset({"lbbb", "rbbb", "preexcitation", "paced"})
"""Traits after whose QRS the direction of T follows from that of QRS: no turn to the person's T axis undoes it."""
_HEMIBLOCKS: Final = frozenset({"left anterior fascicular block", "left posterior fascicular block"})
_HAVE_Q: Final = frozenset(
    (
        *("prior anterior infarction", "prior inferior infarction", "prior lateral infarction"),
        *("lbbb", "preexcitation", "left anterior fascicular block", "left posterior fascicular block"),
    )
)


def normal(person: Person, torso: Torso, rng: np.random.Generator) -> tuple[Source, Torso]:
    """The person's own beat, with the axes, the transition and the traits of the person; and the torso that allows it.

    Where what I and II see of front and back would not let an axis be met, they see less of it. A beat with the Q waves
    of an infarct that the person has not had is drawn nearer to the mean.
    """
    chance, own = np.clip(rng.standard_normal(len(SCORES)), -2.2, 2.2), rng.random(8)
    rest = 0.05 * np.clip(rng.standard_normal((9, 3)), -2.2, 2.2)  # what ten modes leave: 18 % of the variance
    traits = person.traits
    for share in (1.0, 0.7, 0.4, 0.1):
        source, seen = _drawn(person, torso, share * chance, share * rest, own)
        seen = seen.rotated(float("clockwise rotation" in traits) - ("counterclockwise rotation" in traits))
        if traits & _HAVE_Q or not infarct_like(_qrs_leads(source, seen), source.qrs_s):
            break
    return source, seen


def of_the_node(person: Person) -> Person:
    """The person as the AV node's beats show them: QRS, QT and axes of a paced person are those of the paced beats."""
    if "paced" not in person.traits:
        return person
    qrs_s = min(person.qrs_s, _NARROW_S)
    return replace(
        person,
        traits=person.traits - {"paced"},
        qrs_s=qrs_s,
        qt_s=max(person.qt_s - 0.75 * (person.qrs_s - qrs_s), qrs_s + 0.1),
        qrs_axis_deg=_USUAL.qrs_axis_deg,
        t_axis_deg=_USUAL.t_axis_deg,
    )


_USUAL: Final = Person()
_NARROW_S: Final = 0.092


def _qrs_leads(source: Source, torso: Torso) -> Floats:
    """[129, 12], mV."""
    eight = torso.ventricles @ (source.qrs + RAMP * source.stt[0]).T + torso.drift @ ((U[:, None] - 0.5) * source.qrs).T
    return twelve(eight).T


_CONTIGUOUS: Final = np.array([(1, 5), (2, 5), (0, 4), (6, 7), (7, 8), (8, 9), (9, 10), (10, 11), (0, 11)])
"""II aVF, III aVF, I aVL, V1 V2 to V5 V6, I V6."""


_WALLS: Final = {
    "prior anterior infarction": _CONTIGUOUS[3:6],
    "prior inferior infarction": _CONTIGUOUS[:2],
    "prior lateral infarction": _CONTIGUOUS[[2, 6, 7, 8]],
}


def infarct_like(qrs: Floats, qrs_s: float, pairs: npt.NDArray[np.int64] = _CONTIGUOUS) -> bool:
    """Whether QRS [n, 12] begins with a Q of 30 ms, 0.1 mV and a quarter of R in two leads that look at one wall.

    After the fourth universal definition of myocardial infarction (Thygesen 2018).
    """
    at = np.arange(len(qrs))[:, None]
    begins = (np.abs(qrs) > 0.02).argmax(axis=0)
    up = (at >= begins) & (qrs >= 0)
    ends = np.where(up.any(axis=0), up.argmax(axis=0), len(qrs))
    depth = np.where((at >= begins) & (at < ends), -qrs, 0.0).max(axis=0)
    wide = (ends - begins) * qrs_s > 0.027 * 0.93 * len(qrs)  # what is seen of QRS is 93 % of its samples
    q = wide & (depth > np.maximum(0.085, 0.22 * qrs.max(axis=0)))
    return bool(q[pairs].all(axis=1).any())


def _drawn(person: Person, torso: Torso, chance: Floats, rest: Floats, own: Floats) -> tuple[Source, Torso]:
    traits = person.traits
    amplitude = float(np.interp(person.age_years, AMPLITUDE_AGES, QRS_MV[person.sex]))
    size = amplitude * person.qrs_scale * (1.35 if "lvh" in traits else 1.0) * (0.5 if "low voltage" in traits else 1.0)
    axis = (person.qrs_axis_deg + 180) % 360 - 180
    about = np.array(
        [
            np.clip((axis - 25) / 45, -2, 2),
            0.5 if person.sex == "female" else -0.5,
            np.clip((person.age_years - 55) / 18, -2.2, 2),
            np.clip(np.log(size / amplitude), -0.8, 0.8),
            1.0,
        ]
    )
    scores = SCORES[:, :5] @ about + SCORES[:, 5] * chance
    for _ in range(4):  # a loop that is closed in the frontal plane has no axis: people have less of what closes it
        main = _OF_QRS @ (QRS_MODES[0] + np.tensordot(scores, QRS_MODES[1:], 1) + rest)
        if np.sqrt((main.sum(axis=0)[:2] ** 2).sum()) > 0.6 * np.sqrt((main[:, :2] ** 2).sum(axis=1)).sum():
            break
        scores, rest = 0.7 * scores, 0.7 * rest
    main *= size / max(float(np.sqrt((main**2).sum(axis=1)).max()), 1e-9)
    stt = _of_t(person, scores)
    healthy = main
    main, fixed = _with_qrs_traits(person, main, size, own)
    # Late forces that outweigh the rest in the frontal plane would not let the axis be met.
    across = np.sqrt((main.sum(axis=0)[:2] ** 2).sum()) / max(np.sqrt((fixed.sum(axis=0)[:2] ** 2).sum()), 1e-9)
    fixed = fixed * (min(1.0, 0.75 * float(across)), min(1.0, 0.75 * float(across)), 1.0)
    source = Source(main + fixed, stt, person.qrs_s, max(person.qt_s - person.qrs_s, 0.1))
    wide = bool(traits & {"rbbb", "lbbb"})
    hemiblock = bool(traits & _HEMIBLOCKS)
    scars = [toward * (0.7 + 0.6 * own[3]) for name, toward in _SCARS.items() if name in traits]
    if hemiblock:  # else what is late and behind would be another wave in I, aVL and III
        torso = torso.with_limbs_in_front(0.3)
    deeper = 1.0
    for _ in range(5):
        there, horizontal = (main, 0.0) if wide else to_transition(person, torso, main, fixed)
        there = _around_a_block(there) if hemiblock else there
        turn, off = (
            _under_scars(torso, there, fixed, scars, deeper, person) if scars else to_axis(torso, there, fixed, axis)
        )
        main = scarred(turned(there, turn), scars, deeper)
        source = replace(source, qrs=main + fixed, stt=turned(stt, 0.0, 0.4 * horizontal))
        if scars:
            seen = _qrs_leads(source, torso)
            if all(infarct_like(0.85 * seen, 0.9 * person.qrs_s, _WALLS[name]) for name in _SCARS if name in traits):
                break
            deeper *= 1.3
        elif off < 3:
            break
        else:
            torso = torso.with_limbs_in_front(0.4)
    if "rbbb" in traits:  # the late forces alone are not as usual
        source = with_secondary_t(source, replace(source, qrs=main), 0.9)
    elif "lbbb" in traits:
        source = with_secondary_t(source, replace(source, qrs=_OF_QRS @ QRS_MODES[0] * size, qrs_s=0.09), 0.9)
    elif "preexcitation" in traits:
        source = with_secondary_t(source, replace(source, qrs=turned(healthy, turn), qrs_s=0.09), 1.1)
    source, torso = _repolarised(person, torso, source, size, own)
    if not scars:  # what ST adds to QRS counts for the axis too
        turn, _ = to_axis(torso, there, fixed + RAMP * source.stt[0], axis)
        source = replace(source, qrs=turned(there, turn) + fixed)
    if "lvh" in traits and person.age_years >= 18:
        source = replace(source, qrs=source.qrs * _to_voltage(person, _qrs_leads(source, torso), own[6]))
    return source, _to_criteria(person, torso, _qrs_leads(source, torso), own[7])


def _repolarised(person: Person, torso: Torso, source: Source, size: float, own: Floats) -> tuple[Source, Torso]:
    """ST-T with the person's traits and T axis, and the torso that allows the axis."""
    traits, stt = person.traits, source.stt
    against = abs((person.t_axis_deg - person.qrs_axis_deg + 180) % 360 - 180)
    if "lvh" in traits and against > 60:  # strain: ST and T against QRS
        strain = -(0.2 + 0.4 * own[1]) * source.area / (_DISCORDANT.mean() * 1.7 * source.jt_s)
        stt = stt * 0.5 + _DISCORDANT[:, None] * strain
    if "rvh" in traits:
        stt = stt - _DISCORDANT[:, None] * np.array([-0.05, 0.08, 0.3 * own[2]]) * size
    if "prior anterior infarction" in traits and own[7] < 0.6:  # T stays inverted over the scar
        stt = stt * (1 - T_SHARE * np.array([0.0, 0.0, 1.3 + 0.5 * own[6]]))
    if not traits & _SECONDARY:
        stt, torso = _to_t_axis(person, torso, stt)
    return replace(source, stt=_with_stt_traits(person, stt, own)), torso


def _to_voltage(person: Person, qrs: Floats, chance: float) -> float:
    """By how much QRS [n, 12] is enlarged so that it has the voltage of left ventricular hypertrophy.

    S in V1 and R in V5 or V6 together 3.5 mV (Sokolow and Lyon 1949), or R in aVL and S in V3 together 2.8 mV in men
    and 2.0 in women (Casale 1985), whichever is nearer; up to a third more by chance.
    """
    high, low = qrs.max(axis=0), qrs.min(axis=0)
    sokolow = (max(high[10], high[11]) - low[6]) / 3.5
    cornell = (high[4] - low[8]) / (2.8 if person.sex == "male" else 2.0)
    return float(np.clip((1.04 + 0.3 * chance**2) / max(sokolow, cornell), 1.0, 1.8))


def _to_criteria(person: Person, torso: Torso, qrs: Floats, chance: float) -> Torso:
    """The torso in which QRS [n, 12] is as low, or R in V1 as high, as the person's traits say.

    Low voltage: less than 0.5 mV from top to bottom in every limb lead, 1.0 in every chest lead. Hypertrophy of the
    right ventricle, which then lies under V1: R of 0.7 mV there (both AHA/ACCF/HRS 2009).
    """
    rows, height = np.ones((8, 1)), np.ptp(qrs, axis=0)
    if person.traits & {"low voltage", "low voltage limb"}:
        rows[:2] = min(1.0, 0.43 / float(height[:6].max()))
    if person.traits & {"low voltage", "low voltage chest"}:
        rows[2:] = min(1.0, 0.9 / float(height[6:].max()))
    if "rvh" in person.traits:
        rows[2] = np.clip((0.75 + 0.4 * chance**2) / float(qrs[:, 6].max()), 1, 3)
    # What is thick around the heart is in the way of T too; what lies near V1 is not.
    of_t = np.minimum(rows, 1.0)
    return replace(
        torso, ventricles=rows * torso.ventricles, repolarisation=of_t * torso.repolarisation, drift=rows * torso.drift
    )


_STT_OF_PEOPLE: Final = STT_MODES[1:] * np.where(np.arange(10)[:, None, None] < 5, 1.0, (0.9, 0.35, 0.5))
"""The lesser modes hold the level of ST; half of it is the wandering baseline that averaged beats were measured on."""


def _of_t(person: Person, scores: Floats) -> Floats:
    stt = _OF_STT @ (STT_MODES[0] + np.tensordot(scores, _STT_OF_PEOPLE, 1))
    size = float(np.interp(person.age_years, AMPLITUDE_AGES, T_MV[person.sex])) * person.t_scale
    size *= 0.6 if "low voltage" in person.traits else 1.0
    size *= float(np.clip((person.rr_s / 0.8) ** 0.35, 0.65, 1.1))
    stt *= size / max(float(np.sqrt((stt**2).sum(axis=1)).max()), 1e-9)
    # ST grows less than T does, and is a little lower, against what precedes QRS, than the averaged beats have it.
    mean = float(np.interp(person.age_years, AMPLITUDE_AGES, T_MV[person.sex]))
    st = stt * min(1.0, float(np.sqrt(mean / size))) if size > 0 else stt
    stt = T_SHARE * stt + (1 - T_SHARE) * (st + np.array([-0.012, -0.026, 0.0]) * min(1.0, size / mean))
    # Juvenile T: behind in children, so that V1 to V3 are negative (Davignon 1979), in front from about 16 years on.
    front = float(np.interp(person.age_years, (0.02, 0.1, 7, 11, 18), (0.3, -0.75, -0.6, -0.2, 1.0)))
    return np.asarray(stt * np.array([1.0, 1.0, front]))


def _with_qrs_traits(person: Person, main: Floats, size: float, own: Floats) -> tuple[Floats, Floats]:
    """The part of QRS that turns with the axis, and what has its own direction."""
    traits, fixed = person.traits, np.zeros_like(main)
    vary = 0.7 + 0.6 * own[:4]
    if "lbbb" in traits:
        main = lbbb_qrs(size)
        # The septum crossed, then the free wall: in I and V6 a notch or a plateau, R highest after 60 ms.
        notch = bump(U, 0.38, 0.15) * np.array([-0.22, -0.05, 0.05]) + bump(U, 0.58, 0.2) * np.array([0.38, 0.08, -0.1])
        return main + notch * (size * vary[0]), fixed
    if "rbbb" in traits:
        # The left ventricle as ever, then the right one alone.
        early = float(np.clip(0.085 / person.qrs_s, 0.5, 0.8))
        main = np.stack([np.interp(U / early, U, lead, right=0.0) for lead in main.T], axis=1)
        main = main * (1.0, 1.0, 0.5)
        late = 1.2 * RBBB_LATE * np.array([vary[1], 0.6 * (own[4] - 0.5), vary[2]]) * (0.5 + 0.35 * size)
        course = bump(U, 0.66, 0.34)
        septum = bump(U, 0.13, 0.13) * np.array([-0.05, 0.0, 0.22]) * (size * vary[3])
        return main, fixed + septum + course * late
    if "intraventricular delay" in traits:
        notch = bump(U, 0.35 + 0.3 * own[4], 0.10) * (main[64] * -0.25)
        main = main + notch
    if "incomplete rbbb" in traits:
        septum = bump(U, 0.13, 0.13) * np.array([-0.04, 0.0, 0.15]) * (size * vary[3])
        fixed = fixed + septum + bump(U, 0.82, 0.17) * np.array([-0.16, -0.02, 0.5]) * vary[0]
    if "lvh" in traits:
        main = main * (1.1, 0.95, 1.15)
    if "rvh" in traits:
        fixed = fixed + bump(U, 0.5, 0.4) * np.array([-0.25, 0.0, 0.95]) * (size * vary[1])
    if "left anterior fascicular block" in traits:  # first down and right: q in I and aVL, r in III
        fixed = fixed + bump(U, 0.17, 0.15) * np.array([-0.12, 0.24, 0.06]) * (size * vary[2])
    if "left posterior fascicular block" in traits:  # first up and left: r in I and aVL, q in III
        fixed = fixed + bump(U, 0.17, 0.15) * np.array([0.17, -0.16, 0.05]) * (size * vary[2])
    if "preexcitation" in traits:
        main, slow = preexcited_qrs(main, size, _side(person.qrs_axis_deg, own[5]), person.qrs_s)
        fixed = fixed + slow
    return main, fixed


def _around_a_block(main: Floats) -> Floats:
    """QRS without a fascicle: in the frontal plane it turns to the fascicle's wall, which is the last, and stays there.

    So R in aVL, or in III, comes late (45 ms and more after onset) and no other wave follows it.
    """
    late = np.clip((U - 0.15) / 0.85, 0, 1)
    main = np.stack([np.interp(late, U, lead) for lead in main.T], axis=1)
    frontal = main[:, :2]
    toward = frontal.sum(axis=0) / np.sqrt((frontal.sum(axis=0) ** 2).sum())
    along = frontal @ toward
    aside = frontal - along[:, None] * toward
    after = np.arange(len(U)) > along.argmax()
    along = np.maximum(along, 0)
    frontal = along[:, None] * toward + np.where(after, 0.1, 1.0)[:, None] * aside
    return np.concatenate([frontal, main[:, 2:]], axis=1)


_LBBB_ROWS: Final = (1.9, 1.0, 0.95)
"""More to the left than the medians lead by lead, whose peaks do not coincide, leave."""


def lbbb_qrs(size: float) -> Floats:
    """[129, 3]: the ventricles one after the other, the left one last, of a heart whose usual vector is `size` mV."""
    return np.asarray(_OF_QRS @ (LBBB * _LBBB_ROWS) * (0.75 * size))


_SCARS: Final[dict[str, Floats]] = {
    "prior anterior infarction": np.array([0.06, 0.0, 1.1]),
    "prior inferior infarction": np.array([0.0, 0.34, -0.04]),
    "prior lateral infarction": np.array([0.48, 0.0, -0.05]),
}
"""Towards the scar, as long as it is large."""


def scarred(main: Floats, scars: list[Floats], deeper: float = 1.0) -> Floats:
    """QRS of a heart with scars: first what points away from them, and of what would point to them a part is lost."""
    for scar in scars:
        extent = float(np.sqrt(scar @ scar))
        toward, size = scar / extent, float(np.sqrt((main**2).sum(axis=1)).max())
        lost = np.maximum(np.clip((0.5 - U) / 0.15, 0, 1), min(0.9, 0.8 * extent)) * np.maximum(main @ toward, 0)
        main = main - toward * (lost[:, None] + bump(U, 0.25, 0.23) * (0.19 * deeper * size))
    return main


def _under_scars(
    torso: Torso, main: Floats, fixed: Floats, scars: list[Floats], deeper: float, person: Person
) -> tuple[float, float]:
    """By how many degrees `main` is turned so that the scars leave about the person's axis; the rest.

    Without the scars it would be within 50 degrees of it and normal, so that what they take is not made up for.
    """
    low, high = (-180, 180) if person.traits & _HEMIBLOCKS else (-30, 100)
    degrees = np.arange(-180.0, 180.0, 5.0)
    all_turned = turned(np.broadcast_to(main, (len(degrees), *main.shape)), degrees[:, None])
    axis = axis_of(torso, np.stack([(scarred(one, scars, deeper) + fixed).sum(axis=0) for one in all_turned]))
    healthy = axis_of(torso, (all_turned + fixed).sum(axis=1))
    off = np.abs((axis - person.qrs_axis_deg + 180) % 360 - 180)
    far = np.abs((healthy - np.clip((person.qrs_axis_deg + 180) % 360 - 180, low, high) + 180) % 360 - 180)
    best = int(np.argmin(off + 10 * np.maximum(far - 50, 0)))
    return float(degrees[best]), float(off[best])


def preexcited_qrs(main: Floats, size: float, side: float, qrs_s: float) -> tuple[Floats, Floats]:
    """The fusion of two activations: the usual one, which starts late, and that from the pathway, slow from the start.

    Returns:
        [129, 3] each; the second slurs the upstroke until the usual forces are at their greatest, and fades under them.
    """
    start = float(np.clip(0.024 / qrs_s, 0.15, 0.28))
    late = np.clip((U - start) / (1 - start), 0, 1) ** 1.1  # what the pathway has reached already is missing at first
    usual = np.stack([np.interp(late, U, lead) for lead in main.T], axis=1)
    rises, fades = np.clip(U / 0.6, 0, 1), np.clip((1 - U) / 0.4, 0, 1)
    slow = rises**1.2 * fades**2 * (3 - 2 * fades)
    return usual * 0.85, slow[:, None] * delta(side) * (0.75 * size)


def _side(axis_deg: float, chance: float) -> float:
    """Of the pathway, as delta() takes it: the posterior septum sends the axis up, the left free wall down."""
    axis = (axis_deg + 180) % 360 - 180
    if -150 < axis < -10:
        return 0.7
    return 0.55 * chance if axis > 60 or axis < -150 else chance


def delta(side: float) -> Floats:
    """[3], away from the pathway: `side` 0 to 0.55 left free wall, to 0.8 posterior septum, to 1 right free wall."""
    if side < 0.55:
        return np.array([-0.25, 0.45, 0.75])
    return np.array([0.7, -0.6, 0.5]) if side < 0.8 else np.array([0.9, 0.25, -0.25])


def _to_t_axis(person: Person, torso: Torso, stt: Floats) -> tuple[Floats, Torso]:
    """T, not ST, turned to the person's axis; and the torso, which sees less of the front where needed."""
    wave = (stt * T_SHARE)[:105]
    nothing = np.zeros_like(wave)
    for _ in range(5):
        turn, off = to_axis(replace(torso, ventricles=torso.repolarisation), wave, nothing, person.t_axis_deg)
        if off < 3:
            break
        torso = replace(torso, repolarisation=torso.with_limbs_in_front(0.4).repolarisation)
    return np.asarray((1 - T_SHARE) * stt + T_SHARE * turned(stt, turn)), torso


def _with_stt_traits(person: Person, stt: Floats, own: Floats) -> Floats:
    traits, vary = person.traits, 0.6 + 0.8 * own
    mv = float(np.interp(person.age_years, AMPLITUDE_AGES, T_MV[person.sex]))
    if "t flat" in traits:
        stt = stt * (0.2 + 0.25 * own[0])
    if "t tall" in traits:
        stt = stt * 1.7
    if "t inversion" in traits:
        axis = (person.t_axis_deg + 180) % 360 - 180
        if -15 < axis < 105:  # normal in the limbs, so it is the front that is inverted
            stt = stt * (1.0, 1.0, -0.8 - 0.5 * own[0]) - bump(W, 0.7, 0.35) * np.array([0, 0, 0.15 * own[1]])
    plateau = _OF_STT @ np.array([1.0, 1.0, 1.0, 0.9, 0.6, 0.25, 0.05, 0.0, 0.0])
    if "st depression" in traits:
        depth = -(0.08 + 0.14 * own[2]) * np.array([0.8, 0.55, 0.5])
        sags = own[3] < 0.3  # as under digitalis: deepest before T, which is small
        course = bump(W, 0.33, 0.4) if sags else plateau[:, None]
        stt = stt * (0.55 if sags else 0.7) + course * depth
    if "st elevation" in traits:
        toward = np.array([(0.25, -0.1, 0.9), (-0.2, 0.85, 0.0), (0.8, 0.0, 0.15)][int(own[4] * 2.999)])
        stt = stt * 1.1 + plateau[:, None] * toward * (0.17 + 0.16 * own[5])
    if "early repolarisation" in traits:
        rise = _OF_STT @ np.array([1.0, 0.95, 0.75, 0.6, 0.45, 0.25, 0.05, 0.0, 0.0])  # J is raised, ST concave
        stt = stt * 1.2 + rise[:, None] * np.array([0.55, 0.5, 0.6]) * (0.17 + 0.10 * own[6])
    if "long qt" in traits and own[7] < 0.5:  # a long ST segment, then a late narrow T
        late = np.clip((W - 0.3) / 0.7, 0, None)
        stt = np.stack([np.interp(late, W, lead) for lead in stt.T], axis=1)
    if "u wave" in traits:
        stt = stt + bump(W, 1.32, 0.30) * np.array([0.4, 0.35, 0.75]) * (0.30 * mv * vary[0])
    elif person.heart_rate_bpm < 70:  # a small U is normal at low rates, largest in V2 and V3
        small = 0.10 * mv * own[0] * min(1.0, (70 - person.heart_rate_bpm) / 20)
        stt = stt + bump(W, 1.32, 0.28) * np.array([0.35, 0.3, 0.8]) * small
    return np.asarray(stt)
