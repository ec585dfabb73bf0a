"""The file for microcontrollers: what TensorFlow Lite Micro, gcc and LiteRT make of it, beside the float network."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch
from click.testing import CliRunner
from layouts import write_ptb_xl
from torch.utils.flop_counter import FlopCounterMode

from ecglite.cli import cli
from ecglite.edge.bundle import MANIFEST, Bundle, load_bundle
from ecglite.edge.errors import BundleError, LabError
from ecglite.edge.record import LEADS, Record
from ecglite.lab import conditioning, export, firmware, micro, recipe, ship, tflm, training
from ecglite.lab.conditioning import Condition
from ecglite.lab.models import network_of
from ecglite.lab.prepare import decimated
from ecglite.simulator import simulate

ROOT = Path(__file__).parents[2]
RECIPE = """
name = "tiny-micro"
version = "0.0.1"
labels = ["SB", "SR", "AFIB", "ST"]
seed = 3

[network]
stem = 8
stem_kernel = 11
stem_stride = 5
blocks = [[16, 2, 1], [16, 1, 1], [24, 2, 1], [24, 1, 2]]
kernel = 9
padless = true
pool = "mean-deviation"

[training]
epochs = 6
batch_size = 8

[export]
calibration_records = 24
"""
STATEMENTS = (("{'SBRAD': 0.0}", "SB"), ("{'SR': 0.0}", "SR"), ("{'AFIB': 0.0}", "AFIB"), ("{'STACH': 0.0}", "ST"))

with_tflm = pytest.mark.skipif(not tflm.is_installed(), reason="tflite-micro is not installed")
with_gcc = pytest.mark.skipif(not (shutil.which("gcc") and shutil.which("g++")), reason="gcc is not installed")


def conditioned(records: list[Record]) -> npt.NDArray[np.float32]:
    """[n, 1000, 12], by the modules that train the network."""
    x = torch.from_numpy(np.stack([decimated(record) for record in records]))[:, :, None, :].float()
    return np.ascontiguousarray(Condition()(x)[:, :, 0].transpose(1, 2).numpy())


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained run, its bundle, and in it the file for microcontrollers."""
    if not tflm.is_installed():
        pytest.skip("tflite-micro is not installed")
    place = tmp_path_factory.mktemp("micro")
    write_ptb_xl(place / "data/ptb-xl", [STATEMENTS[(k // 10 + k) % 4] for k in range(80)])
    (place / "tiny.toml").write_text(RECIPE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ECGLITE_CACHE", str(place / "cache"))
        patch.setenv("ECG_DATA", str(place / "data"))
        patch.setattr(ship, "MAX_LOST_ACCURACY", 1.0)  # one record of eight is more than what may be lost

        def ecglite(*words: object) -> str:
            result = CliRunner().invoke(cli, [str(word) for word in words], catch_exceptions=False)
            assert result.exit_code == 0, result.output
            return result.stdout

        ecglite("train", place / "tiny.toml", "--runs", place)
        [folder] = place.glob("tiny-micro-*")
        ecglite("export", folder)
        said = ecglite("export", folder, "--target", "micro")
        assert re.search(r"micro\.tflite: [\d,]+ bytes, arena [\d,]+ bytes", said)
    return folder


@pytest.fixture(scope="module")
def bundle(run: Path) -> Bundle:
    return load_bundle(run / "bundle")


@pytest.fixture(scope="module")
def windows() -> npt.NDArray[np.float32]:
    """Records that nothing was fitted or calibrated on; among them lost leads, silence and both ends of the range."""
    records = [simulate(rhythm, seed=70 + k) for rhythm in ("SB", "SR", "AFIB", "ST") for k in range(3)]
    x = conditioned(records)
    x[1, :, 2:] = 0
    x[2] = 0
    x[3], x[4] = conditioning.CLIP, -conditioning.CLIP
    return x


def test_the_manifest_names_both_files(bundle: Bundle) -> None:
    assert bundle.manifest.model_file == "model.tflite"
    named = bundle.manifest.micro
    assert named is not None
    assert named.model_file == firmware.MODEL
    assert bundle.micro == (bundle.folder / firmware.MODEL).read_bytes()
    assert named.size_bytes == len(bundle.micro)
    assert named.recipe["name"] == "tiny-micro"
    assert named.trained_on["sha256"] == bundle.manifest.trained_on["sha256"]
    assert named.made_with["tflite-micro"]


def test_litert_and_tflm_give_the_same(bundle: Bundle, windows: npt.NDArray[np.float32]) -> None:
    assert bundle.micro is not None
    source, _ = micro.quantisation_of(bundle.micro)
    inputs = source.quantised(windows)
    of_tflm = tflm.run(bundle.micro, inputs)
    assert len({row.tobytes() for row in of_tflm.outputs}) >= 8  # else the comparison would be of constants
    for reference, steps in ((True, micro.PARITY), (False, 8)):  # the fast kernels round otherwise
        difference = export.run(bundle.micro, inputs, reference=reference).astype(int) - of_tflm.outputs
        assert np.abs(difference).max() <= steps
    assert bundle.manifest.micro is not None
    assert of_tflm.arena_bytes == bundle.manifest.micro.arena_bytes
    micro.refuse_different(of_tflm.outputs, of_tflm.outputs)
    with pytest.raises(LabError, match="differs from LiteRT by 2 steps"):
        micro.refuse_different(np.array([[5, 7]], np.int8), np.array([[5, 9]], np.int8))


def test_it_says_what_the_trained_network_says(
    run: Path, bundle: Bundle, windows: npt.NDArray[np.float32], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECGLITE_CACHE", str(run.parent / "cache"))
    assert bundle.micro is not None
    _, network, _ = training.load_run(run)
    real = np.delete(windows, [2, 3, 4], axis=0)  # what no recorder gives was in no calibration
    x = torch.from_numpy(real.transpose(0, 2, 1)[:, :, None, :].copy())
    with torch.inference_mode():
        logits = network(x)
    source, sink = micro.quantisation_of(bundle.micro)
    said = sink.value(export.run(bundle.micro, source.quantised(real), reference=True))
    np.testing.assert_allclose(said.sum(axis=1), 1, atol=0.02)
    # the calibrating temperature is the only thing between them, and it keeps the order
    nearest = min(
        float(np.abs(torch.softmax(logits / t, dim=1).numpy() - said).max()) for t in np.geomspace(0.2, 5, 400)
    )
    assert nearest < 0.06


def test_shapes_are_static_and_operations_known(bundle: Bundle) -> None:
    from ai_edge_litert.interpreter import Interpreter

    assert bundle.micro is not None
    interpreter = Interpreter(model_content=bundle.micro)
    [source], [sink] = interpreter.get_input_details(), interpreter.get_output_details()
    assert (source["shape"].tolist(), source["dtype"]) == ([1, 1000, 12], np.int8)
    assert (sink["shape"].tolist(), sink["dtype"]) == ([1, 4], np.int8)
    assert -1 not in [n for tensor in interpreter.get_tensor_details() for n in tensor["shape_signature"]]
    found = export.operations(bundle.micro)
    assert found.keys() <= micro.METHODS.keys()
    assert not found.keys() & {"QUANTIZE", "DEQUANTIZE", "PAD", "TRANSPOSE"}


MAIN = r"""
#include <stdio.h>
#include <string.h>
#include "ecglite_conditioning.h"

static int16_t samples[ECGLITE_N_SAMPLES][ECGLITE_N_LEADS];
static int8_t input[ECGLITE_N_SAMPLES * ECGLITE_N_LEADS];

#ifdef __cplusplus
struct Resolver {
#define METHOD(name) int name() { puts(#name); return 0; }
METHODS
};
#endif

int main(int argc, char **argv) {
    (void)argc;
    if (!strcmp(argv[1], "model")) fwrite(ecglite_model, 1, ECGLITE_MODEL_BYTES, stdout);
    if (!strcmp(argv[1], "numbers")) {
        printf("%.9g %d %.9g %d %d %d %.9g\n", (double)ECGLITE_INPUT_SCALE, ECGLITE_INPUT_ZERO_POINT,
               (double)ECGLITE_OUTPUT_SCALE, ECGLITE_OUTPUT_ZERO_POINT, ECGLITE_ARENA_BYTES,
               (int)((uintptr_t)ecglite_model % 16), (double)ECGLITE_ABSTAIN_BELOW);
        for (int k = 0; k < ECGLITE_N_LABELS; ++k)
            printf("%s,%s\n", ecglite_labels[k].abbreviation, ecglite_labels[k].name);
    }
    if (!strcmp(argv[1], "condition")) {
        if (fread(samples, sizeof samples, 1, stdin) != 1) return 1;
        ecglite_condition((const int16_t(*)[ECGLITE_N_LEADS])samples, 0.005f, input);
        fwrite(input, sizeof input, 1, stdout);
    }
    if (!strcmp(argv[1], "decimate")) {
        static ecglite_decimator d;
        int16_t in[ECGLITE_N_LEADS], out[ECGLITE_N_LEADS];
        while (fread(in, sizeof in, 1, stdin) == 1)
            if (ecglite_decimate(&d, in, out)) fwrite(out, sizeof out, 1, stdout);
    }
#ifdef __cplusplus
    if (!strcmp(argv[1], "register")) {
        Resolver resolver;
        printf("%d\n", ecglite_register(resolver) ? ECGLITE_N_OPERATIONS : -1);
    }
#endif
    return 0;
}
"""


@pytest.fixture(scope="module", params=["c", "c++"])
def program(request: pytest.FixtureRequest, bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The headers, compiled with every warning an error."""
    if not (shutil.which("gcc") and shutil.which("g++")):
        pytest.skip("gcc is not installed")
    folder = tmp_path_factory.mktemp("program")
    compiler = ["gcc", "-std=c11"] if request.param == "c" else ["g++", "-std=c++17"]
    source = folder / ("main.c" if request.param == "c" else "main.cc")
    built = str(folder / source.name.replace(".", "-"))
    source.write_text(MAIN.replace("METHODS", " ".join(f"METHOD({name})" for name in set(micro.METHODS.values()))))
    flags = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror", "-O2", f"-I{bundle.folder}"]
    done = subprocess.run(
        [*compiler, *flags, str(source), "-o", built, "-lm"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [built]


def asked(program: list[str], what: str, given: bytes = b"") -> bytes:
    return subprocess.run([*program, what], input=given, capture_output=True, check=True).stdout


def test_the_header_holds_the_file(program: list[str], bundle: Bundle) -> None:
    assert bundle.micro is not None
    assert asked(program, "model") == bundle.micro


def test_the_header_holds_the_numbers(program: list[str], bundle: Bundle) -> None:
    from ai_edge_litert.interpreter import Interpreter

    first, *labels = asked(program, "numbers").decode().splitlines()
    values = [float(word) for word in first.split()]
    interpreter = Interpreter(model_content=bundle.micro)
    wanted = [*interpreter.get_input_details()[0]["quantization"], *interpreter.get_output_details()[0]["quantization"]]
    assert bundle.manifest.micro is not None
    wanted += [bundle.manifest.micro.arena_bytes, 0, bundle.manifest.micro.abstain_below]
    assert values == pytest.approx(wanted, rel=1e-7)
    assert labels[0] == "SB,Sinus bradycardia"
    assert tuple(line.split(",")[0] for line in labels) == bundle.manifest.labels


def test_the_conditioning_in_c_is_that_of_the_graph(program: list[str], bundle: Bundle) -> None:
    record = simulate("AFIB", seed=8)
    low = decimated(record).astype(np.float32).T  # [1000, 12]
    units = np.round(low / 0.005 + np.linspace(-900, 900, 12)).astype("<i2")  # an offset on each lead
    units[:, 7] = 0  # an absent lead
    units[300, 4] += 9000  # a spike beyond the clip
    assert bundle.micro is not None
    source, _ = micro.quantisation_of(bundle.micro)
    x = torch.from_numpy(units.T.astype(np.float32) * 0.005)[None, :, None, :]
    wanted = source.quantised(Condition()(x)[0, :, 0].T.numpy())
    got = np.frombuffer(asked(program, "condition", units.tobytes()), np.int8).reshape(1000, 12)
    assert np.abs(got.astype(int) - wanted).max() <= 1
    assert (got == wanted).mean() > 0.995
    assert (got[:, 7] == source.zero_point).all()
    assert got[300, 4] == source.quantised(np.array([conditioning.CLIP], np.float32))[0]


def test_the_decimation_in_c_is_that_of_the_graph(program: list[str]) -> None:
    record = simulate("SR", seed=8)
    units = np.round(record.signal_mv * 1000).astype("<i2")
    got = np.frombuffer(asked(program, "decimate", units.tobytes()), "<i2").reshape(-1, 12)
    # every fifth sample from the first on, until its 20 samples of the future run out
    assert len(got) == len(range(0, 5000 - 20, 5))
    with torch.inference_mode():
        x = torch.from_numpy(units.T.astype(np.float32))[None, :, None, :]
        mean = x.mean(dim=3)[0, :, 0].numpy()
        wanted = conditioning.Decimate(12)(x)[0, :, 0].numpy().T + mean
    np.testing.assert_allclose(got[4:], wanted[4 : len(got)], atol=0.51)


def test_every_operation_is_registered_once(program: list[str], bundle: Bundle) -> None:
    said = asked(program, "register").decode().split()
    if program[0].endswith("main-c"):
        assert not said  # the resolver is C++
        return
    assert bundle.micro is not None
    found = export.operations(bundle.micro)
    assert sorted(said[:-1]) == sorted(micro.METHODS[name] for name in found)
    assert int(said[-1]) == len(found)


TFLM_HEADERS = {
    "micro_interpreter.h": """
        #include <cstddef>
        #include <cstdint>
        enum TfLiteStatus { kTfLiteOk, kTfLiteError };
        struct TfLiteTensor { union { std::int8_t *int8; } data; };
        namespace tflite {
        struct Model;
        struct MicroOpResolver {};
        struct MicroInterpreter {
            MicroInterpreter(const Model *, const MicroOpResolver &, std::uint8_t *, std::size_t);
            TfLiteStatus AllocateTensors();
            TfLiteStatus Invoke();
            TfLiteTensor *input(std::size_t);
            TfLiteTensor *output(std::size_t);
        };
        }""",
    "micro_mutable_op_resolver.h": """
        namespace tflite {
        template <unsigned int n> struct MicroMutableOpResolver : MicroOpResolver { METHODS };
        }""",
    "schema_generated.h": "namespace tflite { const Model *GetModel(const void *); }",
}
"""The part of TFLM's headers that the README's firmware uses, as its repository declares it."""


@with_gcc
def test_the_firmware_of_the_readme_compiles(bundle: Bundle, tmp_path: Path) -> None:
    methods = " ".join(f"TfLiteStatus {name}();" for name in sorted(set(micro.METHODS.values())))
    for name, text in TFLM_HEADERS.items():
        path = tmp_path / "tensorflow/lite" / ("schema" if "schema" in name else "micro") / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("METHODS", methods))
    readme = (bundle.folder / firmware.README).read_text(encoding="utf-8")
    [code] = re.findall(r"^```cpp\n(.*?)^```$", readme, re.DOTALL | re.MULTILINE)
    (tmp_path / "main.cc").write_text(code)
    done = subprocess.run(
        ["g++", "-std=c++17", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", f"-I{tmp_path}", f"-I{bundle.folder}",
         str(tmp_path / "main.cc")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_what_ships_is_what_is_scored(
    run: Path, bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECGLITE_CACHE", str(run.parent / "cache"))
    copy = Path(shutil.copytree(bundle.folder, tmp_path / "bundle"))
    words = ["evaluate", str(copy), "ptb-xl", "--data", str(run.parent / "data"), "--micro", "--card", "--json"]
    result = json.loads(CliRunner().invoke(cli, words, catch_exceptions=False).stdout)
    assert result["n"] == 8
    assert result["command"].endswith("--micro")
    assert "the file for microcontrollers, run here" in (copy / ship.CARD).read_text()
    # what it is scored with is the file, conditioned as the C does it
    record = simulate("AFIB", seed=8)
    assert bundle.micro is not None
    source, sink = micro.quantisation_of(bundle.micro)
    x = conditioned([record])
    wanted = sink.value(export.run(bundle.micro, source.quantised(x), reference=True)[0])
    np.testing.assert_allclose(micro.OnMicro(bundle).probabilities(record.signal_mv), wanted, atol=0.02)
    # figures of a file that has been replaced are not kept
    manifest = json.loads((copy / MANIFEST).read_text())
    (copy / firmware.MODEL).write_bytes(b"another")
    manifest["micro"]["sha256"] = hashlib.sha256(b"another").hexdigest()
    (copy / MANIFEST).write_text(json.dumps(manifest))
    ship.write_card(copy, {})
    assert "on a microcontroller" not in (copy / ship.CARD).read_text()

    (copy / MANIFEST).write_text(json.dumps(manifest | {"micro": None}))
    with pytest.raises(BundleError, match="has no file for microcontrollers"):
        CliRunner().invoke(cli, words, catch_exceptions=False)


def test_a_damaged_file_is_refused(bundle: Bundle, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(bundle.folder, tmp_path / "bundle"))
    assert load_bundle(copy).micro == bundle.micro
    content = bytearray((copy / firmware.MODEL).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / firmware.MODEL).write_bytes(content)
    with pytest.raises(BundleError, match=r"micro\.tflite has sha256"):
        load_bundle(copy)
    (copy / firmware.MODEL).unlink()
    with pytest.raises(BundleError, match=r"micro\.tflite cannot be read"):
        load_bundle(copy)


def test_other_labels_do_not_join_a_bundle(run: Path, bundle: Bundle, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(bundle.folder, tmp_path / "bundle"))
    manifest = json.loads((copy / MANIFEST).read_text())
    (copy / MANIFEST).write_text(json.dumps(manifest | {"labels": ["SR", "SB", "AFIB", "ST"]}))
    loaded, network, origin = training.load_run(run)
    with pytest.raises(LabError, match="the bundle's labels: SR, SB, AFIB, ST"):
        ship.ship_micro(loaded, network, origin, None, copy)  # type: ignore[arg-type]


@with_tflm
def test_the_recipe_keeps_its_limits() -> None:
    """Bytes, operations and arena do not hang on the weights, so untrained ones show them."""
    of = recipe.load(ROOT / "recipes/micro-rhythm.toml")
    rhythm = recipe.load(ROOT / "recipes/rhythm.toml")
    assert (of.labels, of.data) == (rhythm.labels, rhythm.data)
    torch.manual_seed(0)
    network = network_of(of).eval()
    x = conditioned([simulate(rhythm, seed=3) for rhythm in of.labels])
    made = micro.convert(network, 1.0, x, one_of_many=True)
    assert len(made.model) <= 40_000
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        network(torch.zeros(1, len(LEADS), 1, 1000))
    assert made.macs == counter.get_total_flops() // 2 <= 2_000_000
    assert made.arena_bytes <= 32_000
    assert not made.operations.keys() & {"QUANTIZE", "DEQUANTIZE", "PAD", "TRANSPOSE"}
    # the arithmetic: the input and the stem's output are alive at once, and TFLM's tables come on top
    assert made.arena_bytes > 12_000 + 200 * of.network.stem


@with_tflm
def test_a_network_of_another_kind_is_exported_too() -> None:
    """Odd kernels at stride 2 make a PAD, the standard deviation stays float, statements end in a sigmoid."""
    text = {"name": "old", "version": "1", "task": "ptb-xl-rhythm", "labels": ["AFIB", "SR", "PACE"],
            "network": {"stem": 8, "blocks": [[16, 2, 1]]}}  # fmt: skip
    torch.manual_seed(0)
    network = network_of(recipe.from_mapping(recipe.Recipe, text)).eval()
    x = conditioned([simulate(rhythm, seed=3) for rhythm in ("SR", "AFIB")])
    made = micro.convert(network, 1.0, x, one_of_many=False)
    assert {"PAD", "DEQUANTIZE", "SQRT", "LOGISTIC"} <= made.operations.keys()
    with torch.inference_mode():
        wanted = torch.sigmoid(network(torch.from_numpy(x.transpose(0, 2, 1)[:, :, None].copy()))).numpy()
    np.testing.assert_allclose(made.probabilities(x), wanted, atol=0.03)


@with_tflm
def test_the_input_and_its_reshape_share_a_place(bundle: Bundle) -> None:
    from ai_edge_litert import schema_py_generated as schema

    assert bundle.micro is not None
    parsed = schema.ModelT.InitFromPackedBuf(bundle.micro, 0)
    parsed.metadata = None
    inputs = np.zeros((1, 1000, 12), np.int8)
    apart = tflm.run(export.packed(parsed), inputs)
    assert bundle.manifest.micro is not None
    assert apart.arena_bytes - bundle.manifest.micro.arena_bytes > 9_000


@with_tflm
def test_what_tflm_does_not_run_is_refused() -> None:
    with pytest.raises(LabError, match="TensorFlow Lite Micro does not run the file"):
        tflm.run(b"no model at all, but as long as one may be" * 8, np.zeros((1, 1000, 12), np.int8))


def test_without_tflm_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tflm, "is_installed", lambda: False)
    with pytest.raises(LabError, match="pip install tflite-micro"):
        tflm.run(b"", np.zeros((1, 1000, 12), np.int8))


def test_stripping_changes_no_answer() -> None:
    shipped = load_bundle()
    window = simulate("AFIB", seed=4).signal_mv
    small = export.stripped(shipped.model)
    assert len(small) <= len(shipped.model)  # what ships may be stripped already
    np.testing.assert_array_equal(export.run(small, [window]), export.run(shipped.model, [window]))
