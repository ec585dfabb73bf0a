/** Fingers, mouse, wheel and keys, as moves of the paper. */
import type { Point } from "./geometry";

/** What the gestures move. Points are CSS pixels from the view's top left corner. */
interface Movable {
  /** Moves the paper with the finger; gives what it could not move because the paper ended. */
  readonly pan: (by: Point) => Point;
  readonly zoomBy: (factor: number, at: Point) => void;
  /** A double tap: fitted, or near at that point. */
  readonly toggleFit: (at: Point) => void;
  readonly fit: () => void;
  readonly centre: () => Point;
  readonly viewWidth: () => number;
}

const TAP_MS = 300;
const TAP_PX = 24;
/** Milliseconds in which a fling loses 63 % of its speed, as on phones. */
const FLING_MS = 325;
const KEY_PAN_PX = 60;
const KEY_ZOOM = 1.25;

/** Listens until the signal aborts. */
export function followGestures(view: HTMLElement, movable: Movable, signal: AbortSignal): void {
  const fingers = new Map<number, Point>();
  let velocity: Point = { x: 0, y: 0 };
  let movedAt = 0;
  let travelled = 0;
  let lastTap = { at: Number.NEGATIVE_INFINITY, x: 0, y: 0 };
  let fling = 0;

  const local = (event: MouseEvent): Point => {
    const box = view.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };

  const startFling = (): void => {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    let last = performance.now();
    const step = (now: number): void => {
      const ms = Math.max(0, now - last);
      last = now;
      velocity = { x: velocity.x * Math.exp(-ms / FLING_MS), y: velocity.y * Math.exp(-ms / FLING_MS) };
      const by = { x: velocity.x * ms, y: velocity.y * ms };
      const left = movable.pan(by);
      const stuck = ms > 0 && left.x === by.x && left.y === by.y;
      if (Math.hypot(velocity.x, velocity.y) > 0.02 && !stuck) fling = requestAnimationFrame(step);
    };
    fling = requestAnimationFrame(step);
  };

  const down = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    cancelAnimationFrame(fling);
    velocity = { x: 0, y: 0 };
    if (fingers.size === 0) travelled = 0;
    fingers.set(event.pointerId, local(event));
    view.setPointerCapture(event.pointerId);
  };

  const moved = (event: PointerEvent): void => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const now = local(event);
    const [held] = [...fingers].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
    fingers.set(event.pointerId, now);
    const by = { x: now.x - before.x, y: now.y - before.y };
    travelled += Math.hypot(by.x, by.y);
    if (held) {
      // Each finger's event moves the paper by half of it: together they keep the paper under both.
      movable.pan({ x: by.x / 2, y: by.y / 2 });
      const grown = distance(held, now) / Math.max(1, distance(held, before));
      movable.zoomBy(grown, { x: (held.x + now.x) / 2, y: (held.y + now.y) / 2 });
      velocity = { x: 0, y: 0 };
      return;
    }
    const left = movable.pan(by);
    // Where the paper ends, the page goes on: a finger on a zoomed tracing must not be caught in it.
    if (event.pointerType === "touch" && left.y !== 0) scroller(view)?.scrollBy(0, -left.y);
    const ms = Math.max(1, event.timeStamp - movedAt);
    movedAt = event.timeStamp;
    const newer = Math.min(1, ms / 40);
    velocity = {
      x: velocity.x * (1 - newer) + (by.x / ms) * newer,
      y: velocity.y * (1 - newer) + (by.y / ms) * newer,
    };
  };

  const up = (event: PointerEvent): void => {
    if (!fingers.delete(event.pointerId) || fingers.size > 0) return;
    if (event.type === "pointercancel") return;
    const at = local(event);
    if (travelled < 8) {
      const second = event.timeStamp - lastTap.at < TAP_MS && distance(lastTap, at) < TAP_PX;
      if (second) movable.toggleFit(at);
      lastTap = { at: second ? Number.NEGATIVE_INFINITY : event.timeStamp, ...at };
    } else if (event.timeStamp - movedAt < 60) startFling();
  };

  const wheel = (event: WheelEvent): void => {
    cancelAnimationFrame(fling);
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      // A wheel's notch is 100 or 120, a trackpad's pinch a few: both feel right when one event is at most 1.25.
      const by = Math.max(-0.22, Math.min(0.22, -event.deltaY * unit * 0.01));
      movable.zoomBy(Math.exp(by), local(event));
      return;
    }
    const sideways = event.shiftKey && event.deltaX === 0;
    const by = {
      x: -(sideways ? event.deltaY : event.deltaX) * unit,
      y: sideways ? 0 : -event.deltaY * unit,
    };
    const left = movable.pan(by);
    // Only what moved the paper is kept from the page.
    if (left.x !== by.x || left.y !== by.y) event.preventDefault();
  };

  const key = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const far = event.shiftKey ? movable.viewWidth() * 0.9 : KEY_PAN_PX;
    const all = Number.MAX_SAFE_INTEGER;
    const action = (
      {
        "+": () => movable.zoomBy(KEY_ZOOM, movable.centre()),
        "=": () => movable.zoomBy(KEY_ZOOM, movable.centre()),
        "-": () => movable.zoomBy(1 / KEY_ZOOM, movable.centre()),
        "0": () => movable.fit(),
        ArrowLeft: () => movable.pan({ x: far, y: 0 }),
        ArrowRight: () => movable.pan({ x: -far, y: 0 }),
        ArrowUp: () => movable.pan({ x: 0, y: far }),
        ArrowDown: () => movable.pan({ x: 0, y: -far }),
        Home: () => movable.pan({ x: all, y: 0 }),
        End: () => movable.pan({ x: -all, y: 0 }),
      } as { readonly [key: string]: () => unknown }
    )[event.key];
    if (!action) return;
    cancelAnimationFrame(fling);
    const left = action() as Point | undefined;
    // An up or down arrow that moved nothing is the page's.
    if (left && event.key.startsWith("Arrow") && left.y !== 0 && Math.abs(left.y) === far) return;
    event.preventDefault();
  };

  const twoFingers = (event: TouchEvent): void => {
    // `touch-action: pan-y` lets one finger scroll the page; two are a pinch, which no browser may take for a scroll.
    if (event.touches.length > 1) event.preventDefault();
  };

  view.addEventListener("pointerdown", down, { signal });
  view.addEventListener("pointermove", moved, { signal });
  view.addEventListener("pointerup", up, { signal });
  view.addEventListener("pointercancel", up, { signal });
  view.addEventListener("wheel", wheel, { signal, passive: false });
  view.addEventListener("touchstart", twoFingers, { signal, passive: false });
  view.addEventListener("keydown", key, { signal });
  signal.addEventListener("abort", () => cancelAnimationFrame(fling));
}

const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);

/** The nearest thing around `element` that scrolls up and down. */
function scroller(element: HTMLElement): Element | null {
  for (let at = element.parentElement; at; at = at.parentElement) {
    if (at.scrollHeight > at.clientHeight && /auto|scroll/.test(getComputedStyle(at).overflowY)) return at;
  }
  return document.scrollingElement;
}
