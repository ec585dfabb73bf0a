"""MobileNet (Howard et al., 2017, arXiv:1704.04861), width 1: a stem and thirteen depthwise-separable blocks."""

from __future__ import annotations

from typing import Final

from torch import Tensor, nn

from ecglite.lab.models.plane import Plane

BLOCKS: Final = (
    *((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)),
    *((512, 1), (512, 1), (512, 1), (512, 1), (512, 1), (1024, 2), (1024, 1)),
)
"""(channels, stride) of each block: the paper's table 1. Its last stride, printed as 2, is 1 in the authors' code."""

_STEM: Final = 32
_KERNEL: Final = 3


class MobileNet(nn.Module):
    """[batch, n_leads, 1, n_time], conditioned -> [batch, n_labels], logits."""

    def __init__(self, plane: Plane, n_labels: int) -> None:
        super().__init__()
        self.plane = plane
        self.stem = nn.Sequential(
            plane.convolution(plane.channels, _STEM, _KERNEL, stride=2), nn.BatchNorm2d(_STEM), nn.ReLU()
        )
        layers: list[nn.Module] = []
        channels = _STEM
        for n_out, stride in BLOCKS:
            layers += [
                plane.convolution(channels, channels, _KERNEL, stride=stride, groups=channels),
                nn.BatchNorm2d(channels),
                nn.ReLU(),
                nn.Conv2d(channels, n_out, 1, bias=False),
                nn.BatchNorm2d(n_out),
                nn.ReLU(),
            ]
            channels = n_out
        self.blocks = nn.Sequential(*layers)
        self.head = nn.Linear(channels, n_labels)

    def forward(self, x: Tensor) -> Tensor:
        """[batch, n_leads, 1, n_time] -> [batch, n_labels]."""
        features = self.blocks(self.stem(self.plane.enter(x)))
        logits: Tensor = self.head(features.mean(dim=(2, 3)))
        return logits
