/** How a file leaves the app: through the Android shell, the phone's share sheet, or a download. */

/** What the Android shell offers to the page. */
interface AndroidBridge {
  save(name: string, mime: string, base64: string): void;
  share(name: string, mime: string, base64: string): void;
}

declare global {
  interface Window {
    readonly ecgliteAndroid?: AndroidBridge;
  }
}

/** Saves a file where the person wants it. */
export async function save(file: File): Promise<void> {
  if (window.ecgliteAndroid) await toAndroid(window.ecgliteAndroid, "save", file);
  else download(file);
}

/** Hands a file to another app that the person picks; downloads it where the browser can't. */
export async function share(file: File): Promise<void> {
  if (window.ecgliteAndroid) await toAndroid(window.ecgliteAndroid, "share", file);
  else if (canShare(file)) await toShareSheet(file);
  else download(file);
}

/** Whether there is anything to share with that a download isn't. */
export const canShare = (file: File): boolean =>
  window.ecgliteAndroid !== undefined || navigator.canShare?.({ files: [file] }) === true;

async function toAndroid(bridge: AndroidBridge, how: keyof AndroidBridge, file: File): Promise<void> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const chunks: string[] = [];
  // A function takes some ten thousand arguments, not a whole file's.
  for (let k = 0; k < bytes.length; k += 8192) chunks.push(String.fromCharCode(...bytes.subarray(k, k + 8192)));
  bridge[how](file.name, file.type, btoa(chunks.join("")));
}

async function toShareSheet(file: File): Promise<void> {
  try {
    await navigator.share({ files: [file] });
  } catch (error) {
    if (!(error instanceof DOMException && error.name === "AbortError")) throw error; // closed by the person
  }
}

function download(file: File): void {
  const url = URL.createObjectURL(file);
  const anchor = document.createElement("a");
  anchor.href = url;
  anchor.download = file.name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // the browser may still read it when click() is back
}
