"""What a training batch goes through before conditioning, so that the network meets what devices deliver."""

from __future__ import annotations

import torch
from torch import Tensor

from ecglite.edge.record import LEADS
from ecglite.lab.recipe import AugmentationRecipe

_LIMB = len(LEADS) // 2


def augmented(x: Tensor, recipe: AugmentationRecipe, rng: torch.Generator) -> Tensor:
    """[batch, 12, 1, n_time], millivolts -> the same shape; `x` is left as it is.

    Gains, white noise, a slow baseline, lost leads, gaps, knocks and early ends, each as the recipe says.
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
    few = (uniform(batch) < recipe.few_leads).nonzero().flatten()
    kept = torch.zeros((len(few), n_leads, 1, 1))
    rows = torch.arange(len(few))
    limb = torch.randint(_LIMB, (len(few),), generator=rng)
    chest = torch.randint(_LIMB, n_leads, (len(few),), generator=rng)
    # a handheld's six limb leads, a Holter's limb and chest lead, a watch's one lead, in turn
    kept[rows, limb] = 1.0
    kept[rows[1::3], chest[1::3]] = 1.0
    kept[::3, :_LIMB] = 1.0
    keep[few] = kept
    x = x * keep

    # a loose plug: all leads rest at zero for a while
    gone = uniform(batch, 1, 1, 1) < recipe.gap
    start, length = uniform(batch, 1, 1, 1) * n_time, (0.02 + 0.13 * uniform(batch, 1, 1, 1)) * n_time
    at = torch.arange(n_time)
    x = x * (~(gone & (at >= start) & (at < start + length))).float()
    # a knock: one bump of some millivolts in some leads
    knocked = (uniform(batch, 1, 1, 1) < recipe.knock) & (uniform(batch, n_leads, 1, 1) < 0.7) & (keep > 0)
    height = 3.0 * torch.randn((batch, n_leads, 1, 1), generator=rng)
    width = (0.01 + 0.05 * uniform(batch, 1, 1, 1)) * n_time / 10
    x = x + knocked.float() * height * torch.exp(-0.5 * ((at - uniform(batch, 1, 1, 1) * n_time) / width) ** 2)

    short = uniform(batch) < recipe.shorten
    end = torch.where(short, n_time * (0.5 + 0.5 * uniform(batch)), torch.tensor(float(n_time)))
    return x * (torch.arange(n_time) < end[:, None, None, None]).float()


def inverted(x: Tensor, probability: float, rng: torch.Generator) -> Tensor:
    """Conditioned records [batch, ...], each upside down by this probability; conditioning is an odd function."""
    sign = torch.where(torch.rand(len(x), generator=rng) < probability, -1.0, 1.0)
    return x * sign.view(-1, *[1] * (x.ndim - 1))


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
