"""What the graph does to a window before the network sees it: decimate, remove the baseline, scale, clip.

The same modules train the network and are exported with it, so that no client can drift from the training.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

DECIMATION: Final = 5  # 500 Hz -> 100 Hz
_TAPS: Final = 41
_CUTOFF_HZ: Final = 42.0
_BASELINE_S: Final = 1.0
FLOOR_MV: Final = 0.005  # one step of the coarsest recorder: below it a lead is silence, not signal
CLIP: Final = 8.0  # standard deviations; an R wave stands at 4 to 7


def decimation_taps() -> npt.NDArray[np.float32]:
    """[41], the low-pass of `Decimate`: a windowed sinc that sums to one."""
    at = np.arange(_TAPS) - _TAPS // 2
    taps = np.sinc(2 * _CUTOFF_HZ / 500 * at) * np.hamming(_TAPS)
    scaled: npt.NDArray[np.float32] = (taps / taps.sum()).astype(np.float32)
    return scaled


def baseline_taps(rate_hz: float) -> int:
    """Samples of the moving mean of `Condition`, an odd number."""
    return int(_BASELINE_S * rate_hz) // 2 * 2 + 1


class Decimate(nn.Module):
    """[batch, n_leads, 1, 5000] at 500 Hz -> [batch, n_leads, 1, 1000] at 100 Hz, low-passed at 42 Hz."""

    weight: Tensor

    def __init__(self, n_leads: int) -> None:
        super().__init__()
        weight = torch.from_numpy(decimation_taps()).expand(n_leads, 1, 1, _TAPS)
        self.register_buffer("weight", weight.contiguous(), persistent=False)
        self.n_leads = n_leads

    def forward(self, x: Tensor) -> Tensor:
        """Each lead is centred first, so that an electrode's offset makes no step at the edges."""
        x = x - x.mean(dim=3, keepdim=True)
        return functional.conv2d(x, self.weight, stride=(1, DECIMATION), padding=(0, _TAPS // 2), groups=self.n_leads)


class Condition(nn.Module):
    """[batch, n_leads, 1, n_time] millivolts at 100 Hz -> the same shape, in standard deviations, in [-8, 8].

    The moving mean of one second is taken off (a high-pass near 0.5 Hz), then each lead is divided by its standard
    deviation: the rhythm must not hang on a wrong gain. A lead of zeros stays zeros.
    """

    box: Tensor
    share: Tensor

    def __init__(self, n_leads: int, n_time: int, rate_hz: float = 100.0) -> None:
        super().__init__()
        taps = baseline_taps(rate_hz)
        box = torch.full((n_leads, 1, 1, taps), 1.0 / taps)
        inside = functional.conv2d(torch.ones(1, 1, 1, n_time), box[:1], padding=(0, taps // 2))
        self.register_buffer("box", box, persistent=False)
        self.register_buffer("share", 1.0 / inside, persistent=False)  # the window's edges see fewer samples
        self.n_leads = n_leads

    def forward(self, x: Tensor) -> Tensor:
        """[batch, n_leads, 1, n_time] -> the same shape."""
        baseline = functional.conv2d(x, self.box, padding=(0, self.box.shape[3] // 2), groups=self.n_leads)
        x = x - baseline * self.share
        power = (x * x).mean(dim=3, keepdim=True)
        return (x * torch.rsqrt(power + FLOOR_MV**2)).clamp(-CLIP, CLIP)


class MinMax(nn.Module):
    """[batch, n_leads, 1, n_time] -> the same shape, in [0, 1]: the recording's least sample is 0, its greatest 1.

    As the published study scales (doi 10.18280/ria.380238): one range for a recording, all leads together, so that
    they keep their sizes beside each other. A recording without any signal becomes zeros.
    """

    def forward(self, x: Tensor) -> Tensor:
        """[batch, n_leads, 1, n_time] -> the same shape."""
        low, high = x.amin(dim=(1, 2, 3), keepdim=True), x.amax(dim=(1, 2, 3), keepdim=True)
        return (x - low) / (high - low + 1e-6)


def conditioning_of(scaling: str, n_leads: int, n_time: int, rate_hz: float) -> nn.Module:
    """The conditioning of a preparation: "min-max", or "baseline" for `Condition`."""
    return MinMax() if scaling == "min-max" else Condition(n_leads, n_time, rate_hz)
