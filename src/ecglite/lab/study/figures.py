"""The pictures of a study's report, each as SVG and PNG."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np

_INK, _SOFT, _LINE = "#1b2a3a", "#8a97a5", "#d9dee4"
_OURS, _OTHERS, _PLAIN = "#c0392b", "#2c6fa6", "#8a97a5"
NAMES: Final = {"lenet": "LeNet-5", "mobilenet": "MobileNet", "resnet": "ResNet-18", "ours": "ecglite"}


def title(arm: Mapping[str, Any]) -> str:
    """An arm as tables and pictures name it, such as "MobileNet 2-D, as-published, 15 %".

    The percentage is the part of the training patients that it was fitted on, where it is not all of them.
    """
    part = "" if arm["share"] == 1 else f", {100 * arm['share']:.0f} %"
    return f"{NAMES[arm['network']]} {arm['dimension']}-D, {arm['method']}{part}"


def draw_all(found: Mapping[str, Any], folder: Path) -> dict[str, str]:
    """Write every picture into a folder.

    Args:
        found: from `results.gather`.
        folder: an existing one.

    Returns:
        Name of each picture without its ending -> what it shows, in a sentence.
    """
    pictures: dict[str, tuple[Callable[[Mapping[str, Any], Any], None], tuple[float, float], str]] = {
        "accuracy": (
            _accuracy,
            (8.0, 0.42 * (len(found["arms"]) + len(found["baselines"])) + 1.2),
            "Accuracy of the int8 files over all folds, with 95 % intervals, beside the baselines without a network.",
        ),
        "size": (
            _size,
            (9.5, 4.4),
            "Accuracy of the int8 file against its size; round in one dimension, square in two; filled by the method.",
        ),
        "figure-4-loss": (
            _loss,
            (11.0, 2.5 * ((len(found["arms"]) + 3) // 4) + 0.4),
            "Training loss (full) and test loss (dashed) per epoch, a line for each fold. The number of epochs was "
            "fixed before: no curve has chosen anything. Where batches are augmented and mixed, as in our-own, the "
            "training loss is of the harder task and does not compare with the test loss.",
        ),
        "confusion": (
            _confusion,
            (11.0, 3.1 * ((len(found["arms"]) + 2) // 3)),
            "Confusion of the int8 files over all folds: rows the true rhythm, columns the one named, in percent of "
            "the row.",
        ),
    }
    for name, (draw, size, _) in pictures.items():
        with canvas(folder / name, size) as figure:
            draw(found, figure)
    return {name: caption for name, (_, _, caption) in pictures.items()}


@contextmanager
def canvas(path: Path, size: tuple[float, float]) -> Iterator[Any]:
    """A matplotlib figure of `size` in inches, saved as SVG and PNG beside each other when the block ends."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    style: Any = {
        "svg.hashsalt": path.name, "svg.fonttype": "none", "font.size": 9, "font.family": "DejaVu Sans",
        "axes.edgecolor": _LINE, "axes.labelcolor": _INK, "text.color": _INK, "xtick.color": _SOFT, "ytick.color": _INK,
        "axes.spines.top": False, "axes.spines.right": False, "axes.titlesize": 9, "axes.axisbelow": True,
    }  # fmt: skip
    with matplotlib.rc_context(style):
        figure = Figure(figsize=size, layout="constrained")
        FigureCanvasAgg(figure)
        yield figure
        figure.savefig(path.with_suffix(".svg"), metadata={"Date": None})
        figure.savefig(path.with_suffix(".png"), dpi=110)


def _accuracy(found: Mapping[str, Any], figure: Any) -> None:
    axes = figure.subplots()
    rows = [(title(arm), arm["int8"]["accuracy"], _OURS if arm["network"] == "ours" else _OTHERS)
            for arm in found["arms"].values()]  # fmt: skip
    rows += [(name, figures["accuracy"], _PLAIN) for name, figures in found["baselines"].items()]
    rows.sort(key=lambda row: row[1]["value"])
    for at, (_, accuracy, colour) in enumerate(rows):
        axes.plot([accuracy["low"], accuracy["high"]], [at, at], color=colour, lw=2.2, solid_capstyle="round")
        axes.plot(accuracy["value"], at, "o", color=colour, ms=5)
        axes.annotate(
            f"{accuracy['value']:.3f}", (accuracy["high"], at), (6, -3), textcoords="offset points", color=_INK
        )
    axes.set_yticks(range(len(rows)), [name for name, _, _ in rows])
    axes.grid(axis="x", color=_LINE, lw=0.6)
    axes.margins(x=0.1)
    axes.set_xlabel(f"accuracy, n = {max(arm['int8']['n'] for arm in found['arms'].values()):,}")


