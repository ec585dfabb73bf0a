/** What is in the page of others' work: reviewed by hand for the pinned versions, because LiteRT's file has no such list. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** Of which versions this list was made. Look again when one of them changes, then change it here. */
export const REVIEWED: Readonly<Record<string, string>> = {
  "@litertjs/core": "2.5.3",
  "@litertjs/wasm-utils": "2.5.3",
  idb: "8.0.4",
};

export interface Work {
  readonly name: string;
  /** As SPDX spells it; of several that may be chosen from, the one that is. Each has its text beside this file. */
  readonly licence: string;
  /** As the work's own licence file has it; none where that is the licence's text alone. */
  readonly copyright: readonly string[];
  readonly source: string;
  /** Stands in LiteRT's file and shows that the work is in it. None: what names it below is built with it. */
  readonly seen?: string;
}

/** In the page's own scripts. */
export const SCRIPTS: readonly Work[] = [
  {
    name: "LiteRT.js (@litertjs/core, @litertjs/wasm-utils)",
    licence: "Apache-2.0",
    copyright: ["Copyright 2025 Google LLC"],
    source: "github.com/google-ai-edge/LiteRT",
  },
  {
    name: "idb",
    licence: "ISC",
    copyright: ["Copyright (c) 2016, Jake Archibald <jaffathecake@gmail.com>"],
    source: "github.com/jakearchibald/idb",
  },
];

/** In LiteRT's WebAssembly. */
export const INTERPRETER: readonly Work[] = [
  {
    name: "LiteRT",
    licence: "Apache-2.0",
    copyright: ["Copyright 2025 Google LLC"],
    source: "github.com/google-ai-edge/LiteRT",
    seen: "third_party/odml/litert/",
  },
  {
    name: "TensorFlow Lite",
    licence: "Apache-2.0",
    copyright: ["Copyright The TensorFlow Authors. All rights reserved."],
    source: "github.com/tensorflow/tensorflow",
    seen: "third_party/tensorflow/lite/",
  },
  {
    name: "XNNPACK",
    licence: "BSD-3-Clause",
    copyright: ["Copyright (c) Facebook, Inc. and its affiliates. All rights reserved.", "Copyright 2019 Google LLC"],
    source: "github.com/google/XNNPACK",
    seen: "XNNPACK",
  },
  {
    name: "pthreadpool (with XNNPACK)",
    licence: "BSD-2-Clause",
    copyright: [
      "Copyright 2019 Google LLC",
      "Copyright (c) 2017 Facebook Inc.",
      "Copyright (c) 2015-2017 Georgia Institute of Technology",
      "All rights reserved.",
    ],
    source: "github.com/Maratyszcza/pthreadpool",
  },
  {
    name: "cpuinfo (with XNNPACK)",
    licence: "BSD-2-Clause",
    copyright: [
      "Copyright (c) 2019 Google LLC",
      "Copyright (c) 2017-2018 Facebook Inc.",
      "Copyright (C) 2012-2017 Georgia Institute of Technology",
      "Copyright (C) 2010-2012 Marat Dukhan",
      "All rights reserved.",
    ],
    source: "github.com/pytorch/cpuinfo",
  },
  {
    name: "FP16 (with XNNPACK)",
    licence: "MIT",
    copyright: [
      "Copyright (c) 2017 Facebook Inc.",
      "Copyright (c) 2017 Georgia Institute of Technology",
      "Copyright 2019 Google LLC",
    ],
    source: "github.com/Maratyszcza/FP16",
  },
  {
    name: "FXdiv (with XNNPACK)",
    licence: "MIT",
    copyright: ["Copyright (c) 2017 Facebook Inc.", "Copyright (c) 2016-2017 Marat Dukhan"],
    source: "github.com/Maratyszcza/FXdiv",
  },
  {
    name: "Eigen",
    licence: "MPL-2.0",
    copyright: [],
    source: "gitlab.com/libeigen/eigen",
    seen: "EigenForTFLite",
  },
  {
    name: "gemmlowp",
    licence: "Apache-2.0",
    copyright: [],
    source: "github.com/google/gemmlowp",
    seen: "8gemmlowp",
  },
  { name: "ruy", licence: "Apache-2.0", copyright: [], source: "github.com/google/ruy", seen: "third_party/ruy/" },
  {
    name: "Abseil",
    licence: "Apache-2.0",
    copyright: [],
    source: "github.com/abseil/abseil-cpp",
    seen: "third_party/absl/",
  },
  {
    name: "Protocol Buffers",
    licence: "BSD-3-Clause",
    copyright: ["Copyright 2008 Google Inc. All rights reserved."],
    source: "github.com/protocolbuffers/protobuf",
    seen: "third_party/protobuf/",
  },
  {
    name: "TCMalloc",
    licence: "Apache-2.0",
    copyright: [],
    source: "github.com/google/tcmalloc",
    seen: "third_party/tcmalloc",
  },
  {
    name: "FlatBuffers (with TensorFlow Lite)",
    licence: "Apache-2.0",
    copyright: [],
    source: "github.com/google/flatbuffers",
  },
  {
    name: "FarmHash (with TensorFlow Lite)",
    licence: "MIT",
    copyright: ["Copyright (c) 2014 Google, Inc."],
    source: "github.com/google/farmhash",
  },
  {
    name: "FFT2D (with TensorFlow Lite)",
    licence: "LicenseRef-Ooura",
    copyright: ["Copyright(C) 1997,2001 Takuya OOURA (email: ooura@kurims.kyoto-u.ac.jp)."],
    source: "www.kurims.kyoto-u.ac.jp/~ooura/fft.html",
    seen: "rfft2d.cc",
  },
  {
    name: "Emscripten",
    licence: "MIT",
    copyright: ["Copyright (c) 2010-2014 Emscripten authors, see AUTHORS file."],
    source: "github.com/emscripten-core/emscripten",
    seen: "third_party/emscripten",
  },
  {
    name: "musl (with Emscripten)",
    licence: "MIT",
    copyright: ["Copyright © 2005-2020 Rich Felker, et al."],
    source: "musl.libc.org",
  },
  {
    name: "libc++, libc++abi and compiler-rt of LLVM (with Emscripten)",
    licence: "Apache-2.0 WITH LLVM-exception",
    copyright: [],
    source: "github.com/llvm/llvm-project",
  },
];

