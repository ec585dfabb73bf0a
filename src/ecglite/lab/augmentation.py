"""What a training batch goes through before conditioning, so that the network meets what devices deliver."""

from __future__ import annotations

import torch
from torch import Tensor

from ecglite.edge.record import LEADS
from ecglite.lab.recipe import AugmentationRecipe

_LIMB = len(LEADS) // 2


def augmented(x: Tensor, recipe: AugmentationRecipe, rng: torch.Generator) -> Tensor:
    """[batch, 12, 1, n_time], millivolts -> the same shape; `x` is left as it is.

    Gains, lost leads, white noise, a slow baseline and early ends, each as the recipe says.
    """
    batch, n_leads, _, n_time = x.shape

    def uniform(*shape: int) -> Tensor:
        return torch.rand(shape, generator=rng)

    gain = torch.exp(recipe.gain * torch.randn((batch, n_leads, 1, 1), generator=rng))
    x = x * gain

    noise = torch.randn(x.shape, generator=rng) * (recipe.noise_mv * uniform(batch, 1, 1, 1) ** 2)
    time = torch.linspace(0.0, 10.0, n_time)
    frequency = 0.05 + 0.45 * uniform(batch, 1, 1, 1)
    phase = 2 * torch.pi * uniform(batch, n_leads, 1, 1)
    size = recipe.wander_mv * uniform(batch, n_leads, 1, 1) ** 2
    x = x + noise + size * torch.sin(2 * torch.pi * frequency * time + phase)

    keep = (uniform(batch, n_leads, 1, 1) >= recipe.lead_dropout).float()
    few = uniform(batch)
    limb_only = (few < recipe.few_leads).nonzero().flatten()
    keep[limb_only, :_LIMB] = 1.0
    keep[limb_only, _LIMB:] = 0.0
    keep[limb_only[::2], 1:_LIMB] = 0.0  # every other one of those keeps lead I alone
    x = x * keep

    short = uniform(batch) < recipe.shorten
    end = torch.where(short, n_time * (0.5 + 0.5 * uniform(batch)), torch.tensor(float(n_time)))
    return x * (torch.arange(n_time) < end[:, None, None, None]).float()


def mixed(x: Tensor, y: Tensor, alpha: float, rng: torch.Generator) -> tuple[Tensor, Tensor]:
    """Mixup: each record with another of the batch, inputs [batch, ...] and targets [batch, n_labels] alike."""
    if alpha == 0:
        return x, y
    # Beta(a, a) as a ratio of two gammas, so that the batch's generator decides it
    gammas = torch._standard_gamma(torch.full((2, len(x)), alpha), generator=rng)
    share = gammas[0] / gammas.sum(dim=0).clamp_min(1e-12)
    share = torch.maximum(share, 1 - share)
    other = torch.randperm(len(x), generator=rng)
    wide = share.view(-1, *[1] * (x.ndim - 1))
    return wide * x + (1 - wide) * x[other], share[:, None] * y + (1 - share[:, None]) * y[other]
