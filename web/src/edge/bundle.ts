/** A model bundle: `model.tflite` and the `manifest.json` that says what it is. As `ecglite.edge.bundle`. */
import { EcgliteError } from "./errors";
import { LEADS } from "./record";
import { RHYTHMS } from "./rhythms";
import { N_SAMPLES, RATE_HZ } from "./windows";
import { type Words, words } from "./words";

/** What the app uses of a manifest; where the model came from is in its model card. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  /** Of the .tflite beside the manifest. */
  readonly modelFile: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  /** Abbreviation of each output, in order. */
  readonly labels: readonly string[];
  /** The finding is withheld where the highest probability is below this. */
  readonly abstainBelow: number;
}

/** A bundle in memory, its checksum verified. */
export interface Bundle {
  readonly manifest: Manifest;
  readonly model: Uint8Array<ArrayBuffer>;
}

/** What this version fixes, whether a manifest says it or not: one that says something else is refused. */
const FIXED = { leads: LEADS, sampling_rate_hz: RATE_HZ, n_samples: N_SAMPLES, units: "mV", format: 1, task: "rhythm" };

/**
 * Reads and verifies a bundle.
 *
 * @param folder - its address, with a slash at the end.
 * @throws EcgliteError - BundleError: a file is missing, the manifest is not one, or the model's sha256 is another.
 */
export async function loadBundle(folder: string): Promise<Bundle> {
  const manifest = manifestOf(parsed(new TextDecoder().decode(await bytes(`${folder}manifest.json`))));
  const model = await bytes(folder + manifest.modelFile);
  const found = await sha256(model);
  if (found !== manifest.sha256) {
    throw new EcgliteError(
      "BundleError",
      words("{file} has sha256 {found}...", { file: manifest.modelFile, found: found.slice(0, 16) }),
      {
        allowed: words("the manifest's {sha256}...", { sha256: manifest.sha256.slice(0, 16) }),
        todo: words("the model was changed or damaged: load the app again"),
      },
    );
  }
  return { manifest, model };
}

/** The manifest in a parsed manifest.json, each field checked. */
export function manifestOf(json: unknown): Manifest {
  if (typeof json !== "object" || json === null) {
    throw new EcgliteError("BundleError", words("manifest.json is not a manifest of ecglite"), { todo: LOAD_AGAIN });
  }
  const values = json as { readonly [field: string]: unknown };
  for (const [field, fixed] of Object.entries(FIXED)) {
    if (field in values && JSON.stringify(values[field]) !== JSON.stringify(fixed)) {
      throw wrong(field, values[field], words("{value} in this version of ecglite", { value: JSON.stringify(fixed) }));
    }
  }
  const text = (field: string): string => {
    const value = values[field];
    if (typeof value !== "string" || !value) throw wrong(field, value, words("text"));
    return value;
  };
  const { labels, abstain_below: abstainBelow, size_bytes: sizeBytes } = values;
  const known = Array.isArray(labels) && labels.length > 0 && labels.every((label) => RHYTHMS.has(label));
  if (!known || new Set(labels).size < labels.length) {
    throw wrong("labels", labels, words("each once: {labels}", { labels: [...RHYTHMS.keys()] }));
  }
  if (typeof abstainBelow !== "number" || abstainBelow < 0 || abstainBelow >= 1) {
    throw wrong("abstain_below", abstainBelow, words("0 to below 1"));
  }
  if (typeof sizeBytes !== "number") throw wrong("size_bytes", sizeBytes, words("a number"));
  const modelFile = text("model_file");
  if (!/^[\w.-]+$/.test(modelFile)) throw wrong("model_file", modelFile, words("a plain file name"));
  const [name, version, sha256] = [text("name"), text("version"), text("sha256")];
  return { name, version, modelFile, sha256, sizeBytes, labels, abstainBelow };
}

const LOAD_AGAIN = words("load the app again");

function wrong(field: string, value: unknown, allowed: Words): EcgliteError {
  const came = words("manifest field {field} = {value}", { field, value: JSON.stringify(value) ?? "undefined" });
  return new EcgliteError("BundleError", came, { allowed, todo: LOAD_AGAIN });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new EcgliteError("BundleError", words("manifest.json is not JSON: {why}", { why }), { todo: LOAD_AGAIN });
  }
}

async function bytes(address: string): Promise<Uint8Array<ArrayBuffer>> {
  const file = address.slice(address.lastIndexOf("/") + 1);
  const response = await fetch(address).catch(() => undefined);
  if (response?.ok) return new Uint8Array(await response.arrayBuffer());
  const why = response ? String(response.status) : "";
  throw new EcgliteError(
    "BundleError",
    why ? words("{file} cannot be read: status {why}", { file, why }) : words("{file} cannot be read", { file }),
    { todo: words("connect once to where the app came from, and load it again") },
  );
}

async function sha256(data: Uint8Array<ArrayBuffer>): Promise<string> {
  // browsers have it on https and on the device itself alone
  if (!globalThis.crypto.subtle) {
    throw new EcgliteError("BundleError", words("the model cannot be verified on a page that is not secure"), {
      todo: words("open the app by https, or on the device that serves it"),
    });
  }
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
