"""Our small network: depthwise-separable convolutions over time, statistics over time, one linear layer.

Rhythm is a matter of seconds, so the last blocks are dilated until one output sees most of the recording. Every
convolution is two-dimensional over (1, k): the form that converts to one run of NHWC kernels without transposes.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional


def _border(kernel: int, stride: int, dilation: int, *, padless: bool) -> tuple[int, int]:
    """Taps of a convolution and the zeros on each side of its input.

    TensorFlow's SAME puts span - stride zeros around an input that the stride divides, and torch puts the same number
    on either side: where that is an odd number, `padless` takes one tap off. Else the file holds a PAD, which copies
    the whole input.
    """
    if not padless:
        return kernel, dilation * (kernel - 1) // 2
    if (dilation * (kernel - 1) + 1 - stride) % 2:
        kernel -= 1
    return kernel, max(dilation * (kernel - 1) + 1 - stride, 0) // 2


class Separable(nn.Module):
    """Depthwise (1, kernel), then pointwise (1, 1), each with batch norm and ReLU (Howard et al., 2017).

    [batch, n_in, 1, n_time] -> [batch, n_out, 1, n_time / stride]. Residual where the shapes agree.
    """

    def __init__(
        self, n_in: int, n_out: int, *, kernel: int, stride: int, dilation: int, padless: bool = False
    ) -> None:
        super().__init__()
        kernel, border = _border(kernel, stride, dilation, padless=padless)
        self.layers = nn.Sequential(
            nn.Conv2d(n_in, n_in, (1, kernel), (1, stride), (0, border), (1, dilation), groups=n_in, bias=False),
            nn.BatchNorm2d(n_in),
            nn.ReLU(),
            nn.Conv2d(n_in, n_out, 1, bias=False),
            nn.BatchNorm2d(n_out),
            nn.ReLU(),
        )
        self.residual = stride == 1 and n_in == n_out

    def forward(self, x: Tensor) -> Tensor:
        """[batch, n_in, 1, n_time] -> [batch, n_out, 1, n_time / stride]."""
        y: Tensor = self.layers(x)
        return x + y if self.residual else y


class MeanAndStd(nn.Module):
    """[batch, channels, 1, n_time] -> [batch, 2 * channels, 1, 1]: mean and standard deviation over time."""

    def forward(self, x: Tensor) -> Tensor:
        """As above."""
        mean = x.mean(dim=3, keepdim=True)
        return torch.cat([mean, (x - mean).square().mean(dim=3, keepdim=True).add(1e-5).sqrt()], dim=1)


class MeanAndDeviation(nn.Module):
    """[batch, channels, 1, n_time] -> [batch, 2 * channels, 1, 1]: mean, and half the mean absolute deviation.

    What lies above the mean weighs as much as what lies below it, so that ReLU sees half of the deviation. Nothing is
    squared: int8 bears it, and no root is asked of a microcontroller.
    """

    def forward(self, x: Tensor) -> Tensor:
        """As above."""
        mean = x.mean(dim=3, keepdim=True)
        return torch.cat([mean, functional.relu(x - mean).mean(dim=3, keepdim=True)], dim=1)


class Depthwise(nn.Module):
    """Stem, separable blocks, two statistics over time, linear.

    Args:
        n_leads: columns of the input.
        n_labels: columns of the output.
        stem: channels after the first convolution.
        blocks: (channels, stride, dilation) of each block, in order.
        kernel: taps over time, odd.
        dropout: on the pooled features, while training.
        stem_kernel: taps of the first convolution, odd; 0 for `kernel`.
        stem_stride: its stride.
        padless: see `_border`.
        pool: "mean-std" or "mean-deviation".
    """

    def __init__(
        self,
        n_leads: int,
        n_labels: int,
        *,
        stem: int,
        blocks: Sequence[tuple[int, int, int]],
        kernel: int,
        dropout: float,
        stem_kernel: int = 0,
        stem_stride: int = 2,
        padless: bool = False,
        pool: str = "mean-std",
    ) -> None:
        super().__init__()
        taps, border = _border(stem_kernel or kernel, stem_stride, 1, padless=padless)
        self.stem = nn.Sequential(
            nn.Conv2d(n_leads, stem, (1, taps), (1, stem_stride), (0, border), bias=False),
            nn.BatchNorm2d(stem),
            nn.ReLU(),
        )
        layers, channels = [], stem
        for n_out, stride, dilation in blocks:
            layers.append(Separable(channels, n_out, kernel=kernel, stride=stride, dilation=dilation, padless=padless))
            channels = n_out
        self.blocks = nn.Sequential(*layers)
        self.pool = MeanAndDeviation() if pool == "mean-deviation" else MeanAndStd()
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(2 * channels, n_labels)

    def forward(self, x: Tensor) -> Tensor:
        """[batch, n_leads, 1, n_time], conditioned -> [batch, n_labels], logits."""
        features = self.blocks(self.stem(x))  # [batch, channels, 1, n_time / strides]
        logits: Tensor = self.head(self.dropout(self.pool(features)[:, :, 0, 0]))
        return logits
