/** Files that another app has shared with this one: the service worker leaves them here, and the page takes them. */

const CACHE = "ecglite-shared";
const NAME = "X-File-Name";

export async function leaveShared(files: readonly File[]): Promise<void> {
  await caches.delete(CACHE);
  const cache = await caches.open(CACHE);
  await Promise.all(
    files.map((file, k) =>
      cache.put(`./shared/${k}`, new Response(file, { headers: { [NAME]: encodeURIComponent(file.name) } })),
    ),
  );
}

/** Each file once: what is taken is gone. */
export async function takeShared(): Promise<readonly File[]> {
  const cache = await caches.open(CACHE);
  const files: File[] = [];
  for (const request of await cache.keys()) {
    const response = await cache.match(request);
    if (response) files.push(new File([await response.blob()], decodeURIComponent(response.headers.get(NAME) ?? "")));
  }
  await caches.delete(CACHE);
  return files;
}
