"""The file for microcontrollers -> what a firmware takes in: a C header, the conditioning in C, a README."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from ecglite.edge.record import LEADS
from ecglite.lab import conditioning, micro
from ecglite.lab.prepare import N_TIME, RATE_HZ

MODEL: Final = "micro.tflite"
HEADER: Final = "ecglite_model.h"
CONDITIONING: Final = "ecglite_conditioning.h"
README: Final = "MICRO.md"


def write(made: micro.Micro, folder: Path, *, title: str, labels: Sequence[str], names: Mapping[str, str],
          abstain_below: float, figures: Mapping[str, str]) -> None:  # fmt: skip
    """The file, its two headers and its README into a folder.

    Args:
        made: what `convert` returned.
        folder: an existing one.
        title: name and version.
        labels: of the outputs, in order.
        names: of the labels, in words.
        abstain_below: the least probability that bears a finding.
        figures: rows of the README's table.
    """
    (folder / MODEL).write_bytes(made.model)
    (folder / HEADER).write_text(header(made, title, labels, names, abstain_below), encoding="utf-8")
    code = Path(__file__).with_name("conditioning.h").read_text(encoding="utf-8")
    (folder / CONDITIONING).write_text(code, encoding="utf-8")
    (folder / README).write_text(readme(made, title, labels, figures), encoding="utf-8")


def header(made: micro.Micro, title: str, labels: Sequence[str], names: Mapping[str, str], abstain_below: float) -> str:
    """The C and C++ header: the file as an array, and every constant that its caller needs."""
    taps = ", ".join(f"{_real(tap)}" for tap in conditioning.decimation_taps())
    numbers = {
        "N_SAMPLES": (N_TIME, f"{N_TIME / RATE_HZ:g} s"),
        "N_LEADS": (len(LEADS), " ".join(LEADS)),
        "RATE_HZ": (int(RATE_HZ), ""),
        "N_LABELS": (len(labels), ""),
        "INPUT_SCALE": (_real(made.input.scale), "standard deviations of the lead: value = scale * (q - zero point)"),
        "INPUT_ZERO_POINT": (f"({made.input.zero_point})", ""),
        "OUTPUT_SCALE": (_real(made.output.scale), "probability = scale * (q - zero point)"),
        "OUTPUT_ZERO_POINT": (f"({made.output.zero_point})", ""),
        "ABSTAIN_BELOW": (_real(abstain_below), "withhold the rhythm where no probability reaches this"),
        "ARENA_BYTES": (made.arena_bytes, "measured with reference kernels and 64-bit pointers"),
        "N_OPERATIONS": (len(made.operations), ", ".join(made.operations)),
        "MODEL_BYTES": (len(made.model), ""),
        "CLIP": (_real(conditioning.CLIP), "standard deviations"),
        "FLOOR_MV": (_real(conditioning.FLOOR_MV), "below it a lead is silence"),
        "BASELINE_HALF": (conditioning.baseline_taps(RATE_HZ) // 2, "samples on each side of the moving mean"),
        "DECIMATION": (conditioning.DECIMATION, ""),
        "N_TAPS": (len(conditioning.decimation_taps()), ""),
    }
    defines = "\n".join(
        f"#define ECGLITE_{name} {value}" + (f" /* {note} */" if note else "")
        for name, (value, note) in numbers.items()
    )
    table = "\n".join(f'    {{"{label}", "{names[label]}"}},' for label in labels)
    content = textwrap.fill(", ".join(map(str, made.model)), 112, initial_indent="    ", subsequent_indent="    ")
    calls = " &&\n           ".join(f"resolver.{micro.METHODS[name]}() == 0" for name in made.operations)
    return f"""\
/* {title}: the rhythm of ten seconds of a 12-lead ECG, for TensorFlow Lite Micro. Made by ecglite export.
   Not a medical device. Include it in one source file: the arrays are static. */
#ifndef ECGLITE_MODEL_H
#define ECGLITE_MODEL_H

{defines}

#ifdef __cplusplus
#define ECGLITE_ALIGNED alignas(16)
#else
#define ECGLITE_ALIGNED _Alignas(16)
#endif

/* The low-pass of the decimation from {int(RATE_HZ) * conditioning.DECIMATION} Hz. */
static const float ecglite_taps[ECGLITE_N_TAPS] = {{
{textwrap.fill(taps, 112, initial_indent="    ", subsequent_indent="    ")}}};

/* Of the outputs, in order: abbreviation and name. */
static const struct {{
    const char *abbreviation, *name;
}} ecglite_labels[ECGLITE_N_LABELS] = {{
{table}
}};

