/** Files that come from elsewhere than the page's own picker: dropped, pasted, shared, or opened with the app. */
import { takeShared } from "../shared_files";

type Open = (files: readonly File[]) => void;

interface LaunchQueue {
  setConsumer(consumer: (launch: { readonly files: readonly FileSystemFileHandle[] }) => void): void;
}

declare global {
  interface Window {
    readonly launchQueue?: LaunchQueue;
  }
}

/** Hands over every file that comes in, now and later. */
export async function watchIncoming(open: Open): Promise<void> {
  watchDropped(open);
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length) open(files);
  });
  window.launchQueue?.setConsumer(async ({ files }) => {
    if (files.length) open(await Promise.all(files.map((file) => file.getFile())));
  });
  const asked = new URLSearchParams(location.search);
  if (!asked.has("shared") && !asked.has("incoming")) return;
  // Gone from the address before the files are opened, so that a reload doesn't look for them again.
  history.replaceState(null, "", location.pathname + location.hash);
  const files = asked.has("shared") ? await takeShared() : await takeFromShell();
  if (files.length) open(files);
}

/**
 * What the Android shell was opened with: it lists the files' names at ./incoming/index.json and serves each at
 * ./incoming/0, ./incoming/1 and so on, from the page's own origin.
 */
async function takeFromShell(): Promise<readonly File[]> {
  const names: readonly string[] = await (await fetch("./incoming/index.json", { cache: "no-store" })).json();
  return Promise.all(
    names.map(async (name, k) => {
      const response = await fetch(`./incoming/${k}`, { cache: "no-store" });
      return new File([await response.blob()], name);
    }),
  );
}

function watchDropped(open: Open): void {
  const mark = (on: boolean) => document.documentElement.classList.toggle("dropping", on);
  document.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    mark(true);
  });
  document.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) mark(false);
  });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    mark(false);
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length) open(files);
  });
}
