"""`ecglite fetch`, end to end, against a server on this machine that holds simulated copies of every layout."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import threading
import time
import warnings
import zipfile
from collections import namedtuple
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pooch
import pytest
from click.testing import CliRunner, Result
from layouts import LAYOUTS

from ecglite.cli import cli
from ecglite.edge.errors import DatasetError
from ecglite.lab import download, unpack
from ecglite.lab import fetch as fetching
from ecglite.lab.datasets import DATASETS, dataset, found
from ecglite.lab.datasets.addresses import Address, address_of, url

Room = namedtuple("Room", "total used free")
LUDB_ZIP = f"/{address_of('ludb').archive}"
LUDB_SUMS = "/ludb/1.0.1/SHA256SUMS.txt"


class Server(ThreadingHTTPServer):
    """Files by path, and what is to go wrong with them."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.asked: list[tuple[str, str]] = []  # path and Range
        self.cut: dict[str, list[int]] = {}  # after how many bytes, once for each
        self.busy: dict[str, int] = {}  # how often it answers 503
        self.ranges = True
        self.tags = True
        self.shifted = 0  # how often it sends another part than was asked for
        self.slowly = 0.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def ranges_of(self, path: str) -> list[str]:
        return [span for name, span in self.asked if name == path]

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that has gone is what these tests are about."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def log_message(self, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        span = self.headers.get("Range", "")
        self.server.asked.append((self.path, span))
        if self.server.busy.get(self.path, 0):
            self.server.busy[self.path] -= 1
            return self._answer(503, b"")
        content = self.server.files.get(self.path)
        if content is None:
            return self._answer(404, b"")
        tag = f'"{hashlib.md5(content).hexdigest()}"' if self.server.tags else None
        same = self.headers.get("If-Range") in (None, tag)
        if not (span and self.server.ranges and same):
            return self._answer(200, content, tag)
        first = int(span.removeprefix("bytes=").removesuffix("-"))
        if first >= len(content):
            return self._answer(416, b"", tag, f"bytes */{len(content)}")
        if self.server.shifted:
            self.server.shifted -= 1
            first -= 1000
        return self._answer(206, content[first:], tag, f"bytes {first}-{len(content) - 1}/{len(content)}")

    def _answer(self, status: int, content: bytes, tag: str | None = None, span: str | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        for name, value in (("ETag", tag), ("Content-Range", span)):
            if value:
                self.send_header(name, value)
        self.end_headers()
        cuts = self.server.cut.get(self.path, [])
        stop = cuts.pop(0) if cuts and status in (200, 206) else len(content)
        for at in range(0, stop, 65536):
            self.wfile.write(content[at : min(at + 65536, stop)])
            time.sleep(self.server.slowly)
        if stop < len(content):
            self.wfile.flush()
            self.connection.shutdown(2)
            self.close_connection = True


def zipped(tree: Path, top: str = "") -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as book:
        for path in sorted(tree.rglob("*")):
            book.write(path, top + path.relative_to(tree).as_posix())
    return memory.getvalue()


def tarred(tree: Path) -> bytes:
    memory = io.BytesIO()
    with tarfile.open(fileobj=memory, mode="w") as tape:
        tape.add(tree, tree.name)
    return memory.getvalue()


def publish(server: Server, name: str, at: Path) -> Address:
    """Write the layout of a database and put it on the server as its publisher does."""
    root, address, which = at / "published", address_of(name), dataset(name)
    for of_one in {"chapman": ("chapman", "chapman-raw")}.get(which.folder, (name,)):
        LAYOUTS[of_one](root)
    if address.project:
        (root / "LICENSE.txt").write_text("as the publisher says\n")
    each = {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
    if address.collection:
        for folder, kind in (("ECGDataDenoised", zipped), ("ECGData", zipped), ("records", tarred)):
            if (root / folder).is_dir():
                packed = f"{folder}.tar.gz" if kind is tarred else f"{folder}.zip"
                each[packed] = tarred(root / folder) if kind is tarred else zipped(root / folder, f"{folder}/")
        files = {number: each.get(file, file.encode()) for file, number in address.files.items()}
        answer = [{"id": number, "computed_md5": hashlib.md5(content).hexdigest()} for number, content in files.items()]
        server.files[f"/collections/{address.collection}/articles?page_size=100"] = b'[{"id": 71}, {"id": 72}]'
        server.files["/articles/71"] = json.dumps({"files": answer[:2]}).encode()
        server.files["/articles/72"] = json.dumps({"files": answer[2:]}).encode()
        server.files |= {f"/files/{number}": content for number, content in files.items()}
    elif address.members:
        each["training2017.zip"] = zipped(root / "training2017", "training2017/")
        server.files |= {f"/{address.project}/{file}": each[file] for file in address.members}
    else:
        each = {f"{address.below}{file}": content for file, content in each.items()}
        other = {f"{address.below}index.html": b"a page"}
        other |= {"training/other/E1.hea": b"of another"} if address.below else {}
        sums = "".join(f"{hashlib.sha256(c).hexdigest()} {file}\n" for file, c in (each | other).items())
        server.files |= {f"/{address.project}/{file}": content for file, content in each.items()}
        server.files[f"/{address.project}/SHA256SUMS.txt"] = sums.encode()
        (root / "SHA256SUMS.txt").write_text(sums)
        if address.archive:
            server.files[f"/{address.archive}"] = zipped(root, "a-database-of-ecgs-1.0.0/")
    return address


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "_PAUSES_S", (0.01, 0.01, 0.01, 0.01))
    monkeypatch.delenv("ECG_DATA", raising=False)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Room(10**12, 0, 10**12))


