"""ResNet-18 (He et al., 2016, arXiv:1512.03385): a stem and eight residual blocks of two convolutions."""

from __future__ import annotations

from typing import Final

from torch import Tensor, nn
from torch.nn import functional

from ecglite.lab.models.plane import Plane

BLOCKS: Final = ((64, 1), (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1))
"""(channels, stride) of each block: the paper's table 1, 18 layers."""

_STEM: Final = 64


class Residual(nn.Module):
    """Two convolutions of 3 beside a shortcut, which is projected where the shapes differ (the paper's option B)."""

    def __init__(self, plane: Plane, n_in: int, n_out: int, stride: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            plane.convolution(n_in, n_out, 3, stride=stride),
            nn.BatchNorm2d(n_out),
            nn.ReLU(),
            plane.convolution(n_out, n_out, 3),
            nn.BatchNorm2d(n_out),
        )
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or n_in != n_out:
            self.shortcut = nn.Sequential(plane.convolution(n_in, n_out, 1, stride=stride), nn.BatchNorm2d(n_out))

    def forward(self, x: Tensor) -> Tensor:
        """[batch, n_in, rows, n_time] -> [batch, n_out, rows / stride, n_time / stride]."""
        return functional.relu(self.layers(x) + self.shortcut(x))


class ResNet(nn.Module):
    """[batch, n_leads, 1, n_time], conditioned -> [batch, n_labels], logits."""

    def __init__(self, plane: Plane, n_labels: int) -> None:
        super().__init__()
        self.plane = plane
        self.stem = nn.Sequential(
            plane.convolution(plane.channels, _STEM, 7, stride=2),
            nn.BatchNorm2d(_STEM),
            nn.ReLU(),
            plane.max_pool(3, 2),
        )
        layers, channels = [], _STEM
        for n_out, stride in BLOCKS:
            layers.append(Residual(plane, channels, n_out, stride))
            channels = n_out
        self.blocks = nn.Sequential(*layers)
        self.head = nn.Linear(channels, n_labels)

    def forward(self, x: Tensor) -> Tensor:
        """[batch, n_leads, 1, n_time] -> [batch, n_labels]."""
        features = self.blocks(self.stem(self.plane.enter(x)))
        logits: Tensor = self.head(features.mean(dim=(2, 3)))
        return logits
