"""What click refuses, in one line as every other refusal of ecglite."""

from __future__ import annotations

import click


def show(error: click.ClickException) -> None:
    """Say on stderr what is wrong and whose help tells more; a command without arguments shows its help instead."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is not None and error.message == context.get_help():  # `ecglite` alone
        error.show()
        return
    command = context.command_path if context is not None else "ecglite"
    click.echo(f"ecglite: error: {_sentence(error)}; see {command} --help", err=True)


def _sentence(error: click.ClickException) -> str:
    """Of click's "Invalid value for '--n': 0 is not in the range x>=1." this: "--n 0: not in the range x>=1"."""
    name = _name(error)
    if name and not isinstance(error, click.MissingParameter):
        value, is_not, rest = error.message.partition(" is not ")
        said = f"{name} {value}: not {rest}" if is_not else f"{name}: {error.message}"
    else:
        said = error.format_message()
        said = said[:1].lower() + said[1:]
    return " ".join(said.split()).removesuffix(".")


def _name(error: click.ClickException) -> str:
    """The option or argument that has a wrong value; "" for every other mistake."""
    if not isinstance(error, click.BadParameter) or error.param is None:
        return ""
    return error.param.opts[0] if isinstance(error.param, click.Option) else (error.param.name or "").upper()