def run(*args: str | Path) -> Result:
    return CliRunner().invoke(cli, ["fetch", *map(str, args)])


def refused(*args: str | Path) -> str:
    """The one line that a fetch is refused with."""
    result = run(*args)
    assert isinstance(result.exception, DatasetError), result.exception
    assert "\n" not in str(result.exception)
    return str(result.exception)


def process(*args: str | Path, wrapped: tuple[str, ...] = ()) -> subprocess.Popen[str]:
    program = (sys.executable, "-c", "from ecglite.cli import main; main()")
    return subprocess.Popen(
        [*wrapped, *program, "fetch", *map(str, args)], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def leftovers(dest: Path) -> list[str]:
    return [path.name for path in dest.parent.iterdir() if path.name.endswith(".fetch")]


@pytest.mark.parametrize("name", DATASETS)
def test_every_database_comes_as_its_index_reads_it(name: str, server: Server, tmp_path: Path) -> None:
    address, which = publish(server, name, tmp_path), dataset(name)
    data = tmp_path / "data"
    result = run(name, "--data", data, "--mirror", server.url, "--json")
    assert result.exit_code == 0, result.exception
    told = json.loads(result.stdout)
    assert which.title in result.stderr
    assert which.licence in result.stderr
    root = data / which.folder
    assert (told["name"], told["folder"], told["licence"]) == (name, str(root), which.licence)
    assert told["verified"] == ("md5" if address.collection else "crc32" if address.members else "sha256")
    lying = [path for path in root.rglob("*") if path.is_file() and not path.name.startswith(".")]
    assert (told["files"], told["bytes"]) == (len(lying), sum(path.stat().st_size for path in lying))

    assert found(name, data) == (which, root)
    published = which.index(tmp_path / "published")
    entries = which.index(root)
    assert [e.record_id for e in entries] == [e.record_id for e in published]
    assert which.read(entries[-1]).signal_mv.tobytes() == which.read(published[-1]).signal_mv.tobytes()
    assert leftovers(root) == []

    server.asked.clear()
    again = run(name, root, "--mirror", server.url)
    assert again.exit_code == 0
    assert "already there" in again.stdout
    assert server.asked == []
    (root / "notes.txt").write_text("mine")
    assert "already there" in run(name, root, "--mirror", server.url).stdout


def test_two_names_of_one_database_are_fetched_once(server: Server, tmp_path: Path) -> None:
    publish(server, "ptb-xl", tmp_path)
    assert run("ptb-xl", "--data", tmp_path, "--mirror", server.url).exit_code == 0
    server.asked.clear()
    assert "already there" in run("ptb-xl-500", "--data", tmp_path, "--mirror", server.url).stdout
    assert server.asked == []
    (tmp_path / "ptb-xl/ptbxl_database.csv").unlink()  # it is not there as it was
    assert "already there" not in run("ptb-xl", "--data", tmp_path, "--mirror", server.url).stdout
    assert len(dataset("ptb-xl").index(tmp_path / "ptb-xl")) == 3


def test_what_the_publisher_has_more_of_since_is_fetched(server: Server, tmp_path: Path) -> None:
    """As chapman's raw recordings, which an earlier version left out."""
    publish(server, "chapman", tmp_path)
    assert run("chapman", "--data", tmp_path, "--mirror", server.url).exit_code == 0
    assert "already there" in run("chapman-raw", "--data", tmp_path, "--mirror", server.url).stdout
    marker = tmp_path / "chapman/.ecglite-fetched.json"
    before = json.loads(marker.read_text())
    del before["source"]["files"]["ECGData.zip"]
    marker.write_text(json.dumps(before | {"files": before["files"] - 6}))
    shutil.rmtree(tmp_path / "chapman/ECGData")
    assert "already there" not in run("chapman-raw", "--data", tmp_path, "--mirror", server.url).stdout
    assert len(dataset("chapman-raw").index(tmp_path / "chapman")) == 6


def test_a_cut_connection_goes_on_where_it_was(server: Server, tmp_path: Path) -> None:
    publish(server, "ludb", tmp_path)
    server.cut[LUDB_ZIP] = [300_000, 100_000]
    server.busy[LUDB_ZIP] = 1
    assert run("ludb", tmp_path / "ludb", "--mirror", server.url).exit_code == 0
    ranges = server.ranges_of(LUDB_ZIP)
    assert ranges[:2] == ["", ""]  # it was busy at first
    have = int(ranges[2].removeprefix("bytes=").removesuffix("-"))
    assert 0 < have <= 300_000 < len(server.files[LUDB_ZIP])
    assert len(ranges) == 4
    assert len(dataset("ludb").index(tmp_path / "ludb")) == 6


def test_a_server_without_ranges_begins_anew(server: Server, tmp_path: Path) -> None:
    publish(server, "ludb", tmp_path)
    server.ranges = False
    server.cut[LUDB_ZIP] = [300_000]
    assert run("ludb", tmp_path / "ludb", "--mirror", server.url).exit_code == 0
    assert server.ranges_of(LUDB_ZIP) == ["", "bytes=262144-"]


def test_a_server_that_sends_another_part_begins_anew(server: Server, tmp_path: Path) -> None:
    publish(server, "ludb", tmp_path)
    server.shifted = 1
    server.cut[LUDB_ZIP] = [300_000]
    assert run("ludb", tmp_path / "ludb", "--mirror", server.url).exit_code == 0
    assert server.ranges_of(LUDB_ZIP) == ["", "bytes=262144-", ""]


def test_a_run_that_ends_while_it_verifies_keeps_the_file(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = publish(server, "sph", tmp_path)
    path = f"/files/{address.files['metadata.csv']}"

    def interrupt(*args: object, **more: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(pooch.core, "hash_matches", interrupt)
        assert run("sph", tmp_path / "sph", "--mirror", server.url).exit_code != 0
    assert run("sph", tmp_path / "sph", "--mirror", server.url).exit_code == 0
    assert server.ranges_of(path) == ["", f"bytes={len(server.files[path])}-"]


@pytest.mark.parametrize("tags", [True, False])
def test_what_has_changed_since_begins_anew(tags: bool, server: Server, tmp_path: Path) -> None:
    """With a tag the server says so; without one the checksum does."""
    address = publish(server, "chapman", tmp_path)
    path = f"/files/{address.files['ECGDataDenoised.zip']}"
    part = tmp_path / ".chapman.fetch/files/ECGDataDenoised.zip.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"of another release" * 1000)
    if tags:
        part.with_name("ECGDataDenoised.zip.tag").write_text('"another"')
    server.tags = tags
    assert run("chapman", tmp_path / "chapman", "--mirror", server.url).exit_code == 0
    assert server.ranges_of(path) == (["bytes=18000-"] if tags else ["bytes=18000-", ""])


def test_a_part_that_was_whole_is_not_fetched_again(server: Server, tmp_path: Path) -> None:
    address = publish(server, "sph", tmp_path)
    path = f"/files/{address.files['records.tar.gz']}"
    part = tmp_path / ".sph.fetch/files/records.tar.gz.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(server.files[path])
    assert run("sph", tmp_path / "sph", "--mirror", server.url).exit_code == 0
    assert server.ranges_of(path) == [f"bytes={len(server.files[path])}-"]


def test_a_wrong_checksum_is_refused_and_removed(server: Server, tmp_path: Path) -> None:
    address = publish(server, "chapman", tmp_path)
    path = f"/files/{address.files['ECGData.zip']}"  # the last
    good = server.files[path]
    server.files[path] = good[:-1] + bytes([good[-1] ^ 1])
    assert "checksum" in refused("chapman", tmp_path / "chapman", "--mirror", server.url)
    files = [path.name for path in (tmp_path / ".chapman.fetch/files").iterdir()]
    assert sorted(files) == sorted(set(address.files) - {"ECGData.zip"})
    assert not (tmp_path / "chapman").exists()
    server.files[path] = good
    server.asked.clear()
    assert run("chapman", tmp_path / "chapman", "--mirror", server.url).exit_code == 0
    assert server.ranges_of(f"/files/{address.files['Diagnostics.xlsx']}") == []


def test_a_file_by_file_database_checks_each(server: Server, tmp_path: Path) -> None:
    publish(server, "georgia", tmp_path)
    bad = "/challenge-2021/1.0.3/training/georgia/g1/E00003.mat"
    good, server.files[bad] = server.files[bad], b"something else"
    assert "checksum" in refused("georgia", tmp_path / "georgia", "--mirror", server.url)
    assert not (tmp_path / "georgia").exists()
    server.files[bad] = good
    server.asked.clear()
    (tmp_path / ".georgia.fetch/each/g1/tmp1234").write_bytes(b"left by a run that was killed")
    assert run("georgia", tmp_path / "georgia", "--mirror", server.url).exit_code == 0
    assert server.ranges_of(bad) == [""]
    assert len(server.asked) < 14  # the list and what was not there yet
    assert not (tmp_path / "georgia/g1/tmp1234").exists()
    assert not (tmp_path / "georgia/index.html").exists()


def test_an_archive_is_compared_with_the_list(server: Server, tmp_path: Path) -> None:
    publish(server, "ludb", tmp_path)
    lines = server.files[LUDB_SUMS].decode().splitlines()
    server.files[LUDB_SUMS] = "\n".join(["0" * 64 + lines[0][64:], *lines[1:]]).encode()
    assert "1 of" in refused("ludb", tmp_path / "ludb", "--mirror", server.url)
    server.files[LUDB_SUMS] = "\n".join([*lines, f"{'0' * 64} data/201.hea"]).encode()
    assert "data/201.hea" in refused("ludb", tmp_path / "ludb", "--mirror", server.url)
    assert leftovers(tmp_path / "ludb") == []
    for line in ("no list", f"{'0' * 64} ../out", f"{'0' * 64} /etc/passwd", ""):
        server.files[LUDB_SUMS] = line.encode()
        assert "SHA256SUMS.txt" in refused("ludb", tmp_path / "ludb", "--mirror", server.url)


def test_a_mirror_of_the_files_alone_will_do(server: Server, tmp_path: Path) -> None:
    publish(server, "mitdb", tmp_path)
    del server.files[f"/{address_of('mitdb').archive}"]
    assert run("mitdb", tmp_path / "mitdb", "--mirror", f"{server.url}/").exit_code == 0
    assert len(dataset("mitdb").index(tmp_path / "mitdb")) == 8


def test_what_was_unpacked_by_hand_is_verified_in_place(server: Server, tmp_path: Path) -> None:
    publish(server, "ludb", tmp_path)
    dest = tmp_path / "ludb"
    shutil.copytree(tmp_path / "published", dest)
    assert run("ludb", dest, "--mirror", server.url).exit_code == 0
    assert [path for path, _ in server.asked] == [LUDB_SUMS]
    (dest / "data/4.hea").unlink()
    (dest / "notes.txt").write_text("mine")
    assert run("ludb", dest, "--mirror", server.url).exit_code == 0
    assert (dest / "data/4.hea").read_bytes() == (tmp_path / "published/data/4.hea").read_bytes()
    assert len(dataset("ludb").index(dest)) == 6
    assert (dest / "notes.txt").read_text() == "mine"


def tree_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", ["ludb", "georgia"])
def test_a_corrected_file_is_not_written_over_and_nothing_is_fetched(name: str, server: Server, tmp_path: Path) -> None:
    publish(server, name, tmp_path)
    dest = tmp_path / name
    shutil.copytree(tmp_path / "published", dest)
    header, *others = sorted(dest.rglob("*.hea"))
    header.write_text(header.read_text() + "#corrected by hand\n")
    others[-1].unlink()
    before = tree_of(dest)
    told = refused(name, dest, "--mirror", server.url)
    assert str(header) in told
    assert "another destination" in told
    assert tree_of(dest) == before
    assert len(server.asked) == 1  # the list
    header.rename(tmp_path / "kept.hea")
    assert run(name, dest, "--mirror", server.url).exit_code == 0
    assert len(dataset(name).index(dest)) == 6


def test_what_an_archive_holds_is_not_written_over(server: Server, tmp_path: Path) -> None:
    """Where no list says it before, the unpacked files are compared."""
    publish(server, "chapman", tmp_path)
    dest = tmp_path / "chapman"
    shutil.copytree(tmp_path / "published/ECGDataDenoised", dest / "ECGDataDenoised")
    mine = sorted((dest / "ECGDataDenoised").iterdir())[2]
    good, times = mine.read_bytes(), mine.stat().st_mtime_ns
    mine.write_bytes(b"0" * len(good))
    os.utime(mine, ns=(times, times))
    before = tree_of(dest)
    assert str(mine) in refused("chapman", dest, "--mirror", server.url)
    assert tree_of(dest) == before
    mine.write_bytes(good)
    server.asked.clear()
    assert run("chapman", dest, "--mirror", server.url).exit_code == 0
    assert not [path for path, _ in server.asked if path.startswith("/files/")]  # all had been kept
    assert len(dataset("chapman-raw").index(dest)) == 6
    assert not list(dest.rglob("*.fetch"))


@pytest.mark.parametrize("kind", ["file for a folder", "folder for a file", "link to nowhere", "file for all"])
def test_nothing_else_is_written_over(kind: str, server: Server, tmp_path: Path) -> None:
    publish(server, "chapman", tmp_path)
    dest = tmp_path / "chapman"
    at = {"file for a folder": dest / "ECGData", "file for all": dest}.get(kind, dest / "Diagnostics.xlsx")
    at.parent.mkdir(exist_ok=True)
    if kind == "folder for a file":
        at.mkdir()
    elif kind == "link to nowhere":
        at.symlink_to(tmp_path / "nowhere")
    else:
        at.write_text("mine")
    which = dataset("chapman")
    with pytest.raises(DatasetError, match=f"{at} is there and is not as published"):
        fetching.fetch(which, dest, lambda *_: None, mirror=server.url)
    assert [path for path in dest.rglob("*") if path != at] == []
    assert not (tmp_path / "nowhere").exists()


def test_two_fetches_of_one_folder_do_not_meet(server: Server, tmp_path: Path) -> None:
    """Chapman's two databases are one folder."""
    publish(server, "chapman", tmp_path)
    server.slowly = 0.3
    first = process("chapman", tmp_path / "chapman", "--mirror", server.url)
    files = tmp_path / ".chapman.fetch/files"
    until = time.monotonic() + 60
    while not (files.exists() and any(files.iterdir())) and time.monotonic() < until:
        time.sleep(0.02)
    asked = len(server.asked)
    told = refused("chapman-raw", tmp_path / "chapman", "--mirror", server.url)
    assert "another fetch is at work" in told
    assert len(server.asked) <= asked + 2  # the first's own
    server.slowly = 0.0
    first.communicate(timeout=60)
    assert first.returncode == 0
    assert "already there" in run("chapman-raw", tmp_path / "chapman", "--mirror", server.url).stdout
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_lock_that_a_killed_run_left_is_taken(server: Server, tmp_path: Path) -> None:
    publish(server, "ludb", tmp_path)
    (tmp_path / ".ludb.fetch.lock").write_text("")
    assert run("ludb", tmp_path / "ludb", "--mirror", server.url).exit_code == 0
    assert not (tmp_path / ".ludb.fetch.lock").exists()


def test_there_means_each_file_that_was_fetched(server: Server, tmp_path: Path) -> None:
    publish(server, "ludb", tmp_path)
    dest = tmp_path / "ludb"
    assert run("ludb", dest, "--mirror", server.url).exit_code == 0
    marker = json.loads((dest / ".ecglite-fetched.json").read_text())
    assert marker["sizes"] == {name: len(content) for name, content in tree_of(tmp_path / "published").items()}
    (dest / "data/3.dat").rename(dest / "data/3 (copy).dat")  # as many files and bytes as before
    assert "already there" not in run("ludb", dest, "--mirror", server.url).stdout
    assert (dest / "data/3.dat").is_file()
    (dest / "data/3.dat").write_bytes(b"short")
    (dest / "notes.txt").write_bytes(bytes(10_000_000))
    assert "data/3.dat is there and is not as published" in refused("ludb", dest, "--mirror", server.url)


def test_the_challenge_of_2017_is_verified_by_a_list_where_there_is_one(server: Server, tmp_path: Path) -> None:
    address = publish(server, "cinc2017", tmp_path)
    sums = {name: hashlib.sha256(server.files[f"/{address.project}/{name}"]).hexdigest() for name in address.members}
    listing = f"/{address.project}/SHA256SUMS.txt"
    server.files[listing] = "".join(f"{sha256} {name}\n" for name, sha256 in sums.items()).encode()
    told = json.loads(run("cinc2017", tmp_path / "a", "--mirror", server.url, "--json").stdout)
    assert told["verified"] == "sha256"
    server.files[listing] = server.files[listing].replace(sums["REFERENCE-v3.csv"].encode(), b"0" * 64)
    assert "checksum" in refused("cinc2017", tmp_path / "b", "--mirror", server.url)


def test_figshare_must_state_checksums(server: Server, tmp_path: Path) -> None:
    address = publish(server, "sph", tmp_path)
    server.files["/articles/72"] = b'{"files": []}'
    assert "states no checksum of records.tar.gz" in refused("sph", tmp_path / "sph", "--mirror", server.url)
    listing = f"/collections/{address.collection}/articles?page_size=100"
    for answer in (b"<html>", b"[1]", b'{"a": 1}', b'[{"id": "../x"}]'):
        server.files[listing] = answer
        assert "no list of files" in refused("sph", tmp_path / "sph", "--mirror", server.url)


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGINT])
def test_a_run_that_is_stopped_goes_on(sent: signal.Signals, server: Server, tmp_path: Path) -> None:
    publish(server, "ludb", tmp_path)
    server.slowly = 0.2
    part = tmp_path / ".ludb.fetch/files/archive.zip.part"
    first = process("ludb", tmp_path / "ludb", "--mirror", server.url)
    until = time.monotonic() + 60
    while not (part.exists() and part.stat().st_size) and time.monotonic() < until:
        time.sleep(0.02)
    first.send_signal(sent)
    _, told = first.communicate(timeout=30)
    assert first.returncode == (130 if sent is signal.SIGINT else -sent)
    assert told.endswith("ecglite: interrupted\n") or sent is signal.SIGKILL
    assert not (tmp_path / "ludb").exists()
    have = part.stat().st_size
    assert 0 < have < len(server.files[LUDB_ZIP])
    server.slowly = 0.0
    assert run("ludb", tmp_path / "ludb", "--mirror", server.url).exit_code == 0
    assert server.ranges_of(LUDB_ZIP) == ["", f"bytes={have}-"]
    assert len(dataset("ludb").index(tmp_path / "ludb")) == 6
    assert leftovers(tmp_path / "ludb") == []


def test_files_that_were_fetched_before_an_interrupt_are_kept(server: Server, tmp_path: Path) -> None:
    publish(server, "georgia", tmp_path)
    server.slowly = 0.3
    each = tmp_path / ".georgia.fetch/each"
    first = process("georgia", tmp_path / "georgia", "--mirror", server.url)
    until = time.monotonic() + 60
    while len(list(each.rglob("E*.hea"))) < 2 and time.monotonic() < until:
        time.sleep(0.02)
    first.send_signal(signal.SIGINT)
    _, told = first.communicate(timeout=30)
    assert (first.returncode, told.splitlines()[-1]) == (130, "ecglite: interrupted")
    assert not (tmp_path / "georgia").exists()
    kept = {f"/challenge-2021/1.0.3/training/georgia/g1/{path.name}" for path in each.rglob("E*.???")}
    assert len(kept) >= 2
    server.slowly = 0.0
    server.asked.clear()
    assert run("georgia", tmp_path / "georgia", "--mirror", server.url).exit_code == 0
    assert not kept & {path for path, _ in server.asked}
    assert len(dataset("georgia").index(tmp_path / "georgia")) == 6


def test_a_full_disk_keeps_what_is_there(server: Server, tmp_path: Path) -> None:
    publish(server, "ludb", tmp_path)
    part = tmp_path / ".ludb.fetch/files/archive.zip.part"
    limited = ("bash", "-c", 'ulimit -f 300; exec "$@"', "-")
    full = process("ludb", tmp_path / "ludb", "--mirror", server.url, wrapped=limited)
    _, told = full.communicate(timeout=60)
    assert full.returncode == 2
    assert told.count("\n") == 1
    assert told.startswith("ecglite: error: no space left")
    have = part.stat().st_size
    assert have == 300 * 1024
    assert run("ludb", tmp_path / "ludb", "--mirror", server.url).exit_code == 0
    assert server.ranges_of(LUDB_ZIP)[-1] == f"bytes={have}-"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_device_without_room(server: Server, tmp_path: Path) -> None:
    publish(server, "ludb", tmp_path)
    part = tmp_path / ".ludb.fetch/files/archive.zip.part"
    part.parent.mkdir(parents=True)
    part.symlink_to("/dev/full")
    assert "no space left" in refused("ludb", tmp_path / "ludb", "--mirror", server.url)
    assert part.is_symlink()


def test_too_little_space_is_said_before(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Room(10**12, 10**12, 10**8))
    assert "100 MB are free" in refused("ludb", tmp_path / "ludb", "--mirror", server.url)
    assert server.asked == []


def test_a_server_that_is_not_there(server: Server, tmp_path: Path) -> None:
    assert "answers 404" in refused("ludb", tmp_path / "ludb", "--mirror", server.url)
    server.shutdown()
    server.server_close()
    assert "cannot be reached" in refused("ludb", tmp_path / "ludb", "--mirror", server.url)


def test_a_server_that_stays_busy(server: Server, tmp_path: Path) -> None:
    server.busy[LUDB_SUMS] = 99
    assert "503" in refused("ludb", tmp_path / "ludb", "--mirror", server.url)
    assert len(server.asked) == 5


def evil_zip(name: str, mode: int = 0o100644) -> bytes:
    memory = io.BytesIO()
    with (
        warnings.catch_warnings(action="ignore"),
        zipfile.ZipFile(memory, "w") as book,
    ):  # zipfile warns of a name twice
        for member, as_mode in (("a/1.hea", 0o100644), (name, mode)):
            info = zipfile.ZipInfo(member)
            info.external_attr = as_mode << 16
            book.writestr(info, b"/etc/passwd")
    return memory.getvalue()


def evil_tar(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> bytes:
    memory = io.BytesIO()
    with tarfile.open(fileobj=memory, mode="w:gz") as tape:
        info = tarfile.TarInfo(name)
        info.type, info.linkname = kind, link
        tape.addfile(info)
    return memory.getvalue()


EVIL = {
    "zip ..": evil_zip("../out"),
    "zip .. inside": evil_zip("a/../../out"),
    "zip absolute": evil_zip("/tmp/out"),
    "zip drive": evil_zip("C:/out"),
    "zip backslash": evil_zip("..\\out"),
    "zip link": evil_zip("a/link", 0o120777),
    "zip twice": evil_zip("a/1.hea"),
    "zip file in a file": evil_zip("a/1.hea/link"),
    "tar ..": evil_tar("../out"),
    "tar absolute": evil_tar("/tmp/out"),
    "tar symbolic link": evil_tar("link", tarfile.SYMTYPE, "/etc"),
    "tar hard link": evil_tar("link", tarfile.LNKTYPE, "/etc/passwd"),
    "tar device": evil_tar("device", tarfile.CHRTYPE),
    "nothing": b"",
    "prose": b"no archive " * 100,
    "half a zip": evil_zip("b")[:-30],
}


@pytest.mark.parametrize("content", EVIL.values(), ids=EVIL)
def test_an_archive_stays_in_its_folder(content: bytes, server: Server, tmp_path: Path) -> None:
    address = publish(server, "sph", tmp_path)
    number = address.files["records.tar.gz"]
    server.files[f"/files/{number}"] = content
    md5 = hashlib.md5(content).hexdigest()
    server.files["/articles/72"] = json.dumps({"files": [{"id": number, "computed_md5": md5}]}).encode()
    told = refused("sph", tmp_path / "in/sph", "--mirror", server.url)
    assert told.startswith("records.tar.gz")
    assert not list(tmp_path.rglob("out"))
    assert not list(tmp_path.rglob("link"))
    assert not (tmp_path / "in/sph").exists()
    assert not (tmp_path / "in/.sph.fetch/files/records.tar.gz").exists()


def test_an_archive_holds_no_more_than_it_may(tmp_path: Path) -> None:
    zeros, many, into = tmp_path / "zeros.zip", tmp_path / "many.tar.gz", tmp_path / "into"
    into.mkdir()
    with zipfile.ZipFile(zeros, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("zeros", bytes(20_000_000))
    with tarfile.open(many, "w:gz") as tape:
        for k in range(50):
            tape.addfile(tarfile.TarInfo(f"{k}"))
    for archive in (zeros, many):
        assert archive.stat().st_size < 100_000
        with pytest.raises(DatasetError, match="more than it may"):
            unpack.unpack(archive, into, strip_top=False, shown=print, max_bytes=10_000_000, max_members=49)
    assert list(into.iterdir()) == []
    # a directory that states less than the content unpacks to
    zeros.write_bytes(zeros.read_bytes().replace((20_000_000).to_bytes(4, "little"), (1000).to_bytes(4, "little")))
    with pytest.raises(DatasetError):
        unpack.unpack(zeros, into, strip_top=False, shown=print, max_bytes=10_000_000)
    assert sum(path.stat().st_size for path in into.rglob("*")) <= 1000


def test_a_disk_that_fills_while_unpacking(server: Server, tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    address = publish(server, "cinc2017", tmp_path)
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("training2017/zeros", bytes(2_000_000))
    server.files[f"/{address.project}/training2017.zip"] = memory.getvalue()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, before[1]))
    try:
        told = refused("cinc2017", tmp_path / "x/cinc2017", "--mirror", server.url)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "no space left" in told
    assert not (tmp_path / "x/cinc2017").exists()
    server.asked.clear()
    assert run("cinc2017", tmp_path / "x/cinc2017", "--mirror", server.url).exit_code == 0
    assert [path for path, _ in server.asked] == [f"/{address.project}/SHA256SUMS.txt"]  # the archive had been kept


def test_what_would_be_fetched(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECG_DATA", str(tmp_path / "data"))
    result = run("ningbo", "--dry-run", "--mirror", server.url)
    for word in ("Ningbo", "CC BY 4.0", "10.13026/34va-7q14", "4300 MB", str(tmp_path / "data/cinc/ningbo")):
        assert word in result.stdout
    told = json.loads(run("ningbo", "--dry-run", "--json").stdout)
    assert told["folder"] == str(tmp_path / "data/cinc/ningbo")
    assert server.asked == []
    assert not (tmp_path / "data").exists()


def test_refusals(tmp_path: Path) -> None:
    assert "unknown database 'mit-bih'; allowed: ptb-xl" in refused("mit-bih", tmp_path / "x")
    assert "give DEST, --data or set ECG_DATA" in refused("ludb")
    assert "http" in refused("ludb", tmp_path / "x", "--mirror", "ftp://example.org")
    (tmp_path / "file").write_text("")
    assert run("ludb", tmp_path / "file").exit_code == 2
    assert "cannot be written" in refused("ludb", tmp_path / "file/ludb", "--mirror", "http://127.0.0.1:9")
    assert "name a folder below it" in refused("ludb", "/")


def test_addresses_are_whole() -> None:
    for name in DATASETS:
        address = address_of(name)
        assert address.fetched_mb > 0
        assert bool(address.project) != bool(address.collection)
        assert bool(address.files) == bool(address.collection)
        assert not address.archive or address.archive.startswith(address.project.split("/")[0])
    assert url("physionet files", "ludb/1.0.1/RECORDS") == "https://physionet.org/files/ludb/1.0.1/RECORDS"
    assert url("physionet files", "a b", "https://example.org/x/") == "https://example.org/x/a%20b"
