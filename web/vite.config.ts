/**
 * Builds the page into dist/: relative addresses, so that it is served from any folder.
 *
 * ECGLITE_MODEL     the bundle that the page carries; else the one that ships with the package
 * ECGLITE_EXAMPLES  the simulated recordings with their index.json; else .examples here
 */
import { createHash } from "node:crypto";
import { cp, glob, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { build, defineConfig, type Plugin, type ResolvedConfig } from "vite";
import { notices } from "./third_party";

const ROOT = import.meta.dirname;
const MODEL = resolve(process.env.ECGLITE_MODEL ?? join(ROOT, "../src/ecglite/models/rhythm"));
const EXAMPLES = resolve(process.env.ECGLITE_EXAMPLES ?? join(ROOT, ".examples"));
const WASM = join(ROOT, "node_modules/@litertjs/core/wasm");

/** Of LiteRT's builds of itself the one that src/edge/model.ts loads. */
const WASM_FILES = ["litert_wasm_compat_internal.js", "litert_wasm_compat_internal.wasm"];
const BUNDLE_FILES = ["manifest.json", "model.tflite", "MODEL_CARD.md"];
/** All that the page fetches before it works offline, gzipped. */
const MAX_FIRST_LOAD = 4_000_000;

export default defineConfig({
  base: "./",
  plugins: [assets(), offline()],
  build: { target: "es2022", assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  worker: { format: "es" },
});

/** Puts model, examples, wasm and licences beside the page; in development, serves them from where they are. */
function assets(): Plugin {
  const sources = new Map<string, string>([
    ...WASM_FILES.map((name) => [`wasm/${name}`, join(WASM, name)] as const),
    ...BUNDLE_FILES.map((name) => [`models/rhythm/${name}`, join(MODEL, name)] as const),
  ]);
  return {
    name: "ecglite-assets",
    configureServer(server) {
      server.middlewares.use(async (request, response, next) => {
        const path = new URL(request.url ?? "/", "http://localhost").pathname.slice(1);
        const example = /^examples\/([\w.-]+)$/.exec(path)?.[1]; // a name, and no way out of the folder
        const source = example ? join(EXAMPLES, example) : sources.get(path);
        if (!source) return path.startsWith("examples/") ? refuse(response) : next();
        try {
          const content = await readFile(source);
          if (path.endsWith(".js")) response.setHeader("Content-Type", "text/javascript");
          if (path.endsWith(".wasm")) response.setHeader("Content-Type", "application/wasm");
          response.end(content);
        } catch {
          refuse(response);
        }
      });
    },
    transformIndexHtml(html, { server }) {
      // In development Vite puts styles into the page itself.
      return server ? html.replace("default-src 'self'", "$&; style-src 'self' 'unsafe-inline'") : html;
    },
    async writeBundle({ dir = join(ROOT, "dist") }) {
      for (const [path, source] of sources) {
        await mkdir(join(dir, path, ".."), { recursive: true });
        await cp(source, join(dir, path));
      }
      await cp(EXAMPLES, join(dir, "examples"), { recursive: true });
      await writeFile(
        join(dir, "licenses.txt"),
        await notices(versionOf, await readFile(join(ROOT, "../LICENSE"), "utf8")),
      );
    },
  };
}

function refuse(response: ServerResponse): void {
  response.statusCode = 404;
  response.end();
}

const versionOf = async (name: string): Promise<string> =>
  JSON.parse(await readFile(join(ROOT, "node_modules", name, "package.json"), "utf8")).version;

/** Lists the files of the page with their hashes for the service worker, builds that, and holds the page to its size. */
function offline(): Plugin {
  let config: ResolvedConfig;
  return {
    name: "ecglite-offline",
    apply: "build",
    async buildStart() {
      if (!(await stat(join(EXAMPLES, "index.json")).catch(() => undefined))) {
        this.error(`no examples in ${EXAMPLES}: make them with "python -m ecglite.app.examples ${EXAMPLES}"`);
      }
    },
    configResolved(resolved) {
      config = resolved;
    },
    closeBundle: {
      sequential: true,
      order: "post",
      async handler() {
        const dist = resolve(config.root, config.build.outDir);
        const precache: Record<string, string> = {};
        const sizes: [path: string, gzipped: number][] = [];
        for (const path of await files(dist)) {
          const content = await readFile(join(dist, path));
          precache[path] = `sha256-${createHash("sha256").update(content).digest("base64")}`;
          sizes.push([path, gzipSync(content).length]);
        }
        const version = createHash("sha256").update(JSON.stringify(precache)).digest("hex").slice(0, 16);
        await build({
          configFile: false,
          logLevel: "warn",
          define: { PRECACHE: JSON.stringify(precache), VERSION: JSON.stringify(version) },
          publicDir: false,
          build: {
            outDir: dist,
            emptyOutDir: false,
            lib: {
              entry: join(ROOT, "src/service_worker.ts"),
              formats: ["iife"],
              name: "worker",
              fileName: () => "service_worker.js",
            },
          },
        });
        const total = sizes.reduce((sum, [, size]) => sum + size, 0);
        for (const [path, size] of sizes.sort(([, a], [, b]) => b - a).slice(0, 8)) {
          config.logger.info(`${(size / 1000).toFixed(1).padStart(9)} kB gzipped  ${path}`);
        }
        config.logger.info(
          `${(total / 1000).toFixed(1).padStart(9)} kB gzipped  in all, of ${MAX_FIRST_LOAD / 1000} allowed`,
        );
        if (total > MAX_FIRST_LOAD) throw new Error("the first load is over its limit");
      },
    },
  };
}

async function files(dist: string): Promise<string[]> {
  const found: string[] = [];
  for await (const path of glob("**/*", { cwd: dist })) {
    if ((await stat(join(dist, path))).isFile() && path !== "service_worker.js") found.push(path);
  }
  return found.sort();
}
