"""The command line, one file per verb. What is imported here is little: an interrupt is told as one from then on."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ecglite.cli.group import cli

__all__ = ["cli", "main"]


def main() -> None:
    """Entry point: an error that ecglite raises on purpose is one line on stderr and exit code 2."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the shell, as with >&-
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
    try:
        _run()
    except KeyboardInterrupt:
        print("ecglite: interrupted", file=sys.stderr)
        sys.exit(130)


def _run() -> None:
    import io

    import click

    from ecglite.cli.group import cli
    from ecglite.edge.errors import EcgliteError

    # OpenMP's default spin makes training many times slower beside any other busy process.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # a file name may hold what the terminal's encoding does not
            stream.reconfigure(errors="backslashreplace")
    try:
        cli.main(prog_name="ecglite", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        from ecglite.cli.usage import show

        show(error)
        sys.exit(2)
    except EcgliteError as error:
        click.echo(f"ecglite: error: {error}", err=True)
        sys.exit(2)
    except click.Abort:
        raise KeyboardInterrupt from None
    except BrokenPipeError:
        # the reader of our output has gone, as with `| head`: what is left in the buffer goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        click.echo(f"ecglite: error: the output cannot be written: {error.strerror}", err=True)
        sys.exit(2)


def __getattr__(name: str) -> Any:
    """The group of commands, imported when it is first used."""
    if name != "cli":
        raise AttributeError(f"module 'ecglite.cli' has no attribute {name!r}")
    from ecglite.cli.group import cli

    return cli
