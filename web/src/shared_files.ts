/** Files that another app or page hands over: the service worker leaves them here until the person says what to do. */

const CACHE = "ecglite-shared";
const NAME = "X-File-Name";

/** In the place of those handed over before. Rejects where there is no room; then nothing is left. */
export async function leaveShared(files: readonly File[]): Promise<void> {
  await discardShared();
  try {
    const cache = await caches.open(CACHE);
    await Promise.all(
      files.map((file, k) =>
        cache.put(`./shared/${k}`, new Response(file, { headers: { [NAME]: encodeURIComponent(file.name) } })),
      ),
    );
  } catch (error) {
    await discardShared();
    throw error;
  }
}

/** What the files are called; nothing of them is read. */
export const sharedNames = async (): Promise<readonly string[]> => (await left()).map(nameOf);

/** Each file once: what is taken is gone. */
export async function takeShared(): Promise<readonly File[]> {
  const files = await Promise.all((await left()).map(async (one) => new File([await one.blob()], nameOf(one))));
  await discardShared();
  return files;
}

export async function discardShared(): Promise<void> {
  await caches.delete(CACHE);
}

async function left(): Promise<readonly Response[]> {
  return [...(await (await caches.open(CACHE)).matchAll())];
}

const nameOf = ({ headers }: Response): string => decodeURIComponent(headers.get(NAME) ?? "");
