/** The package's own server, with the page that was built into dist/. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

export const DIST = join(import.meta.dirname, "../../dist");

/** Where a page was ever served from in this process. */
export const ORIGINS = new Set<string>();

export interface Server {
  /** With the slash at its end, as the package prints it. */
  readonly address: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** @param port - 0 for any that is free. */
export async function serve(folder = DIST, port = 0): Promise<Server> {
  if (!existsSync(join(folder, "index.html"))) throw new Error(`no page in ${folder}: make it with "npm run build"`);
  const script = join(import.meta.dirname, "serve.py");
  const python = spawn("python", [script, folder, String(port)], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise<void>((resolve) => python.once("close", () => resolve()));
  const address = await new Promise<string>((resolve, reject) => {
    createInterface(python.stdout).once("line", resolve);
    python.once("error", reject);
    python.once("exit", () => reject(new Error("no server: is the ecglite package installed for `python`?")));
  });
  const { origin, port: bound } = new URL(address);
  ORIGINS.add(origin);
  const stop = () => {
    python.stdin.end();
    return ended;
  };
  return { address, port: Number(bound), stop };
}
