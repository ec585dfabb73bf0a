/** The development server gives what the page needs and nothing else of the machine. */
import { get } from "node:http";
import { join } from "node:path";
import { createServer, type ViteDevServer } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";

let server: ViteDevServer;

beforeAll(async () => {
  const configFile = join(import.meta.dirname, "../../vite.config.ts");
  const root = join(import.meta.dirname, "../..");
  server = await createServer({ root, configFile, logLevel: "silent", server: { port: 0, host: "127.0.0.1" } });
  await server.listen();
});

afterAll(() => server.close());

const status = (path: string) =>
  new Promise<number | undefined>((resolve, reject) => {
    const { hostname, port } = new URL(server.resolvedUrls?.local[0] ?? "");
    get({ hostname, port, path }, (answer) => resolve(answer.resume().statusCode)).on("error", reject);
  });

test.each([
  "/examples/..%2f..%2fpyproject.toml",
  "/examples/..%2Fpackage.json",
  "/examples/%2e%2e%2f%2e%2e%2fpyproject.toml",
  "/examples/..%5c..%5cpyproject.toml",
  "/examples/%ff",
  "/examples/no_such_example.csv",
  "/examples/",
])("%s is not found, and the server lives on", async (path) => {
  expect(await status(path)).toBe(404);
  expect(await status("/models/rhythm/manifest.json")).toBe(200);
});
