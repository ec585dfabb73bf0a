/** Window -> probabilities, through LiteRT.js. The only file that knows the interpreter. As `ecglite.edge.model`. */
import { type CompiledModel, loadAndCompile, loadLiteRt, Tensor } from "@litertjs/core";
import type { Bundle, Manifest } from "./bundle";
import { EcgliteError } from "./errors";
import { LEADS } from "./record";
import { N_SAMPLES, type Window } from "./windows";
import { words } from "./words";

/** Of the package's four builds the one that runs on every phone with SIMD: it needs neither relaxed SIMD nor threads. */
const LOADER = "litert_wasm_compat_internal.js";

/** A bundle's model, ready to run: one window at a time. */
export class Model {
  readonly manifest: Manifest;
  readonly #compiled: CompiledModel;
  readonly #input = new Float32Array(N_SAMPLES * LEADS.length);

  private constructor(manifest: Manifest, compiled: CompiledModel) {
    this.manifest = manifest;
    this.#compiled = compiled;
  }

  /**
   * Compiles a bundle's model; in a worker, and once.
   *
   * @param wasm - address of the folder with LiteRT's build, with a slash at the end.
   * @throws EcgliteError - BundleError: the file is no model, or its input and output are not what the manifest says.
   */
  static async load({ manifest, model }: Bundle, wasm: string): Promise<Model> {
    liteRt ??= startLiteRt(wasm);
    await liteRt.catch((error: unknown) => {
      liteRt = undefined;
      throw new EcgliteError("BundleError", words("the interpreter does not start: {why}", { why: String(error) }), {
        todo: words("connect once to where the app came from, and load it again"),
      });
    });
    const compiled = await loadAndCompile(model, { accelerator: "wasm" }).catch((error: unknown) => {
      const came = words("{file} is no model: {why}", { file: manifest.modelFile, why: String(error) });
      throw new EcgliteError("BundleError", came);
    });
    const tensors = [...compiled.getInputDetails(), ...compiled.getOutputDetails()];
    const found = tensors.map(({ dtype, shape }) => `${dtype} [${[...shape].join(", ")}]`);
    const wanted = [`float32 [1, ${N_SAMPLES}, ${LEADS.length}]`, `float32 [1, ${manifest.labels.length}]`];
    if (found.join() !== wanted.join()) {
      throw new EcgliteError("BundleError", words("a model with the tensors {found}", { found }), {
        allowed: words("the tensors {wanted}", { wanted }),
      });
    }
    return new Model(manifest, compiled);
  }

  /** The probability of each label of the manifest: float32, summing to one. */
  async probabilities({ signalMv }: Window): Promise<Float32Array> {
    for (const [k, lead] of signalMv.entries()) {
      for (let n = 0; n < N_SAMPLES; n++) this.#input[n * LEADS.length + k] = lead[n] as number;
    }
    // tensors live in the memory of the wasm module, which no collector frees
    const input = new Tensor(this.#input, [1, N_SAMPLES, LEADS.length]);
    const outputs = await this.#compiled.run(input).finally(() => input.delete());
    const result = (outputs[0] as Tensor).toTypedArray() as Float32Array;
    for (const output of outputs) output.delete();
    if (!result.every(Number.isFinite)) {
      const places = { model: this.manifest.name, values: [...result].map(String) };
      throw new EcgliteError("BundleError", words("model {model} gave {values}", places), {
        allowed: words("finite probabilities"),
      });
    }
    return result;
  }
}

let liteRt: Promise<unknown> | undefined;
let factory: unknown;

/**
 * Loads LiteRT into a module worker.
 *
 * LiteRT.js runs its loader by `importScripts`, which a module worker refuses. The loader hands out its factory by AMD
 * as well, so it is imported, and LiteRT.js finds the factory where the loader would have put it.
 */
async function startLiteRt(wasm: string): Promise<void> {
  const define = (_needs: unknown, make: () => unknown) => {
    factory = make();
  };
  Object.assign(globalThis, { define: Object.assign(define, { amd: true }), importScripts: () => undefined });
  // LiteRT.js wakes the GPU for any model, and warns where there is none; this one runs on the processor
  const adapter = { limits: {}, features: new Set(), requestDevice: async () => null };
  Object.defineProperty(navigator, "gpu", { value: { requestAdapter: async () => adapter }, configurable: true });
  await import(/* @vite-ignore */ wasm + LOADER); // runs once, so that a second start has the factory of the first
  // of emscripten: where its wasm file is, and that it tells the console nothing
  const module = { locateFile: (file: string) => wasm + file, print: () => undefined, printErr: () => undefined };
  Object.assign(globalThis, { ModuleFactory: factory, Module: module });
  await loadLiteRt(wasm + LOADER);
}
