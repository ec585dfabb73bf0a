"""HeartKit's network of four rhythms in one lead, "arr-4-eff-sm" (Ambiq, BSD-3-Clause), at its published shape.

Widths, kernels and strides are those of `configs/arr-4-eff-sm.json` in github.com/AmbiqAI/heartkit; what a block is
stands in `layers/mbconv.py` and `layers/squeeze_excite.py` of github.com/AmbiqAI/neuralspot-edge. Its frame is 800
samples at 100 Hz, each frame standardised before. Its page states 27 thousand parameters and 1.6 million operations,
and its int8 file, `models/heartkit-arr` in github.com/AmbiqAI/helia-model-zoo, has 76,592 bytes. The weights are not
theirs: what is compared is what the shape costs.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from torch import Tensor, nn
from torch.nn import functional

N_TIME: Final = 800
RATE_HZ: Final = 100
LABELS: Final = ("SR", "SB", "AFIB", "GSVT")

_STEM: Final = 16
_BLOCKS: Final = (24, 32, 64, 72, 128)
_KERNEL: Final = 9
_SQUEEZE: Final = 4


class Excite(nn.Module):
    """Squeeze and excitation (Hu et al., 2018, arXiv:1709.01507): channels weighed by their means over time."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gates = nn.Sequential(
            nn.Conv2d(channels, channels // _SQUEEZE, 1),
            nn.ReLU6(),
            nn.Conv2d(channels // _SQUEEZE, channels, 1),
            nn.Hardsigmoid(),
        )

    def forward(self, x: Tensor) -> Tensor:
        """[batch, channels, 1, n_time] -> the same shape."""
        gates: Tensor = self.gates(x.mean(dim=(2, 3), keepdim=True))
        return x * gates


class Block(nn.Module):
    """MBConv without expansion (Tan and Le, 2021, arXiv:2104.00298); a maximum over pairs halves the time."""

    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.depthwise = nn.Sequential(
            nn.Conv2d(n_in, n_in, (1, _KERNEL), padding=(0, _KERNEL // 2), groups=n_in, bias=False),
            nn.BatchNorm2d(n_in),
            nn.ReLU6(),
        )
        self.pool = nn.MaxPool2d((1, 2))
        self.excite = Excite(n_in)
        self.reduce = nn.Sequential(nn.Conv2d(n_in, n_out, 1, bias=False), nn.BatchNorm2d(n_out))

    def forward(self, x: Tensor) -> Tensor:
        """[batch, n_in, 1, n_time] -> [batch, n_out, 1, n_time / 2], rounded up."""
        x = self.depthwise(x)
        if x.shape[3] % 2:
            x = functional.pad(x, (0, 1))  # zeros: nothing after ReLU is below
        y: Tensor = self.reduce(self.excite(self.pool(x)))
        return y


class HeartKit(nn.Module):
    """[batch, 1, 1, n_time], standardised -> [batch, 4], logits."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(1, _STEM, (1, _KERNEL), (1, 2), (0, _KERNEL // 2), bias=False), nn.BatchNorm2d(_STEM), nn.ReLU6()
        )
        widths = (_STEM, *_BLOCKS)
        self.blocks = nn.Sequential(*(Block(n_in, n_out) for n_in, n_out in pairwise(widths)))
        self.head = nn.Linear(_BLOCKS[-1], len(LABELS))

    def forward(self, x: Tensor) -> Tensor:
        """[batch, 1, 1, n_time] -> [batch, 4]."""
        logits: Tensor = self.head(self.blocks(self.stem(x)).mean(dim=(2, 3)))
        return logits
