"""Recording -> Finding: the stages in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ecglite.edge import formats
from ecglite.edge.bundle import DEFAULT, RHYTHM, Bundle, Manifest, load_bundle
from ecglite.edge.decision import Finding, decide
from ecglite.edge.errors import BundleError, EcgliteError, RecordError
from ecglite.edge.heart_rate import beats, rate_bpm
from ecglite.edge.model import Model
from ecglite.edge.quality import assess
from ecglite.edge.record import LEADS, Record
from ecglite.edge.windows import windows


class Runner(Protocol):
    """What gives the probabilities of a window: `Model`, or whatever stands in for it."""

    @property
    def manifest(self) -> Manifest:
        """What the model is."""

    def probabilities(self, window_mv: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """See `Model.probabilities`."""


class Classifier:
    """A loaded model and everything before and after it. Not for use by several threads at once.

    Args:
        bundle: folder of a model bundle; the one that ships with the package where none is given.
        threads: of the interpreter.
        runner: makes what runs the bundle, where that is not `Model`.

    Raises:
        BundleError: the bundle is missing, damaged, of another version, or names no rhythms.
    """

    def __init__(
        self, bundle: Path | str = DEFAULT, *, threads: int = 1, runner: Callable[[Bundle], Runner] | None = None
    ) -> None:
        loaded = load_bundle(bundle)
        if loaded.manifest.task != RHYTHM:
            raise BundleError(
                f"bundle {loaded.manifest.name} names {loaded.manifest.task}, not one of the eleven rhythms",
                do=f"score it with: ecglite evaluate {loaded.manifest.name} --benchmark {loaded.manifest.task}",
            )
        self._model: Runner = runner(loaded) if runner else Model(loaded, threads=threads)

    @property
    def manifest(self) -> Manifest:
        """What the model is."""
        return self._model.manifest

    def classify(
        self,
        recording: Record | str | Path | npt.ArrayLike,
        *,
        sampling_rate_hz: float | None = None,
        leads: Sequence[str] | None = None,
        units: str | None = None,
        strict: bool = False,
    ) -> Finding:
        """The rhythm of a recording.

        Args:
            recording: a Record, the path of a file, or samples [n_samples, n_leads].
            sampling_rate_hz: needed for samples; for a file only where it does not state it.
            leads: names of the columns, in order, as a sequence or as "I,II,V1"; for samples the twelve standard
                leads where not given.
            units: "V", "mV", "uV" or "nV"; needed for samples; for a file only where it does not state it.
            strict: refuse a recording with a gap or a flat, clipped, noisy, incomplete or absent lead.

        Raises:
            ReadError, UnitsError, LeadError, RecordError: the recording cannot be understood.
            QualityError: it is too short or too poor to be classified.
        """
        if isinstance(leads, str):
            leads = [name.strip() for name in leads.split(",")]
        if isinstance(recording, Record):
            record = recording
        elif isinstance(recording, str | Path):
            record = formats.read(recording, units=units, rate_hz=sampling_rate_hz, leads=leads)
        else:
            if sampling_rate_hz is None or units is None:
                raise RecordError(
                    "samples without a sampling rate or units",
                    allowed="classify(samples, sampling_rate_hz=500, units='mV')",
                )
            record = Record.from_array(recording, sampling_rate_hz=sampling_rate_hz, leads=leads or LEADS, units=units)
        try:
            quality = assess(record, strict=strict)
        except EcgliteError as error:
            if not record.path:
                raise
            raise type(error)(f"{record.path}: {error.came}", allowed=error.allowed, do=error.do) from None
        starts, rates, rows = [], [], []
        bad = [lead.lead for lead in quality.leads if lead.verdict == "bad"]
        for window in windows(record, bad):
            starts.append(window.start_s)
            gaps = [(start - window.start_s, end - window.start_s) for start, end in quality.gaps_s]
            rates.append(rate_bpm(beats(window.signal_mv), gaps))
            rows.append(self._model.probabilities(window.signal_mv))
        return decide(np.stack(rows), starts, rates, quality, self.manifest)


def load(bundle: Path | str = DEFAULT, *, threads: int = 1) -> Classifier:
    """A classifier with the model that ships with the package, or with another bundle."""
    return Classifier(bundle, threads=threads)
