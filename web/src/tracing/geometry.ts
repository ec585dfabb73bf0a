/** Where things are: paper in millimetres, screen in CSS pixels, and the camera between them. Numbers only. */

export const MM_PER_S = 25;
/** Of amplitude: the usual, and half of it for a tracing whose beats are tall. */
export const MM_PER_MV = 10;
export const HALF_MM_PER_MV = 5;
/** CSS pixels in a millimetre at true size. */
export const TRUE_PX_PER_MM = 96 / 25.4;
export const MAX_ZOOM = 8 * TRUE_PX_PER_MM;

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What part of the paper is seen: the millimetre at the view's top left, and CSS pixels per millimetre of time. */
export interface Camera extends Point {
  readonly zoom: number;
}

/** The paper, the window on it, and between which limits it zooms. */
export interface Stage {
  /** Millimetres. */
  readonly paper: Size;
  /** CSS pixels. */
  readonly view: Size;
  /** The zoom at which all leads are seen. */
  readonly fit: number;
  readonly minZoom: number;
}

/**
 * @param scrolls - the paper is as long as the recording: fitted it fills the height, and zoomed out further only time
 *   shrinks, down to the whole length. Otherwise the paper is a row of sheets, `sheetMm` wide, and one is fitted.
 */
export function stageOf(paper: Size, view: Size, devicePxPerPx: number, scrolls: boolean, sheetMm = 0): Stage {
  const whole = view.height / paper.height;
  const fit = snapped(scrolls ? whole : Math.min(whole, view.width / sheetMm), devicePxPerPx, Math.floor);
  return { paper, view, fit, minZoom: scrolls ? Math.min(fit, view.width / paper.width) : fit };
}

/** The nearest zoom at which 5 mm are whole device pixels, so that the grid's lines stand evenly. */
export function snapped(zoom: number, devicePxPerPx: number, round = Math.round): number {
  return Math.max(1, round(zoom * devicePxPerPx * 5)) / (devicePxPerPx * 5);
}

/** CSS pixels per millimetre of amplitude. */
export function amplitudeZoom(zoom: number, stage: Stage): number {
  return Math.max(zoom, stage.fit);
}

/** The camera nearest to `camera` that stays on the paper; paper smaller than the view is centred. */
export function clamped(camera: Camera, stage: Stage): Camera {
  const zoom = Math.min(MAX_ZOOM, Math.max(stage.minZoom, camera.zoom));
  const along = (at: number, length: number, seen: number): number =>
    length <= seen ? (length - seen) / 2 : Math.min(length - seen, Math.max(0, at));
  return {
    x: along(camera.x, stage.paper.width, stage.view.width / zoom),
    y: along(camera.y, stage.paper.height, stage.view.height / amplitudeZoom(zoom, stage)),
    zoom,
  };
}

/** The camera at another zoom, with the paper under `at` (CSS pixels) where it was, as far as the paper's edge allows. */
export function zoomedTo(camera: Camera, stage: Stage, zoom: number, at: Point): Camera {
  const to = clamped({ ...camera, zoom }, stage).zoom;
  const on = toPaper(camera, stage, at);
  return clamped({ x: on.x - at.x / to, y: on.y - at.y / amplitudeZoom(to, stage), zoom: to }, stage);
}

export function toPaper(camera: Camera, stage: Stage, at: Point): Point {
  return { x: camera.x + at.x / camera.zoom, y: camera.y + at.y / amplitudeZoom(camera.zoom, stage) };
}

export function toView(camera: Camera, stage: Stage, at: Point): Point {
  return { x: (at.x - camera.x) * camera.zoom, y: (at.y - camera.y) * amplitudeZoom(camera.zoom, stage) };
}

/** What two time lines, in seconds, and two voltage lines, in millivolts, measure. */
export function measured(time: readonly [number, number], voltage: readonly [number, number]) {
  const ms = Math.abs(time[1] - time[0]) * 1000;
  return { ms, bpm: 60000 / ms, mv: Math.abs(voltage[1] - voltage[0]) };
}
