/** What the page says of others' work is what is in it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { INTERPRETER, notices, REVIEWED, SCRIPTS, textsOf } from "../../third_party";

const WEB = join(import.meta.dirname, "../..");
const APACHE = readFileSync(join(WEB, "../LICENSE"), "utf8");
const reviewed = async (name: string) => REVIEWED[name] ?? "";

test("every package that the page is built of was reviewed at its version", () => {
  const { packages } = JSON.parse(readFileSync(join(WEB, "package-lock.json"), "utf8"));
  const shipped = Object.entries(packages as Record<string, { version: string; dev?: boolean }>)
    .filter(([path, { dev }]) => path && !dev)
    .map(([path, { version }]) => [path.replace("node_modules/", ""), version]);
  expect(Object.fromEntries(shipped)).toEqual(REVIEWED);
});

test("another version has to be reviewed", async () => {
  const newer = async (name: string) => (name === "@litertjs/core" ? "2.6.0" : reviewed(name));
  await expect(notices(newer, APACHE)).rejects.toThrow("@litertjs/core is 2.6.0");
});

test("what is said to be seen in LiteRT's file stands there", () => {
  const wasm = readFileSync(join(WEB, "node_modules/@litertjs/core/wasm/litert_wasm_compat_internal.wasm"));
  expect(INTERPRETER.filter(({ seen }) => seen && !wasm.includes(seen))).toEqual([]);
});

test("each work is named with its copyright, and each licence stands there once", async () => {
  const text = await notices(reviewed, APACHE);
  for (const work of [...SCRIPTS, ...INTERPRETER]) {
    for (const line of [`${work.name}: ${work.licence}`, ...work.copyright, work.source]) expect(text).toContain(line);
    for (const name of textsOf(work)) expect(text.split(`\n\n${name}\n\n`)).toHaveLength(2);
  }
  expect(text).toContain("TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION");
});
