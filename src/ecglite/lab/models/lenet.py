"""LeNet-5 (LeCun et al., 1998, Proc. IEEE 86:2278): two convolutions with sub-sampling, then three dense layers.

The paper's C5 is a convolution that covers its whole input, which is a dense layer; so it stays here, over as many
samples as the recording has, and holds nearly all of the weights.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ecglite.lab.models.plane import Plane


class LeNet(nn.Module):
    """[batch, n_leads, 1, n_time], conditioned -> [batch, n_labels], logits.

    In two dimensions the first convolution has a border of 2, as the paper's 28 x 28 digits had in their 32 x 32 frame,
    so that twelve rows last to C5.
    """

    def __init__(self, plane: Plane, n_labels: int, n_time: int) -> None:
        super().__init__()
        self.plane = plane
        self.stem = nn.Sequential(plane.convolution(plane.channels, 6, 5, bias=True), nn.Tanh(), plane.mean_pool(2))
        self.blocks = nn.Sequential(plane.convolution(6, 16, 5, padding=0, bias=True), nn.Tanh(), plane.mean_pool(2))
        with torch.no_grad():
            seen = self.blocks(self.stem(torch.zeros(1, plane.channels, plane.rows, n_time)))
        self.head = nn.Sequential(
            nn.Flatten(),
            nn.Linear(seen.numel(), 120),
            nn.Tanh(),
            nn.Linear(120, 84),
            nn.Tanh(),
            nn.Linear(84, n_labels),
        )

    def forward(self, x: Tensor) -> Tensor:
        """[batch, n_leads, 1, n_time] -> [batch, n_labels]."""
        logits: Tensor = self.head(self.blocks(self.stem(self.plane.enter(x))))
        return logits
