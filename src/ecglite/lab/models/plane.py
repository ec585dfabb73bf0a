"""How a network looks at a recording: leads as channels of a 1-D signal, or leads by time as a 2-D picture.

Every convolution is `Conv2d`, over (1, k) in one dimension and over (k, k) in two: one code path, and the form that
converts to NHWC kernels without transposes.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn


@dataclass(frozen=True, slots=True)
class Plane:
    """One of the two views.

    Attributes:
        dimension: 1, the leads are channels and kernels run over time; 2, the leads are rows of a picture with one
            channel and kernels run over leads and time.
        n_leads: leads of the input.
    """

    dimension: int
    n_leads: int

    @property
    def channels(self) -> int:
        """Channels of what `enter` returns."""
        return self.n_leads if self.dimension == 1 else 1

    @property
    def rows(self) -> int:
        """Rows of what `enter` returns."""
        return 1 if self.dimension == 1 else self.n_leads

    def enter(self, x: Tensor) -> Tensor:
        """[batch, n_leads, 1, n_time] -> [batch, channels, rows, n_time]."""
        return x if self.dimension == 1 else x.transpose(1, 2)

    def pair(self, over_time: int, else_: int = 1) -> tuple[int, int]:
        """A size over rows and time: the same over both in two dimensions, `else_` over the one row in one."""
        return (else_, over_time) if self.dimension == 1 else (over_time, over_time)

    def convolution(
        self,
        n_in: int,
        n_out: int,
        kernel: int,
        *,
        stride: int = 1,
        groups: int = 1,
        padding: int | None = None,
        bias: bool = False,
    ) -> nn.Conv2d:
        """A convolution; zeros around it keep the size at stride 1 unless `padding` says otherwise.

        Where batch norm follows it needs no bias.
        """
        around = kernel // 2 if padding is None else padding
        return nn.Conv2d(
            n_in, n_out, self.pair(kernel), self.pair(stride), self.pair(around, 0), groups=groups, bias=bias
        )

    def max_pool(self, kernel: int, stride: int) -> nn.MaxPool2d:
        """As ResNet's, with a border of kernel // 2."""
        return nn.MaxPool2d(self.pair(kernel), self.pair(stride), self.pair(kernel // 2, 0))

    def mean_pool(self, kernel: int) -> nn.AvgPool2d:
        """As LeNet's sub-sampling, without overlap or border."""
        return nn.AvgPool2d(self.pair(kernel))
