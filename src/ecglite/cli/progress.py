"""Progress of long work: a bar on a terminal, a plain line each tenth elsewhere, on stderr."""

from __future__ import annotations

import sys

import click


class Progress:
    """Call it with what is being done, how much of it is done, and how much there is."""

    def __init__(self) -> None:
        self._shown = (-1, "")

    def __call__(self, what: str, done: int, total: int) -> None:
        """Shows that `done` of `total` are done, where that is news."""
        terminal = sys.stderr.isatty()
        parts = 100 if terminal else 10
        now = (done * parts // max(total, 1), what)
        if now == self._shown or (now[0] == 0 and not terminal):
            return
        self._shown = now
        if terminal:
            full = 30 * done // max(total, 1)
            bar = f"\r{what}  [{'#' * full}{'.' * (30 - full)}] {done}/{total}\033[K"
            click.echo(bar, err=True, nl=done >= total)
        else:
            click.echo(f"{what}: {done}/{total}", err=True)
