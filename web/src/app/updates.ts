/** The service worker, and the word that a new version waits. */

/**
 * Registers the service worker.
 *
 * @param onWaiting - called when a new version is there whole; gets what switches to it, which reloads the page.
 */
export async function keepOffline(onWaiting: (switchOver: () => void) => void): Promise<void> {
  // The Android shell carries the files itself, and a page in development has none to keep.
  if (!("serviceWorker" in navigator) || window.ecgliteAndroid || import.meta.env.DEV) return;
  const registration = await navigator.serviceWorker.register("service_worker.js", { scope: "./" });
  const tell = (worker: ServiceWorker) => {
    // Without a controller this is the first visit, and there is nothing to switch from.
    if (worker.state !== "installed" || !navigator.serviceWorker.controller) return;
    onWaiting(() => {
      navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
      worker.postMessage("activate");
    });
  };
  if (registration.waiting) tell(registration.waiting);
  registration.addEventListener("updatefound", () => {
    const worker = registration.installing;
    worker?.addEventListener("statechange", () => tell(worker));
  });
}

interface InstallPrompt extends Event {
  prompt(): Promise<unknown>;
}

/** Calls `offer` when the browser would install the app, with what starts it, and with undefined when that is over. */
export function watchInstall(offer: (install: (() => void) | undefined) => void): void {
  window.addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault(); // its own banner: ours is a quiet button
    offer(() => {
      offer(undefined);
      void (event as InstallPrompt).prompt();
    });
  });
  window.addEventListener("appinstalled", () => offer(undefined));
}
