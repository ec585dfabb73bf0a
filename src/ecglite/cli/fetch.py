"""`ecglite fetch`: a publisher -> a database in its folder."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path

import click

from ecglite.cli.lab import data_option, require_lab
from ecglite.cli.progress import Progress
from ecglite.edge.errors import DatasetError


@click.command("fetch")
@click.argument("name")
@click.argument("dest", type=click.Path(path_type=Path, file_okay=False), required=False)
@data_option
@click.option("--mirror", metavar="URL", help="Another server that holds the publisher's files, in place of it.")
@click.option("--dry-run", is_flag=True, help="Say what would be fetched, and stop.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def fetch(name: str, dest: Path | None, data: Path | None, mirror: str | None, dry_run: bool, as_json: bool) -> None:
    """Fetch the database NAME into the folder DEST, by default its own folder below --data.

    Interrupt it when you like: the same command goes on where it stopped. Everything is verified against the
    publisher's checksums, and the folder appears when it is whole. See docs/databases.md for the names.
    """
    require_lab("pooch", "requests")
    from ecglite.lab import datasets
    from ecglite.lab import fetch as fetching
    from ecglite.lab.datasets.addresses import address_of

    which = datasets.dataset(name)
    folder = dest or (data / which.folder if data else None)
    if folder is None:
        raise DatasetError(
            f"no folder given for {name}",
            allowed="a folder, which need not exist",
            do="give DEST, --data or set ECG_DATA",
        )
    folder = Path(os.path.abspath(folder))
    if not folder.name:
        raise DatasetError(f"{folder} as the folder of a database", do="name a folder below it")
    address = address_of(name)
    plan = {"name": name, "title": which.title, "licence": which.licence, "doi": which.doi, "folder": str(folder)}
    if not as_json or not dry_run:
        click.echo(which.title, err=as_json)
        click.echo(f"  licence      {which.licence}", err=as_json)
        click.echo(f"  doi          https://doi.org/{which.doi}", err=as_json)
        click.echo(f"  size         about {address.fetched_mb} MB, {address.unpacked_mb} MB on disk", err=as_json)
        click.echo(f"  destination  {folder}", err=as_json)
    if dry_run:
        if as_json:
            click.echo(json.dumps(plan | {"about_bytes": address.fetched_mb * 1_000_000}, indent=2))
        return
    got = fetching.fetch(which, folder, Progress(), mirror=mirror)
    if as_json:
        click.echo(json.dumps(asdict(got), indent=2))
        return
    what = f"{got.files} files, {got.bytes / 1e6:.1f} MB, verified by {got.verified}"
    click.echo(what if got.anew else f"already there: {what}; nothing to do")
