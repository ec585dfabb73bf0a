"""A recipe says what it means or is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecglite.edge.errors import RecipeError
from ecglite.lab.datasets import DATASETS
from ecglite.lab.labels import VOCABULARIES
from ecglite.lab.recipe import Recipe, load

RECIPES = sorted((Path(__file__).parents[2] / "recipes").glob("*.toml"))
LEAST = 'name = "toy"\nversion = "0.1"\nlabels = ["SB", "SR"]\n'
STATEMENTS = 'name = "toy"\nversion = "0.1"\ntask = "ptb-xl-rhythm"\nlabels = ["SBRAD", "SR"]\n'


def recipe(tmp_path: Path, text: str) -> Recipe:
    path = tmp_path / "recipe.toml"
    path.write_text(text, encoding="utf-8")
    return load(path)


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_every_shipped_recipe_loads(path: Path) -> None:
    found = load(path)
    assert found.name == path.stem
    assert found.data.dataset in DATASETS
    assert set(found.labels) <= set(VOCABULARIES[found.task])
    assert found.fingerprint() == load(path).fingerprint()


def test_there_is_a_recipe() -> None:
    assert RECIPES


def test_the_least_recipe_has_defaults(tmp_path: Path) -> None:
    found = recipe(tmp_path, LEAST)
    assert found.data.train_folds == (1, 2, 3, 4, 5, 6, 7, 8)
    assert found.data.test_folds == (10,)


def test_the_fingerprint_tells_recipes_apart(tmp_path: Path) -> None:
    one = recipe(tmp_path, LEAST)
    assert recipe(tmp_path, LEAST + "seed = 0\n").fingerprint() == one.fingerprint()
    assert recipe(tmp_path, LEAST + "seed = 1\n").fingerprint() != one.fingerprint()
    assert recipe(tmp_path, LEAST + "[training]\nepochs = 3\n").fingerprint() != one.fingerprint()
    # what is set at the export changes no weight: the run stays
    assert recipe(tmp_path, LEAST + "[export]\nanswer_accuracy = 0.5\n").fingerprint() == one.fingerprint()


def test_teachers_are_shared_by_recipes_that_differ_in_their_own_network(tmp_path: Path) -> None:
    text = LEAST + '[teacher]\nname = "giant"\nseeds = [4, 5]\nepochs = 3\n[teacher.network]\nstem = 64\n'
    one = recipe(tmp_path, text)
    first, second = one.teachers()
    assert [(t.name, t.seed, t.network.stem, t.training.epochs) for t in (first, second)] == [
        ("giant", 4, 64, 3),
        ("giant", 5, 64, 3),
    ]
    assert first.teachers() == ()
    assert first.fingerprint() != second.fingerprint()
    own = "[network]\nstem = 8\n[training]\nepochs = 9\n[augmentation]\ninvert = 0.2\n"
    own += "[export.frequency]\nSR = 2\nSB = 1\n"
    of_another = recipe(tmp_path, text + own)
    assert of_another.teachers() == one.teachers()
    assert recipe(tmp_path, text + "[training]\nmixup = 0\n").teachers() != one.teachers()


def test_the_shipped_recipes_of_one_vocabulary_share_their_teachers() -> None:
    of = {path.stem: load(path) for path in RECIPES}
    assert of["rhythm"].teachers() == of["micro-rhythm"].teachers()
    assert len(of["rhythm"].teachers()) == 2


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("", "name is missing"),
        ('name = "toy"\nversion = "1"\n', "labels is missing"),
        (LEAST + "sed = 1\n", "unknown recipe field sed"),
        (LEAST + "[training]\nepoch = 1\n", "unknown recipe field training.epoch"),
        (LEAST + "[trainings]\n", "unknown recipe field trainings"),
        (LEAST + 'seed = "1"\n', "seed = '1'"),
        (LEAST + "seed = 1.0\n", "seed = 1.0"),
        (LEAST + "seed = true\n", "seed = True"),
        (LEAST + "seed = -1\n", "seed"),
        (LEAST + "training = 5\n", "training = 5"),
        (LEAST + "[training]\nepochs = 0\n", "training.epochs"),
        (LEAST + "[training]\nweight_decay = inf\n", "training.weight_decay"),
        (LEAST + "[export.frequency]\nSB = inf\nSR = 1\n", "export.frequency.SB"),
        (LEAST + '[training]\nlearning_rate = "fast"\n', "training.learning_rate"),
        (LEAST + "[training]\nlearning_rate = nan\n", "training.learning_rate"),
        (LEAST + "[data]\ntrain_folds = [1, 2]\nvalidation_folds = [2]\n", "each fold once"),
        (LEAST + "[data]\ntrain_folds = [1, 10]\n", "each fold once"),
        (LEAST + "[data]\ntrain_folds = [1, 1]\n", "each fold once"),
        (LEAST + "[data]\ntrain_folds = []\n", "at least one fold"),
        (LEAST + "[data]\ntrain_folds = 1\n", "data.train_folds = 1"),
        (LEAST + '[data]\ntrain_folds = ["1"]\n', "data.train_folds"),
        (LEAST + "[network]\nkernel = 8\n", "network.kernel"),
        (LEAST + "[network]\nblocks = [[64, 2]]\n", "network.blocks"),
        (LEAST + "[network]\nblocks = [[64, 0, 1]]\n", "network.blocks"),
        (LEAST + '[simulated]\nrhythms = ["AVRT"]\nper_rhythm = 5\n', "simulated.rhythms"),
        (LEAST + '[simulated]\nstatements = ["SR"]\nper_rhythm = 5\n', "simulated.statements"),
        (LEAST + '[simulated]\nstatements = ["SVARR"]\n', "simulated.statements"),
        (STATEMENTS + '[simulated]\nrhythms = ["SR"]\n', "simulated.rhythms"),
        (STATEMENTS + '[simulated]\nstatements = ["PACE"]\n', "simulated.statements"),
        (STATEMENTS + "[export.frequency]\nSR = 2\nSBRAD = 1\n", "export.frequency"),
        (LEAST + "[export]\nanswer_accuracy = 1.5\n", "export.answer_accuracy"),
        (LEAST + "[export.frequency]\nSR = 0\nSB = 1\n", "export.frequency"),
        (LEAST + "[export.frequency]\nSR = 1\n", "export.frequency"),
        (LEAST + "[export.frequency]\nSR = 1\nSB = 1\nAF = 0.5\n", "export.frequency"),
        (LEAST + "[augmentation]\ninvert = 1.5\n", "augmentation.invert"),
        (LEAST + "[teacher]\nseeds = [1, 1]\n", "teacher.seeds"),
        (LEAST + "[teacher]\nseeds = [-1]\n", "teacher.seeds"),
        (LEAST + "[teacher]\nshare = 0\n", "teacher.share"),
        (LEAST + "[teacher]\nepochs = 0\n", "teacher.epochs"),
        (LEAST + '[teacher]\nname = "a/b"\n', "teacher.name"),
        (LEAST + "[teacher.network]\nkernel = 2\n", "network.kernel"),
        (LEAST.replace('"SB", "SR"', '"SB", "SB"'), "labels"),
        (LEAST.replace('"SB", "SR"', '"SB", "VT"'), "labels"),
        (LEAST.replace('"SB", "SR"', '"SB"'), "labels"),
        (LEAST.replace("toy", "../toy"), "name"),
        (LEAST + "x = = 1", "is not TOML"),
    ],
)
def test_a_recipe_that_is_refused(text: str, field: str, tmp_path: Path) -> None:
    with pytest.raises(RecipeError) as caught:
        recipe(tmp_path, text)
    assert field in str(caught.value)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="cannot be read"):
        load(tmp_path / "none.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RecipeError, match="cannot be read"):
        load(tmp_path / "binary.toml")
