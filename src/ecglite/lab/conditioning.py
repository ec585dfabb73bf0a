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
    """[batch, n_leads, 1, 5000] at 500 Hz -> [batch, n_leads, 1, 1000] at 100 Hz, low-passed at 42 Hz.

    One low-pass in its five phases: each is a filter of nine taps over one sample of every five, and their sum is the
    whole. A stride of five over 41 taps gives the same and takes four times as long in LiteRT, whose kernels are made
    for few taps.
    """

    weight: Tensor
    total: Tensor

    def __init__(self, n_leads: int) -> None:
        super().__init__()
        taps = torch.from_numpy(np.pad(decimation_taps(), (0, -_TAPS % DECIMATION)))  # the last phases lack one
        phases = taps.reshape(-1, DECIMATION).T.repeat_interleave(n_leads, dim=0)  # [5 * n_leads, 9]
        total = torch.eye(n_leads).repeat(1, DECIMATION)
        self.register_buffer("weight", phases[:, None, None].contiguous(), persistent=False)
        self.register_buffer("total", total[:, :, None, None], persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Each lead is centred first, so that an electrode's offset makes no step at the edges."""
        x = x - x.mean(dim=3, keepdim=True)
        batch, n_leads, rows, n_time = x.shape
        # samples by leads -> every fifth sample by phase and lead: in the file's order of axes nothing moves
        x = x.permute(0, 2, 3, 1).reshape(batch, rows, n_time // DECIMATION, DECIMATION * n_leads).permute(0, 3, 1, 2)
        x = functional.conv2d(x, self.weight, padding=(0, _TAPS // 2 // DECIMATION), groups=DECIMATION * n_leads)
        return functional.conv2d(x, self.total)


class Condition(nn.Module):
    """[batch, n_leads, 1, n_time] millivolts at 100 Hz -> the same shape, in standard deviations, in [-8, 8].

    The moving mean of one second is taken off (a high-pass near 0.5 Hz), then each lead is divided by its standard
    deviation: the rhythm must not hang on a wrong gain. A lead of zeros stays zeros.
    """

    def __init__(self, rate_hz: float = 100.0) -> None:
        super().__init__()
        self.taps = baseline_taps(rate_hz)

    def forward(self, x: Tensor) -> Tensor:
        """[batch, n_leads, 1, n_time] -> the same shape; at the window's edges the mean is over fewer samples."""
        around = (0, self.taps // 2)
        x = x - functional.avg_pool2d(x, (1, self.taps), 1, around, count_include_pad=False)
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


def conditioning_of(scaling: str, rate_hz: float) -> nn.Module:
    """The conditioning of a preparation: "min-max", or "baseline" for `Condition`."""
    return MinMax() if scaling == "min-max" else Condition(rate_hz)
