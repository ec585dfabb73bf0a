/** Files that come from elsewhere than the page's own picker: dropped, pasted, shared, or opened with the app. */
import { SIGNAL_LIMIT, tooLarge, unreadable } from "../edge/formats/source";
import { takeShared } from "../shared_files";
import type { Refused } from "./session";

type Open = (files: readonly File[], refused?: readonly Refused[]) => void;

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
  const fromShell = inTurn(() => takeFromShell(open));
  addEventListener("ecglite-incoming", fromShell);
  const asked = new URLSearchParams(location.search);
  if (!asked.has("shared") && !asked.has("incoming")) return;
  // Gone from the address before the files are opened, so that a reload doesn't look for them again.
  history.replaceState(null, "", location.pathname + location.hash);
  if (asked.has("incoming")) return fromShell();
  const files = await takeShared();
  if (files.length) open(files);
}

/** One call after the other: the shell numbers its files anew with each list. */
function inTurn(run: () => Promise<void>): () => Promise<void> {
  let last = Promise.resolve();
  return () => {
    last = last.then(run, run);
    return last;
  };
}

interface Incoming {
  readonly name: string;
  /** Bytes; null where the other app does not tell. */
  readonly size: number | null;
  readonly type: string;
}

/**
 * What the Android shell was opened with: it lists the files at ./incoming/index.json and serves each at ./incoming/0,
 * ./incoming/1 and so on, from the page's own origin. It tells of files that come later by the event "ecglite-incoming".
 */
async function takeFromShell(open: Open): Promise<void> {
  const listed: readonly Incoming[] = await (await fetch("./incoming/index.json", { cache: "no-store" })).json();
  const came = await Promise.all(listed.map(taken));
  const files = came.filter((one) => one instanceof File);
  const refused = came.filter((one): one is Refused => !(one instanceof File));
  if (came.length) open(files, refused);
}

async function taken({ name, size, type }: Incoming, k: number): Promise<File | Refused> {
  // over the limit of any reader, which would judge it no sooner than it is in memory
  if (size !== null && size > SIGNAL_LIMIT) return { name, failure: tooLarge(name, size, SIGNAL_LIMIT).toFailure() };
  const response = await fetch(`./incoming/${k}`, { cache: "no-store" });
  return response.ok
    ? new File([await response.blob()], name, { type })
    : { name, failure: unreadable(name).toFailure() };
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
