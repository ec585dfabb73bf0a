/** What was open when the page was reloaded: files can't be kept over that, but it can be said how many there were. */

const KEY = "ecglite-pick";

/** Recordings of a pick. */
interface Lost {
  /** Of which nothing is kept. */
  readonly open: number;
  readonly kept: number;
}

function load(): Lost | undefined {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "null") ?? undefined;
  } catch {
    return undefined; // switched off
  }
}

const before = load();
let picked = false;

/** Of the pick before the reload, until there is another. */
export const lost = (): Lost | undefined => (picked ? undefined : before);

/** Notes how far a pick has got. */
export function remember(items: readonly { readonly kept?: boolean }[]): void {
  picked = true;
  const kept = items.filter((item) => item.kept).length;
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ open: items.length - kept, kept } satisfies Lost));
  } catch {
    // then nothing is said
  }
}
