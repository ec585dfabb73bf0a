"""The commands as a group, each imported when it runs, so that `--help` stays instant."""

from __future__ import annotations

import importlib
from typing import Final

import click

from ecglite import __version__

_VERBS: Final = {
    "classify": "Name the rhythm of recordings.",
    "inspect": "Show what was read from a recording, without a model.",
    "simulate": "Make recordings of the eleven rhythms, with their truth.",
    "demo": "Simulate recordings, classify them and write a report.",
    "app": "Open the phone app in the browser.",
    "fetch": "Fetch a database from its publisher (needs the lab extra).",
    "dataset": "Check a database before a model is made from it (needs the lab extra).",
    "train": "Fit the network of a recipe (needs the lab extra).",
    "export": "Turn a finished run into a model bundle (needs the lab extra).",
    "evaluate": "Score a model bundle on a database (needs the lab extra).",
    "study": "Run the published study on a database (needs the lab extra).",
    "bench": "Measure ecglite beside other software, in one run.",
}


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _VERBS:
            return None
        command: click.Command = getattr(importlib.import_module(f"ecglite.cli.{cmd_name}"), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_VERBS.items()))


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="ecglite")
def cli() -> None:
    """The heart's rhythm from a 12-lead ECG, offline.

    Not a medical device: a finding is for research and teaching, never for the care of a patient.

    Exit codes: 0 all done, 1 some of several recordings failed, 2 bad input or usage, 130 interrupted, 141 the reader
    of its output went away.
    """
