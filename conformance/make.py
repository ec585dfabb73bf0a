"""The conformance vectors: input files and what the Python package makes of them.

python conformance/make.py OUT                    writes the made vectors into the folder OUT
python conformance/make.py OUT --recordings DIR   and vectors of the real recordings that lie in DIR
python conformance/make.py --golden               writes golden.json: what came out, without files and samples

Where the bundle holds a file for microcontrollers, vectors that are classified have its inputs and outputs too; these
need the lab extra.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import bad
import numpy as np
import recordings
import sound
from files import Vector

import ecglite
from ecglite.edge.bundle import DEFAULT, Bundle, load_bundle
from ecglite.edge.errors import EcgliteError
from ecglite.edge.pipeline import Classifier
from ecglite.edge.quality import assess
from ecglite.edge.record import Record
from ecglite.edge.windows import windows

if TYPE_CHECKING:
    from ecglite.lab.micro import OnMicro

GOLDEN: Final = Path(__file__).with_name("golden.json")


def made() -> Iterable[Vector]:
    """Every vector that needs no recording of a patient."""
    yield from sound.vectors()
    yield from bad.vectors()


def write(out: Path, vectors: Iterable[Vector], bundle: Path = DEFAULT) -> list[dict[str, Any]]:
    """Writes vectors, their samples and index.json.

    Args:
        out: a folder; each vector's files go to a folder in it that has the vector's name.
        vectors: with names that differ.
        bundle: whose findings are expected.

    Returns:
        The entries of index.json.
    """
    classifier, on_micro = ecglite.load(bundle), _on_micro(load_bundle(bundle))
    entries: list[dict[str, Any]] = []
    for vector in vectors:
        folder = out / vector.name
        folder.mkdir(parents=True)
        for name, content in vector.files.items():
            (folder / name).write_bytes(content)
        entries.append(
            {
                "name": vector.name,
                "open": vector.open,
                "files": list(vector.files),
                "hints": vector.hints,
                "expect": _expected(vector, folder, classifier, on_micro),
            }
        )
    (out / "index.json").write_text(json.dumps(entries, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return entries


def _on_micro(bundle: Bundle) -> OnMicro | None:
    """The bundle's file for microcontrollers, where it has one."""
    if bundle.micro is None:
        return None
    from ecglite.lab.micro import OnMicro

    return OnMicro(bundle)


def _expected(vector: Vector, folder: Path, classifier: Classifier, on_micro: OnMicro | None) -> dict[str, Any]:
    """What becomes of one vector; where it is read, its samples are written beside its folder."""
    path = folder / vector.open
    try:
        record = ecglite.read(path, **vector.hints)
    except EcgliteError as error:
        return {"error": _failure(error, path)}
    samples = folder.with_name(f"{vector.name}.f32")
    samples.write_bytes(record.signal_mv.astype("<f4").tobytes())
    expected = {"record": _facts(record), "samples": samples.name}
    try:
        expected["finding"] = classifier.classify(record).to_dict()
    except EcgliteError as error:
        return expected | {"refusal": _failure(error, Path(record.path))}
    if on_micro is not None:
        expected["micro"] = _micro(record, on_micro, folder.with_name(f"{vector.name}.i8"))
    return expected


def _micro(record: Record, on_micro: OnMicro, path: Path) -> dict[str, Any]:
    """What a microcontroller is given for the windows of the finding, written to `path`, and what it answers."""
    bad_leads = [lead.lead for lead in assess(record).leads if lead.verdict == "bad"]
    inputs = on_micro.inputs(np.stack([window.signal_mv for window in windows(record, bad_leads)]))
    path.write_bytes(inputs.tobytes())
    return {"inputs": path.name, "outputs": on_micro.outputs(inputs).tolist()}


def _facts(record: Record) -> dict[str, Any]:
    """A record without its samples."""
    return {
        "leads": list(record.leads),
        "sampling_rate_hz": record.sampling_rate_hz,
        "n_samples": len(record.signal_mv),
        "units": record.units,
        "format": record.format,
        "patient": {"age_years": record.patient.age_years, "sex": record.patient.sex},
        "comments": list(record.comments),
        "notes": list(record.notes),
    }


def _failure(error: EcgliteError, path: Path) -> dict[str, str]:
    """An error by name, and what came, without the path that `read` puts before it."""
    came = error.came.removeprefix(f"{path}: ").removeprefix(f"{path.parent}{os.sep}")
    return {"type": type(error).__name__, "came": came}


def golden(entries: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """What golden.json holds: of each vector what came out, in short."""
    manifest = ecglite.load().manifest
    return {
        "made_by": "conformance/make.py --golden",
        "model": f"{manifest.name} {manifest.version}",
        "sha256": manifest.sha256,
        **({} if manifest.micro is None else {"micro_sha256": manifest.micro.sha256}),
        "labels": list(manifest.labels),
        "vectors": {entry["name"]: _outcome(entry["expect"]) for entry in entries},
    }


def _outcome(expected: dict[str, Any]) -> dict[str, Any]:
    """An expectation in short: probabilities in the order of the labels, and of the leads those that are not good."""
    if "finding" not in expected:
        failure: dict[str, str] = expected["error"] if "error" in expected else expected["refusal"]
        return failure
    finding = expected["finding"]
    quality = finding["quality"]
    return {
        "rhythm": finding["rhythm"],
        "probabilities": list(finding["probabilities"].values()),
        "heart_rate_bpm": finding["heart_rate_bpm"],
        "abstained": finding["abstained"],
        "reasons": finding["reasons"],
        "verdict": quality["verdict"],
        "not_good": {lead: verdict for lead, verdict in quality["leads"].items() if verdict != "good"},
        "notes": quality["notes"],
        **({"micro": expected["micro"]["outputs"]} if "micro" in expected else {}),
    }


def _text(golden: dict[str, Any]) -> str:
    """JSON with one vector on a line, so that a change shows as the vectors that it changes."""
    head = {key: value for key, value in golden.items() if key != "vectors"}
    lines = [f"  {_compact(name)}: {_compact(outcome)}" for name, outcome in golden["vectors"].items()]
    top = [f" {_compact(key)}: {_compact(value)}," for key, value in head.items()]
    return "\n".join(["{", *top, ' "vectors": {', ",\n".join(lines), " }", "}"]) + "\n"


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))


def main() -> None:
    """Write, as the arguments say."""
    parser = argparse.ArgumentParser(description="The conformance vectors, and what the Python package makes of them.")
    parser.add_argument("out", type=Path, nargs="?", help="an empty folder, or one that is not there yet")
    parser.add_argument(
        "--recordings",
        type=Path,
        default=os.environ.get("ECG_DATA"),
        help="a folder of real recordings, each database in its publisher's layout; ECG_DATA where not given",
    )
    parser.add_argument("--golden", action="store_true", help="write golden.json instead")
    arguments = parser.parse_args()
    if arguments.golden:
        with tempfile.TemporaryDirectory() as folder:
            GOLDEN.write_text(_text(golden(write(Path(folder), made()))), encoding="utf-8")
        return
    if arguments.out is None:
        parser.error("name a folder for the vectors, or give --golden")
    if arguments.out.exists() and any(arguments.out.iterdir()):
        parser.error(f"{arguments.out} holds something already")
    real = recordings.vectors(Path(arguments.recordings)) if arguments.recordings else ()
    entries = write(arguments.out, [*made(), *real])
    print(f"{len(entries)} vectors in {arguments.out}")


if __name__ == "__main__":
    main()