/* {MODEL} */
ECGLITE_ALIGNED static const unsigned char ecglite_model[ECGLITE_MODEL_BYTES] = {{
{content}}};

#ifdef __cplusplus
/* Registers the operations of the model with a tflite::MicroMutableOpResolver<ECGLITE_N_OPERATIONS>. */
template <typename Resolver>
bool ecglite_register(Resolver &resolver) {{
    return {calls};
}}
#endif

#endif
"""


def readme(made: micro.Micro, title: str, labels: Sequence[str], figures: Mapping[str, str]) -> str:
    """How a firmware takes the model in, as Markdown."""
    operations = ", ".join(f"{name} x {n}" if n > 1 else name for name, n in made.operations.items())
    rows = {
        "file": f"`{MODEL}`, {len(made.model):,} bytes; the same bytes in `{HEADER}`",
        "arena": f"{made.arena_bytes:,} bytes with TFLM's reference kernels and 64-bit pointers",
        "multiply-accumulates": f"{made.macs:,} for ten seconds",
        "operations": operations,
        "input": f"int8 [1, {N_TIME}, {len(LEADS)}]: {RATE_HZ:g} Hz, leads {' '.join(LEADS)}",
        "output": f"int8 [1, {len(labels)}]: probabilities of {' '.join(labels)}",
        **figures,
    }
    table = "\n".join(f"| {name} | {value} |" for name, value in rows.items())
    return f"""\
# {title} on a microcontroller

Names the rhythm of ten seconds of a 12-lead ECG with TensorFlow Lite Micro (TFLM). **Not a medical device**: for
research and teaching, never for the care of a patient.

| | |
|---|---|
{table}

## What the caller does

The model begins behind the conditioning. `{CONDITIONING}` has all of it, in C, without allocation:

1. Samples at 100 Hz, low-passed at 42 Hz. From 500 Hz: `ecglite_decimate`, one sample of all leads at a time. It is
   20 samples behind: ten seconds give 996 rows, and the last four come when the last sample is given 20 times more, or
   when the recording goes on. An absent lead is zeros.
2. `ecglite_condition`: takes the moving mean of one second off each lead, divides it by its standard deviation, clips
   at {conditioning.CLIP:g} of them and quantises. So the model does not hang on gain or offset.

Samples stay int16 until then: 24,000 bytes for ten seconds of twelve leads, beside the arena.

What `ecglite classify` does around a model is not here: it judges the quality of each lead and drops bad ones, averages
the windows of a long recording, and abstains where the heart rate contradicts the rhythm. The card's figures of this
file are with all of that, on a computer; a firmware that has none of it names more of the poor recordings wrongly.

## In a firmware

```cpp
#include "{HEADER}"
#include "{CONDITIONING}"
#include "tensorflow/lite/micro/micro_interpreter.h"
#include "tensorflow/lite/micro/micro_mutable_op_resolver.h"
#include "tensorflow/lite/schema/schema_generated.h"

alignas(16) static uint8_t arena[ECGLITE_ARENA_BYTES];

// The index of the rhythm in ecglite_labels, or -1 where the model abstains or fails.
int rhythm(const int16_t samples[ECGLITE_N_SAMPLES][ECGLITE_N_LEADS], float mv_per_unit) {{
    static tflite::MicroMutableOpResolver<ECGLITE_N_OPERATIONS> resolver;
    static const bool registered = ecglite_register(resolver);
    static tflite::MicroInterpreter interpreter(tflite::GetModel(ecglite_model), resolver, arena, sizeof arena);
    static const bool ready = registered && interpreter.AllocateTensors() == kTfLiteOk;
    if (!ready) return -1;
    ecglite_condition(samples, mv_per_unit, interpreter.input(0)->data.int8);
    if (interpreter.Invoke() != kTfLiteOk) return -1;
    const int8_t *said = interpreter.output(0)->data.int8;
    int best = 0;
    for (int k = 1; k < ECGLITE_N_LABELS; ++k) best = said[k] > said[best] ? k : best;
    const float probability = ECGLITE_OUTPUT_SCALE * (said[best] - ECGLITE_OUTPUT_ZERO_POINT);
    return probability < ECGLITE_ABSTAIN_BELOW ? -1 : best;
}}
```

The input shares its place with what comes later: fill it before every `Invoke`. On a 32-bit processor TFLM's own
tables are smaller than measured; optimised kernels (CMSIS-NN) may ask for a little on top, and
`interpreter.arena_used_bytes()` says what it came to.
"""


def _real(value: float) -> str:
    """A float32 as C reads it back."""
    text = str(np.float32(value))
    return f"{text}f" if "." in text or "e" in text else f"{text}.0f"
