"""Heart rate by a detector that is not ours: NeuroKit2's (Makowski et al., 2021), for labels and checks."""

from __future__ import annotations

import warnings
from typing import Final

import numpy as np
import numpy.typing as npt

_LEADS: Final = (0, 1, 6, 10)  # I, II, V1, V5: four views, so that a flat QRS or noise in one does not decide


def heart_rate_bpm(signal_mv: npt.NDArray[np.float32], rate_hz: float) -> float:
    """Mean heart rate in beats per minute: the median over four leads of 60 / mean RR; NaN for under three beats.

    Args:
        signal_mv: float32 [12, n_samples], millivolts.
        rate_hz: its sampling rate.
    """
    import neurokit2

    found = []
    for lead in _LEADS:
        x = signal_mv[lead].astype(np.float64)
        if np.ptp(x) == 0:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of signals without a beat; those are skipped below
            try:
                clean = neurokit2.ecg_clean(x, sampling_rate=int(rate_hz))
                peaks = neurokit2.ecg_peaks(clean, sampling_rate=int(rate_hz))[1]["ECG_R_Peaks"]
            except (ValueError, IndexError, ZeroDivisionError):
                continue  # a lead in which it finds nothing at all
        if len(peaks) >= 3:
            found.append(60.0 * rate_hz * (len(peaks) - 1) / float(peaks[-1] - peaks[0]))
    return float(np.median(found)) if found else float("nan")
