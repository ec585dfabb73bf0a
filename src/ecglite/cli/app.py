"""`ecglite app`: the phone app's page, in this machine's browser or in a folder for a static host."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Final

import click

from ecglite.edge.errors import AppError

if TYPE_CHECKING:
    from ecglite.app.assets import Page
    from ecglite.app.server import Server

PORT: Final = 3245
"""ECGL on the keys of a telephone. Always the same: what a browser keeps for a page, it keeps by its address."""

_MORE_PORTS: Final = 20


@click.command("app")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="N",
    show_default=f"{PORT}, or the next that is free",
    help="Where to listen; 0 is any free port.",
)
@click.option("--no-browser", is_flag=True, help="Do not open the browser.")
@click.option("--write", "folder", type=click.Path(path_type=Path), metavar="FOLDER", help="Write the page, and stop.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: where the page is.")
def app(port: int | None, no_browser: bool, folder: Path | None, as_json: bool) -> None:
    """Open the phone app in the browser.

    The page is served to this machine alone, until Ctrl+C. Recordings stay in the browser: the server takes nothing.
    Where the page did not come with the package it is built first, once, which needs the app extra and the network.

    With --write the page goes to FOLDER instead, for any host of static files. From an https address phones can open
    it, install it and then use it without a network. The file _headers there says what the host should send; some
    hosts read it, others have to be told.
    """
    with _terminated_as_interrupted():
        from ecglite.app import assets, build, server

        page = assets.load(build.page(lambda line: click.echo(line, err=True)))
        if folder is not None:
            page = {**page, server.HEADERS_FILE: server.headers_file(page)}
            assets.write(page, folder)
            n_bytes = sum(len(asset.body) for asset in page.values())
            if as_json:
                click.echo(json.dumps({"folder": str(folder.resolve()), "files": len(page), "bytes": n_bytes}))
            else:
                click.echo(f"{len(page)} files, {n_bytes / 1e6:.1f} MB, in {folder.resolve()}")
            return
        with _listen(page, port) as served, contextlib.suppress(KeyboardInterrupt):
            if as_json:
                click.echo(json.dumps({"address": served.address, "port": served.server_port}))
            else:
                click.echo(f"ecglite is at {served.address}\nCtrl+C stops it. Not a medical device.")
            if not no_browser:
                _open(served.address)
            served.serve_forever()


def _listen(page: Page, port: int | None) -> Server:
    """On the port that is asked for, else on the usual one or the next that is free."""
    from ecglite.app.server import Server

    if port is not None:
        return Server(page, port)
    for tried in range(PORT, PORT + _MORE_PORTS):
        with contextlib.suppress(AppError):
            server = Server(page, tried)
            if tried != PORT:
                click.echo(
                    f"port {PORT} is taken, this is port {tried}: what the browser kept for the page at {PORT}, its "
                    "history among it, does not show here",
                    err=True,
                )
            return server
    raise AppError(f"ports {PORT} to {PORT + _MORE_PORTS - 1} are taken", do="choose another with --port")


def _open(address: str) -> None:
    """In a browser with a window, where there can be one; one in the terminal would take it from this command."""
    import webbrowser

    windows = sys.platform in ("win32", "darwin") or {"DISPLAY", "WAYLAND_DISPLAY", "BROWSER"} & os.environ.keys()
    if windows:
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()


@contextlib.contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """SIGTERM, which a service manager sends, ends the server or the build as Ctrl+C does."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
