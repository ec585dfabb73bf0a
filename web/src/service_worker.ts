/**
 * Makes the page work with the server gone.
 *
 * A version is a list of files with their hashes, made at the build. It is fetched whole, each file checked against its
 * hash, into a cache of its own, before it takes the old one's place: a page is loaded from one version.
 */
import { leaveShared } from "./shared_files";

declare const self: ServiceWorkerGlobalScope;
/** Path relative to the page -> "sha256-..." as in subresource integrity. Put here by vite.config.ts. */
declare const PRECACHE: Readonly<Record<string, string>>;
/** Of that list. */
declare const VERSION: string;

const PREFIX = "ecglite-page-";
const CACHE = PREFIX + VERSION;
const scope = self.registration.scope;
/** The hash is part of the key, so that a file that is the same in two versions is fetched once. */
const keyOf = (path: string): string => new URL(`${path}?${PRECACHE[path]}`, scope).href;

self.addEventListener("install", (event) => event.waitUntil(fetchAll()));
self.addEventListener("activate", (event) => event.waitUntil(removeOld()));
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (!url.href.startsWith(scope)) return;
  const path = url.href.slice(scope.length).replace(/[?#].*$/, "");
  if (event.request.method === "POST" && path === "share") event.respondWith(takeIn(event.request));
  else if (event.request.method !== "GET") return;
  else if (event.request.mode === "navigate" && path === "") event.respondWith(cached("index.html", event.request));
  else if (Object.hasOwn(PRECACHE, path)) event.respondWith(cached(path, event.request));
});
/** The page asks for it when the person wants the new version. */
self.addEventListener("message", (event) => {
  if (event.data === "activate") self.skipWaiting();
});

async function fetchAll(): Promise<void> {
  const cache = await caches.open(CACHE);
  await Promise.all(
    Object.entries(PRECACHE).map(async ([path, integrity]) => {
      const key = keyOf(path);
      const response =
        (await caches.match(key)) ?? (await fetch(new URL(path, scope), { integrity, cache: "no-cache" }));
      if (!response.ok) throw new Error(`${path}: ${response.status}`);
      await cache.put(key, response);
    }),
  );
}

async function removeOld(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(
    names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name)),
  );
  await self.clients.claim();
}

async function cached(path: string, request: Request): Promise<Response> {
  // The browser may throw caches away when it is short of room.
  return (await (await caches.open(CACHE)).match(keyOf(path))) ?? fetch(request);
}

/**
 * What another app shares arrives as a form, which any website can post too: it is put aside, and the page asks the
 * person about it.
 */
async function takeIn(request: Request): Promise<Response> {
  const left = await request
    .formData()
    .then((form) =>
      leaveShared(form.getAll("files").filter((value) => value instanceof File && value.name !== "") as File[]),
    )
    .then(
      () => "./?shared",
      () => "./?shared=failed",
    );
  return Response.redirect(new URL(left, scope).href, 303);
}
