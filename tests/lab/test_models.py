"""The study's networks are those of their papers: weights and operations as published, in one and in two dimensions."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from ecglite.lab import export
from ecglite.lab.conditioning import MinMax, conditioning_of
from ecglite.lab.fitting import Fit
from ecglite.lab.models import STUDIED, studied
from ecglite.lab.models.plane import Plane
from ecglite.lab.prepare import decimated
from ecglite.lab.recipe import TrainingRecipe
from ecglite.simulator import simulate

LABELS = 11
NETWORKS = [(name, dimension) for name in STUDIED for dimension in (1, 2)]


def parameters(network: nn.Module) -> int:
    return sum(weight.numel() for weight in network.parameters())


def macs(network: nn.Module, n_leads: int, n_time: int) -> int:
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        network.eval()(torch.zeros(1, n_leads, 1, n_time))
    return counter.get_total_flops() // 2


def test_mobilenet_is_the_papers() -> None:
    """4,231,976 weights over ImageNet and 569 million operations; here one channel comes in, not three."""
    picture = STUDIED["mobilenet"](Plane(2, 224), 1000, 224)
    assert parameters(picture) == 4_231_976 - 2 * 32 * 9
    assert macs(picture, 224, 224) == pytest.approx(569e6 - 2 * 32 * 9 * 112 * 112, rel=0.002)
    assert parameters(studied("mobilenet", 1, LABELS, 5000)) == 3_188_779
    assert macs(studied("mobilenet", 1, LABELS, 5000), 12, 5000) == pytest.approx(0.8e9, rel=0.02)


def test_resnet_is_the_papers() -> None:
    """ResNet-18 has 11,689,512 weights over ImageNet, three channels in, and 1.8 billion operations."""
    picture = STUDIED["resnet"](Plane(2, 224), 1000, 224)
    assert parameters(picture) == 11_689_512 - 2 * 64 * 49
    assert macs(picture, 224, 224) == pytest.approx(1.82e9 - 2 * 64 * 49 * 112 * 112, rel=0.01)


def test_lenet_is_the_papers() -> None:
    """On a digit of 28 x 28 in its frame of 32: 156 + 2,416 + 48,120 + 10,164 + 850 weights."""
    digit = STUDIED["lenet"](Plane(2, 28), 10, 28)
    assert parameters(digit) == 61_706


def test_the_sizes_that_the_study_prints_fit_none_of_them() -> None:
    from ecglite.lab.study.results import PUBLISHED

    for name, dimension in NETWORKS:
        network = studied(name, dimension, LABELS, 5000)
        assert parameters(network) < 0.25 * PUBLISHED["parameters"][name]  # type: ignore[index]
        assert 2 * macs(network, 12, 5000) < 0.3 * PUBLISHED["flops"][name]  # type: ignore[index]


@pytest.mark.parametrize(("name", "dimension"), NETWORKS)
@pytest.mark.parametrize("n_time", [1000, 5000])
def test_every_network_learns_from_either_rate(name: str, dimension: int, n_time: int) -> None:
    torch.manual_seed(0)
    network = studied(name, dimension, LABELS, n_time)
    x = torch.randn(2, 12, 1, n_time)
    logits = network(x)
    assert logits.shape == (2, LABELS)
    nn.functional.cross_entropy(logits, torch.tensor([0, 1])).backward()  # type: ignore[no-untyped-call]
    still = [key for key, weight in network.named_parameters() if weight.grad is None or not weight.grad.any()]
    assert not still


@pytest.mark.parametrize("name", list(STUDIED))
def test_the_second_dimension_runs_over_the_leads(name: str) -> None:
    """Leads in another order are another picture; in one dimension they are the same up to the first weights."""
    torch.manual_seed(0)
    x = torch.randn(4, 12, 1, 1000)
    turned = x.flip(1)
    two, one, swapped = (studied(name, dimension, LABELS, 1000) for dimension in (2, 1, 1))
    swapped.load_state_dict(one.state_dict())
    first = next(layer for layer in swapped.modules() if isinstance(layer, nn.Conv2d))
    with torch.no_grad():  # in training mode: untrained, with running statistics, deep networks say nearly nothing
        assert not torch.allclose(two(x), two(turned), atol=1e-3)
        first.weight.copy_(first.weight.flip(1))
        torch.testing.assert_close(swapped(turned), one(x), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(("name", "dimension"), NETWORKS)
def test_every_network_survives_export(name: str, dimension: int) -> None:
    """The float file agrees with torch to 1e-4 (`to_float` refuses else); stripped, it says the same."""
    torch.manual_seed(1)
    network = studied(name, dimension, LABELS, 1000).eval()
    windows = np.stack([simulate(r, seed=1, sampling_rate_hz=100).signal_mv for r in ("SB", "AFIB", "ST", "AF")])
    model = export.to_float(export.Graph(network, before=MinMax()), windows)
    small = export.stripped(model)
    assert len(small) <= len(model)
    np.testing.assert_array_equal(export.run(small, windows), export.run(model, windows))


def test_min_max_is_zero_to_one_over_the_recording() -> None:
    x = torch.randn(3, 12, 1, 200) * torch.tensor([0.1, 1.0, 40.0])[:, None, None, None] + 7
    scaled = conditioning_of("min-max", 100)(x)
    torch.testing.assert_close(scaled.amin(dim=(1, 2, 3)), torch.zeros(3))
    torch.testing.assert_close(scaled.amax(dim=(1, 2, 3)), torch.ones(3), rtol=0, atol=2e-5)
    # one range for all leads: their sizes beside each other stay
    ratio = (x[1, 0].amax() - x[1, 0].amin()) / (x[1, 5].amax() - x[1, 5].amin())
    after = (scaled[1, 0].amax() - scaled[1, 0].amin()) / (scaled[1, 5].amax() - scaled[1, 5].amin())
    torch.testing.assert_close(ratio, after, rtol=1e-4, atol=0)
    assert not conditioning_of("min-max", 100)(torch.zeros(1, 12, 1, 200)).any()


@pytest.mark.parametrize(("name", "dimension"), NETWORKS)
def test_every_network_learns(name: str, dimension: int) -> None:
    """Upright against upside down, simulated, on our preparation: after 24 steps it tells what it has not seen."""
    x = torch.stack([torch.from_numpy(decimated(simulate("SR", seed=k)))[:, None, :] for k in range(96)])
    y = torch.arange(96) % 2
    x = x * (1 - 2 * y[:, None, None, None])
    training = TrainingRecipe(
        epochs=6, batch_size=16, learning_rate=1e-3, weight_decay=0.0, balance=0.0, mixup=0.0, average=0.0,
        schedule="constant",
    )  # fmt: skip
    fit = Fit(lambda: studied(name, dimension, 2, 1000), training, None, n_labels=2, steps_per_epoch=4, seed=0)
    condition = conditioning_of("baseline", 100)
    for epoch in range(6):
        fit.epoch(epoch, x, y, torch.arange(64), condition)
    with torch.no_grad():  # by the batch's own statistics: the running ones need more steps than these
        named = fit.network.train()(condition(x[64:].float())).argmax(dim=1)
    assert (named == y[64:]).float().mean() > 0.8
