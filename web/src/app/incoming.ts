/** Files that come from elsewhere than the page's own picker: dropped, pasted, shared, or opened with the app. */
import { SIGNAL_LIMIT, tooLarge, unreadable } from "../edge/formats/source";
import { discardShared, sharedNames, takeShared } from "../shared_files";
import { type Dropped, dropped, isTable } from "./folders";
import type { Refused } from "./session";

/** Why there is nothing to open of what was handed over. */
export type Nothing = "none" | "failed" | "folder";

interface Receiver {
  open(files: readonly File[], refused?: readonly Refused[]): void;
  /** Whether the person wants files of these names opened. */
  ask(names: readonly string[]): Promise<boolean>;
  say(why: Nothing): void;
}

interface LaunchQueue {
  setConsumer(consumer: (launch: { readonly files: readonly FileSystemFileHandle[] }) => void): void;
}

declare global {
  interface Window {
    readonly launchQueue?: LaunchQueue;
  }
}

/**
 * Hands over every file that comes in, now and later.
 *
 * What a person brings by the mouse, the clipboard or the system's "open with" is opened at once. So are the Android
 * shell's files: the person picked this app for them in the system's own list, and no website can send it any.
 */
export async function watchIncoming(receiver: Receiver): Promise<void> {
  const { open } = receiver;
  watchDropped(receiver);
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length) return open(files);
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!(event.target instanceof HTMLInputElement) && isTable(text)) open([new File([text], "pasted.csv")]);
  });
  window.launchQueue?.setConsumer(async ({ files }) => {
    if (files.length) open(await Promise.all(files.map((file) => file.getFile())));
  });
  const fromShell = inTurn(() => takeFromShell(receiver));
  addEventListener("ecglite-incoming", fromShell);
  const asked = new URLSearchParams(location.search);
  const shared = asked.get("shared");
  if (shared !== null) await takeHandedOver(receiver, shared === "failed");
  else if (window.ecgliteAndroid && asked.has("incoming")) {
    forgetAddress();
    await fromShell();
  }
}

/** What was posted to the service worker can come from any website: the person is asked before it is read. */
async function takeHandedOver({ open, ask, say }: Receiver, failed: boolean): Promise<void> {
  const names = await sharedNames();
  const agreed = names.length > 0 && (await ask(names));
  // Not sooner: a reload before the answer asks again.
  forgetAddress();
  if (names.length === 0) return say(failed ? "failed" : "none");
  if (agreed) open(await takeShared());
  else await discardShared();
}

const forgetAddress = (): void => history.replaceState(null, "", location.pathname + location.hash);

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
async function takeFromShell({ open, say }: Receiver): Promise<void> {
  const listed: readonly Incoming[] = await (await fetch("./incoming/index.json", { cache: "no-store" })).json();
  const came = await Promise.all(listed.map(taken));
  const files = came.filter((one) => one instanceof File);
  const refused = came.filter((one): one is Refused => !(one instanceof File));
  if (came.length) open(files, refused);
  else say("none");
}

async function taken({ name, size, type }: Incoming, k: number): Promise<File | Refused> {
  // over the limit of any reader, which would judge it no sooner than it is in memory
  if (size !== null && size > SIGNAL_LIMIT) return { name, failure: tooLarge(name, size, SIGNAL_LIMIT).toFailure() };
  const response = await fetch(`./incoming/${k}`, { cache: "no-store" });
  if (!response.ok) return { name, failure: unreadable(name).toFailure() };
  const parts = await upTo(SIGNAL_LIMIT, response);
  return parts ? new File(parts, name, { type }) : { name, failure: tooLarge(name, null, SIGNAL_LIMIT).toFailure() };
}

/** The bytes of an answer, or undefined where there are more than `limit`: then no more of them are read. */
export async function upTo(limit: number, { body }: Response): Promise<Uint8Array<ArrayBuffer>[] | undefined> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let left = limit;
  const reader = body?.getReader();
  for (let read = await reader?.read(); read?.value; read = await reader?.read()) {
    left -= read.value.length;
    if (left < 0) {
      await reader?.cancel();
      return undefined;
    }
    parts.push(read.value);
  }
  return parts;
}

function watchDropped({ open, say }: Receiver): void {
  const take = ({ files, folder }: Dropped) => {
    if (files.length) open(files);
    else if (folder) say("folder");
  };
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
    if (event.dataTransfer) void dropped(event.dataTransfer).then(take);
  });
}