def _size(found: Mapping[str, Any], figure: Any) -> None:
    axes = figure.subplots()
    colours = {"lenet": "#c98a1b", "mobilenet": "#2c6fa6", "resnet": "#4d8b57", "ours": _OURS}
    fills = dict(zip(found["recipe"]["methods"], ("none", "full", "left"), strict=False))
    for arm in found["arms"].values():
        axes.plot(
            arm["costs"]["int8_bytes"] / 1000,
            arm["int8"]["accuracy"]["value"],
            marker="o" if arm["dimension"] == 1 else "s",
            fillstyle=fills.get(arm["method"], "full"),
            color=colours[arm["network"]],
            ms=8,
            ls="",
            label=title(arm),
        )
    best = max(figures["accuracy"]["value"] for figures in found["baselines"].values())
    axes.axhline(best, color=_PLAIN, lw=1, ls="--", label="best baseline without a network")
    axes.set_xscale("log")
    axes.margins(0.08)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.set_xlabel("int8 file, kilobytes (logarithmic)")
    axes.set_ylabel("accuracy")
    axes.grid(color=_LINE, lw=0.6)
    figure.legend(loc="outside right upper", frameon=False, fontsize=8)


def _loss(found: Mapping[str, Any], figure: Any) -> None:
    from matplotlib.ticker import MaxNLocator

    arms = list(found["arms"].values())
    grid = np.ravel(figure.subplots((len(arms) + 3) // 4, 4, squeeze=False))
    for axes, arm in zip(grid, arms, strict=False):
        for number, unit in enumerate(arm["units"]):
            epochs = [line["epoch"] for line in unit["history"]]
            shade = 0.35 + 0.65 * (number + 1) / len(arm["units"])
            colour = _OURS if arm["network"] == "ours" else _OTHERS
            axes.plot(epochs, [line["train_loss"] for line in unit["history"]], color=colour, alpha=shade, lw=1)
            axes.plot(epochs, [line["test_loss"] for line in unit["history"]], color=colour, alpha=shade, lw=1, ls="--")
        axes.set_title(title(arm), fontsize=8)
        axes.set_ylim(0, 1.06 * axes.get_ylim()[1])
        axes.set_ylabel("loss", fontsize=8)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(color=_LINE, lw=0.6)
        axes.set_xlabel("epoch", fontsize=8)
    for axes in grid[len(arms) :]:
        axes.set_axis_off()


def _confusion(found: Mapping[str, Any], figure: Any) -> None:
    arms = list(found["arms"].values())
    grid = np.ravel(figure.subplots((len(arms) + 2) // 3, 3, squeeze=False))
    for axes, arm in zip(grid, arms, strict=False):
        columns = [name for name in arm["int8"]["confusion"]["columns"] if name in found["labels"]]
        at = [arm["int8"]["confusion"]["columns"].index(name) for name in columns]
        rows = arm["int8"]["confusion"]["rows"]
        table = np.array([[rows[name][k] for k in at] for name in rows], float)
        share = 100 * table / np.maximum(table.sum(axis=1, keepdims=True), 1)
        axes.imshow(share, cmap="Blues", vmin=0, vmax=100, aspect="auto")
        for row, column in np.ndindex(share.shape):
            if share[row, column] >= 0.5:
                axes.text(column, row, f"{share[row, column]:.0f}", ha="center", va="center", fontsize=7,
                          color="white" if share[row, column] > 55 else _INK)  # fmt: skip
        axes.set_xticks(range(len(columns)), columns, fontsize=7)
        axes.set_xlabel("named", fontsize=7)
        axes.set_ylabel("true", fontsize=7)
        counts = [int(table[k].sum()) for k in range(len(rows))]
        axes.set_yticks(range(len(rows)), [f"{name} ({n})" for name, n in zip(rows, counts, strict=True)], fontsize=7)
        axes.set_title(title(arm), fontsize=8)
    for axes in grid[len(arms) :]:
        axes.set_axis_off()
