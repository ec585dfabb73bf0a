/**
 * The drawn paper, cut in tiles that the browser's compositor moves: panning draws only what comes into view, and while
 * the zoom changes the tiles there are stand in, stretched, until those of the new zoom are drawn.
 */
import type { Point, Size } from "./geometry";

/** Device pixels of a tile's edge: one is drawn well within a frame on a slow phone. */
const TILE = 256;
/** Milliseconds of one frame that drawing may take while the paper moves, and while it stands; one tile is always drawn. */
const MOVING_MS = 3;
const STANDING_MS = 10;

interface Scale {
  /** CSS pixels per millimetre of time and of amplitude. */
  readonly sx: number;
  readonly sy: number;
}

/** Draws the part of the paper that begins `origin` device pixels from its corner; the scale is in CSS pixels. */
type Paint = (context: OffscreenCanvasRenderingContext2D, size: number, origin: Point, scale: Scale) => void;

/** The tiles of one scale. */
class Generation {
  readonly element = document.createElement("div");
  readonly tiles = new Map<string, HTMLCanvasElement>();
  readonly scale: Scale;
  /** Tiles are placed from this one on, so that hours of paper stay within what CSS can place exactly. */
  readonly firstColumn: number;
  complete = false;

  constructor(scale: Scale, firstColumn: number) {
    this.scale = scale;
    this.firstColumn = firstColumn;
    this.element.className = "tracing-tiles";
  }
}

export class Tiles {
  readonly element = document.createElement("div");
  readonly #paint: Paint;
  readonly #ratio: () => number;
  #place = "";
  #offset: Point = { x: 0, y: 0 };
  #current: Generation | undefined;
  #stale: Generation | undefined;
  readonly #scratch = new OffscreenCanvas(TILE, TILE);
  readonly #pool: HTMLCanvasElement[] = [];

  constructor(ratio: () => number, paint: Paint) {
    this.#ratio = ratio;
    this.#paint = paint;
    this.element.className = "tracing-paper";
  }

  /** Finds where on the page the paper lies; a view may begin between two device pixels. */
  locate(): void {
    const { left, top } = this.element.getBoundingClientRect();
    this.#offset = { x: left + scrollX, y: top + scrollY };
  }

  /** Forgets what is drawn: colours, words or layout changed. */
  reset(): void {
    for (const generation of [this.#current, this.#stale]) if (generation) this.#drop(generation);
    this.#current = this.#stale = undefined;
  }

  /**
   * Shows the paper from `corner` (CSS pixels from the paper's corner at `scale`) on.
   *
   * @returns whether it is not all drawn yet, and another frame is wanted.
   */
  show(corner: Point, scale: Scale, view: Size): boolean {
    const place = `${corner.x} ${corner.y} ${scale.sx} ${scale.sy}`;
    const until = performance.now() + (place === this.#place ? STANDING_MS : MOVING_MS);
    this.#place = place;
    const tilePx = TILE / this.#ratio();
    let current = this.#current;
    if (!current || this.#isToBeReplaced(current, scale)) {
      // Unfinished tiles are no better a stand-in than those before them.
      if (current && (current.complete || !this.#stale)) {
        if (this.#stale) this.#drop(this.#stale);
        this.#stale = current;
      } else if (current) this.#drop(current);
      current = new Generation(scale, Math.floor(corner.x / tilePx));
      this.#current = current;
      this.element.append(current.element);
    }
    for (const generation of [this.#stale, current]) if (generation) this.#move(generation, corner, scale, tilePx);

    const stretch = { x: current.scale.sx / scale.sx, y: current.scale.sy / scale.sy };
    const columns = span(corner.x * stretch.x, view.width * stretch.x, tilePx);
    const rows = span(corner.y * stretch.y, view.height * stretch.y, tilePx);
    const missing = this.#draw(current, columns, rows, until);
    current.complete = !missing;
    if (missing) return true;
    if (this.#stale) this.#drop(this.#stale);
    this.#stale = undefined;
    if (current.scale.sx !== scale.sx || current.scale.sy !== scale.sy) return true;
    // One tile more on each side, so that it is there when the paper is moved.
    const around: readonly [number, number] = [columns[0] - 1, columns[1] + 1];
    const more = performance.now() < until ? this.#draw(current, around, rows, until) : true;
    this.#evict(current, around, rows);
    return more;
  }

  #isToBeReplaced(current: Generation, scale: Scale): boolean {
    const by = scale.sx / current.scale.sx;
    if (by === 1 && scale.sy === current.scale.sy) return false;
    return current.complete || by > 2 || by < 0.5;
  }

  /** @returns whether some are left for the next frame. */
  #draw(
    generation: Generation,
    columns: readonly [number, number],
    rows: readonly [number, number],
    until: number,
  ): boolean {
    let drawn = 0;
    for (let column = columns[0]; column <= columns[1]; column++) {
      for (let row = rows[0]; row <= rows[1]; row++) {
        if (generation.tiles.has(`${column} ${row}`)) continue;
        if (drawn > 0 && performance.now() >= until) return true;
        generation.tiles.set(`${column} ${row}`, this.#tile(generation, column, row));
        drawn++;
      }
    }
    return false;
  }

  #tile(generation: Generation, column: number, row: number): HTMLCanvasElement {
    const canvas = this.#pool.pop() ?? document.createElement("canvas");
    if (canvas.width !== TILE) canvas.width = canvas.height = TILE;
    const px = TILE / this.#ratio();
    // Made small by the transform, not by its size, which layout would round to whole CSS pixels.
    const [x, y] = [(column - generation.firstColumn) * px, row * px];
    canvas.style.transform = `translate(${x}px, ${y}px) scale(${1 / this.#ratio()})`;
    const context = this.#scratch.getContext("2d", { alpha: false });
    if (context) this.#paint(context, TILE, { x: column * TILE, y: row * TILE }, generation.scale);
    // A bitmap is handed to the compositor once; a canvas that could be drawn on may be copied in every frame.
    canvas.getContext("bitmaprenderer")?.transferFromImageBitmap(this.#scratch.transferToImageBitmap());
    generation.element.append(canvas);
    return canvas;
  }

  #move(generation: Generation, corner: Point, scale: Scale, tilePx: number): void {
    const by = { x: scale.sx / generation.scale.sx, y: scale.sy / generation.scale.sy };
    // On whole device pixels: between them every line of the grid would blur.
    const whole = (px: number, offset: number): number =>
      Math.round((px + offset) * this.#ratio()) / this.#ratio() - offset;
    const x = whole(generation.firstColumn * tilePx * by.x - corner.x, this.#offset.x);
    const y = whole(-corner.y, this.#offset.y);
    generation.element.style.transform = `translate(${x}px, ${y}px) scale(${by.x}, ${by.y})`;
  }

  #evict(generation: Generation, columns: readonly [number, number], rows: readonly [number, number]): void {
    for (const [key, canvas] of generation.tiles) {
      const [column = 0, row = 0] = key.split(" ").map(Number);
      const near = column >= columns[0] - 1 && column <= columns[1] + 1 && row >= rows[0] - 1 && row <= rows[1] + 1;
      if (near) continue;
      generation.tiles.delete(key);
      canvas.remove();
      this.#pool.push(canvas);
    }
  }

  #drop(generation: Generation): void {
    generation.element.remove();
    this.#pool.push(...generation.tiles.values());
  }
}

function span(from: number, length: number, tile: number): readonly [number, number] {
  return [Math.floor(from / tile), Math.floor((from + length) / tile)];
}
