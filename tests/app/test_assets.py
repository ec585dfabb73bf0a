"""The page in memory and in a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecglite.app.assets import MARKER, Asset, load, write
from ecglite.edge.errors import AppError

PAGE = {name: Asset(name, body) for name, body in {"index.html": b"<p>", "assets/a.js": b"1", "sw.js": b"2"}.items()}


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != MARKER
    }


def test_what_is_written_is_what_is_loaded(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "page"
    write(PAGE, folder)
    assert files(folder) == {name: asset.body for name, asset in PAGE.items()}
    assert {name: asset.body for name, asset in load(folder).items()} == files(folder)
    assert folder.stat().st_mode & 0o777 == (tmp_path / "new").stat().st_mode & 0o777  # a web server may read it


def test_an_earlier_page_is_replaced_whole(tmp_path: Path) -> None:
    write({**PAGE, "assets/old.js": Asset("assets/old.js", b"0")}, tmp_path / "page")
    write(PAGE, tmp_path / "page")
    assert set(files(tmp_path / "page")) == set(PAGE)
    assert [path.name for path in tmp_path.iterdir()] == ["page"]


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    write(PAGE, tmp_path)
    assert set(files(tmp_path)) == set(PAGE)


@pytest.mark.parametrize("theirs", ["index.html", "assets/mine.js", MARKER])
def test_what_others_wrote_is_left_alone(theirs: str, tmp_path: Path) -> None:
    path = tmp_path / theirs
    path.parent.mkdir(exist_ok=True)
    path.write_text("[]")
    with pytest.raises(AppError, match="was not written by ecglite"):
        write(PAGE, tmp_path)
    assert path.read_text() == "[]"
    assert sum(each.is_file() for each in tmp_path.rglob("*")) == 1


def test_a_file_added_to_an_earlier_page_is_left_alone(tmp_path: Path) -> None:
    write(PAGE, tmp_path / "page")
    (tmp_path / "page" / "CNAME").write_text("ecg.example")
    with pytest.raises(AppError, match="CNAME was not written"):
        write(PAGE, tmp_path / "page")
    assert set(files(tmp_path / "page")) == {*PAGE, "CNAME"}


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(AppError, match="is no folder"):
        write(PAGE, tmp_path / "file")
    with pytest.raises(AppError, match="cannot be written"):
        write(PAGE, tmp_path / "file" / "below")


def test_a_folder_without_a_page(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="no page"):
        load(tmp_path)
