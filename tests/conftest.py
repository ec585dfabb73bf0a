"""Fixtures of every test."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import shutil
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def ecg_data() -> Path:
    """The folder of real recordings, each database in its publisher's layout; without it a test is skipped."""
    folder = os.environ.get("ECG_DATA")
    if not folder:
        pytest.skip("ECG_DATA is not set: no real recordings to test with")
    return Path(folder)


@pytest.fixture(scope="session")
def micro_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle that ships, with a hardly trained network of the recipe for microcontrollers as its second file."""
    import numpy as np
    import torch

    from ecglite.edge.bundle import MANIFEST, MicroFile, load_bundle
    from ecglite.edge.rhythms import RHYTHMS
    from ecglite.edge.windows import windows
    from ecglite.lab import firmware, micro, recipe, tflm
    from ecglite.lab.models import network_of
    from ecglite.simulator import simulate

    if not tflm.is_installed():
        pytest.skip("tflite-micro is not installed")
    shipped = load_bundle()
    made_by = recipe.load(Path(__file__).parents[1] / "recipes" / "micro-rhythm.toml")
    made_by = dataclasses.replace(made_by, labels=shipped.manifest.labels)
    names = [*made_by.labels] * 4
    signal_mv = np.stack([next(windows(simulate(name, seed=seed))).signal_mv for seed, name in enumerate(names)])
    examples = micro.conditioned(signal_mv)
    x = torch.from_numpy(examples.transpose(0, 2, 1)[:, :, None].copy())
    y = torch.tensor([made_by.labels.index(name) for name in names])
    torch.manual_seed(0)
    network = network_of(made_by)
    optimiser = torch.optim.AdamW(network.parameters(), lr=3e-3)
    for _ in range(40):  # an untrained network says the same of everything
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(network(x), y).backward()
        optimiser.step()
    made = micro.convert(network.eval(), 1.0, examples, one_of_many=True)
    folder = tmp_path_factory.mktemp("micro-bundle") / "bundle"
    shutil.copytree(shipped.folder, folder)
    in_words = {label: RHYTHMS[label].name for label in made_by.labels}
    firmware.write(
        made, folder, title="hardly trained", labels=made_by.labels, names=in_words, abstain_below=0.5, figures={}
    )
    known = MicroFile(
        firmware.MODEL, hashlib.sha256(made.model).hexdigest(), len(made.model), 0.5, made.arena_bytes,
        recipe=dataclasses.asdict(made_by),
    )  # fmt: skip
    manifest = dataclasses.replace(shipped.manifest, micro=known)
    (folder / MANIFEST).write_text(manifest.to_json(), encoding="utf-8")
    return folder
