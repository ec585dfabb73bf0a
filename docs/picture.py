"""Takes the README's picture: the report of one simulated recording, docs/images/report.png.

python docs/picture.py needs Chromium on the path, and Pillow, which the dev extra brings with NeuroKit2.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageChops

import ecglite
from ecglite.edge.report import Entry, html
from ecglite.simulator import simulate, write_chapman_csv

PICTURE = Path(__file__).parent / "images" / "report.png"
RHYTHM = "AFIB"
WIDTH, HEIGHT = 1100, 920
FLAGS = (
    "--headless",
    "--no-sandbox",  # containers run as root, and the page is our own
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
)


def page(folder: Path) -> Path:
    """The report of one simulated recording, written into a folder."""
    path = folder / f"{RHYTHM}.csv"
    write_chapman_csv(simulate(RHYTHM, seed=1), path)
    record = ecglite.read(path)
    finding = ecglite.load().classify(record)
    report = folder / "report.html"
    note = f"A simulated recording, as ecglite demo makes it. Model {finding.model}."
    text = html([Entry(path.name, record, finding)], title="ecglite demo: simulated recordings", note=note)
    report.write_text(text, encoding="utf-8")
    return report


def main() -> None:
    """Take it, cut off what is blank, and keep 96 colours: a page of lines needs no more."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("Chromium is not on the path")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shot = folder / "shot.png"
        subprocess.run(
            [chromium, *FLAGS, f"--user-data-dir={folder / 'profile'}", f"--window-size={WIDTH},{HEIGHT}",
             f"--screenshot={shot}", page(folder).as_uri()],
            check=True, timeout=120, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        with Image.open(shot) as picture:
            rgb = picture.convert("RGB")
        blank = Image.new("RGB", rgb.size, "white")
        box = ImageChops.difference(rgb, blank).getbbox() or (0, 0, WIDTH, HEIGHT)
        page_only = rgb.crop((0, 0, WIDTH, min(box[3] + 20, HEIGHT)))
        page_only.quantize(96, method=Image.Quantize.MAXCOVERAGE).save(PICTURE, optimize=True)
    print(f"{PICTURE}: {PICTURE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
