"""Every public name can be imported, is typed and says what it is."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import ecglite

ROOT = Path(__file__).parents[2]


def modules() -> list[str]:
    found = [info.name for info in pkgutil.walk_packages(ecglite.__path__, "ecglite.")]
    return [name for name in found if not name.startswith("ecglite.models")]


def public(module: ModuleType) -> Iterator[tuple[str, Any]]:
    for name, value in vars(module).items():
        if name.startswith("_") or getattr(value, "__module__", None) != module.__name__:
            continue
        if not (inspect.isfunction(value) or inspect.isclass(value)):
            continue
        yield name, value
        if inspect.isclass(value):
            for member, inner in vars(value).items():
                function = inner.fget if isinstance(inner, property) else getattr(inner, "__func__", inner)
                if not member.startswith("_") and inspect.isfunction(function):
                    yield f"{name}.{member}", function


@pytest.mark.parametrize("name", modules())
def test_every_module_function_class_and_method_is_documented(name: str) -> None:
    module = importlib.import_module(name)
    assert (module.__doc__ or "").strip(), f"{name} has no docstring"
    bare = []
    for where, value in public(module):
        generated = f"{where.rpartition('.')[2]}("  # dataclasses write a signature where there is no docstring
        text = inspect.getdoc(value) or ""
        if not text.strip() or text.startswith(generated):
            bare.append(where)
    assert not bare


@pytest.mark.parametrize("name", [m for m in modules() if not m.startswith("ecglite.cli")])
def test_every_function_and_method_is_typed(name: str) -> None:
    module = importlib.import_module(name)
    untyped = []
    for where, value in public(module):
        if not inspect.isfunction(value):
            continue
        signature = inspect.signature(value)
        parameters = [p for p in signature.parameters.values() if p.name not in {"self", "cls"}]
        if signature.return_annotation is signature.empty or any(p.annotation is p.empty for p in parameters):
            untyped.append(where)
    assert not untyped


def test_the_top_names() -> None:
    assert len(set(ecglite.__all__)) == len(ecglite.__all__)
    for name in ecglite.__all__:
        assert getattr(ecglite, name) is not None
    assert set(ecglite.__all__) == set(dir(ecglite))
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = ecglite.nonsense


@pytest.mark.parametrize("name", modules())
def test_all_lists_what_is_there(name: str) -> None:
    module = importlib.import_module(name)
    for exported in getattr(module, "__all__", ()):
        assert hasattr(module, exported)


def test_each_error_is_one_line_that_says_what_to_do() -> None:
    error = ecglite.EcgliteError("a\nthing", allowed="b", do="do  c")
    assert str(error) == "a thing; allowed: b; do c"
    assert (error.came, error.allowed, error.do) == ("a\nthing", "b", "do  c")
