"""Our small network: depthwise-separable convolutions over time, statistics over time, one linear layer.

Rhythm is a matter of seconds, so the last blocks are dilated until one output sees most of the recording. Every
convolution is two-dimensional over (1, k): the form that converts to one run of NHWC kernels without transposes.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class Separable(nn.Module):
    """Depthwise (1, kernel), then pointwise (1, 1), each with batch norm and ReLU (Howard et al., 2017).

    [batch, n_in, 1, n_time] -> [batch, n_out, 1, n_time / stride]. Residual where the shapes agree.
    """

    def __init__(self, n_in: int, n_out: int, *, kernel: int, stride: int, dilation: int) -> None:
        super().__init__()
        padding = (0, dilation * (kernel - 1) // 2)
        self.layers = nn.Sequential(
            nn.Conv2d(n_in, n_in, (1, kernel), (1, stride), padding, (1, dilation), groups=n_in, bias=False),
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


class Depthwise(nn.Module):
    """Stem, separable blocks, mean and standard deviation over time, linear.

    Args:
        n_leads: columns of the input.
        n_labels: columns of the output.
        stem: channels after the first convolution (stride 2).
        blocks: (channels, stride, dilation) of each block, in order.
        kernel: taps over time, odd, the same everywhere.
        dropout: on the pooled features, while training.
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
    ) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(n_leads, stem, (1, kernel), (1, 2), (0, kernel // 2), bias=False),
            nn.BatchNorm2d(stem),
            nn.ReLU(),
        )
        layers, channels = [], stem
        for n_out, stride, dilation in blocks:
            layers.append(Separable(channels, n_out, kernel=kernel, stride=stride, dilation=dilation))
            channels = n_out
        self.blocks = nn.Sequential(*layers)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(2 * channels, n_labels)

    def forward(self, x: Tensor) -> Tensor:
        """[batch, n_leads, 1, n_time], conditioned -> [batch, n_labels], logits."""
        features = self.blocks(self.stem(x))  # [batch, channels, 1, n_time / 2 / strides]
        mean = features.mean(dim=3, keepdim=True)
        spread = (features - mean).square().mean(dim=3).add(1e-5).sqrt()
        pooled = torch.cat([mean[:, :, 0, 0], spread[:, :, 0]], dim=1)
        logits: Tensor = self.head(self.dropout(pooled))
        return logits