/** The names of the texts that an expression needs: "Apache-2.0 WITH LLVM-exception" needs two. */
export const textsOf = ({ licence }: Work): readonly string[] => licence.split(" WITH ");

/**
 * All of it as the page carries it: the works, then each licence once.
 *
 * @param installed - the version of a package.
 * @param apache - the text of Apache-2.0, which is ecglite's licence too.
 */
export async function notices(installed: (name: string) => Promise<string>, apache: string): Promise<string> {
  for (const [name, reviewed] of Object.entries(REVIEWED)) {
    const version = await installed(name);
    if (version === reviewed) continue;
    throw new Error(`${name} is ${version}, third_party/index.ts was made for ${reviewed}: review it`);
  }
  const said = ({ name, licence, copyright, source }: Work) =>
    [`${name}: ${licence}`, ...copyright, source].map((line, at) => (at ? `  ${line}` : line)).join("\n");
  const needed = [...new Set([...SCRIPTS, ...INTERPRETER].flatMap(textsOf))].sort();
  const texts = needed.map(async (name) => {
    const text = name === "Apache-2.0" ? apache : await readFile(join(import.meta.dirname, `${name}.txt`), "utf8");
    return `${name}\n\n${text.replace(/^\n+|\s+$/g, "")}\n`;
  });
  return [
    "This page holds the work of others, each under the licence named with it. The licences follow once each.\n" +
      "ecglite itself is under Apache-2.0.\n",
    ["In the scripts", ...SCRIPTS.map(said)].join("\n\n").concat("\n"),
    [
      `In the interpreter, wasm/, of LiteRT.js ${REVIEWED["@litertjs/core"]}, which states its own licence only: what its file\n` +
        "shows to be in it, and what those works are built with",
      ...INTERPRETER.map(said),
    ]
      .join("\n\n")
      .concat("\n"),
    ...(await Promise.all(texts)),
  ].join(`\n${"-".repeat(80)}\n\n`);
}
