/** The tracing's buttons. Icons are drawn by DOM calls, because the page allows no inline markup from strings. */
import { svg } from "../dom";

/** Paths in a 24 x 24 box, stroked. */
const ICONS = {
  zoomIn: "M10.5 4a6.5 6.5 0 1 0 0 13a6.5 6.5 0 1 0 0-13M15.3 15.3L20 20M10.5 7.8v5.4M7.8 10.5h5.4",
  zoomOut: "M10.5 4a6.5 6.5 0 1 0 0 13a6.5 6.5 0 1 0 0-13M15.3 15.3L20 20M7.8 10.5h5.4",
  fit: "M4 9V5.5A1.5 1.5 0 0 1 5.5 4H9M15 4h3.5A1.5 1.5 0 0 1 20 5.5V9M20 15v3.5a1.5 1.5 0 0 1-1.5 1.5H15M9 20H5.5A1.5 1.5 0 0 1 4 18.5V15",
  sheet: "M3.5 5h17v14h-17zM9.2 5v9.3M14.8 5v9.3M3.5 9.7h17M3.5 14.3h17",
  scroll: "M6 3.5h12v17H6zM6 7.75h12M6 12h12M6 16.25h12",
  calipers: "M5 4v16M19 4v16M5 12h14M8 9l-3 3l3 3M16 9l3 3l-3 3",
} as const;

type Icon = keyof typeof ICONS;

const icon = (name: Icon): SVGSVGElement =>
  svg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, svg("path", { d: ICONS[name] }));

/**
 * @param words - a caption below the icon; where the icon alone says enough, a name for screen readers and, as a title,
 *   for whoever rests the mouse on it.
 */
export function button(
  name: Icon,
  words: { readonly caption: string } | { readonly name: string },
  press: () => void,
): HTMLButtonElement {
  const element = document.createElement("button");
  element.type = "button";
  element.append(icon(name));
  if ("caption" in words) {
    const caption = document.createElement("span");
    caption.textContent = words.caption;
    element.append(caption);
  } else {
    element.setAttribute("aria-label", words.name);
    element.title = words.name;
  }
  element.addEventListener("click", press);
  return element;
}

/** A button that can do nothing just now keeps the focus, so that a keyboard's user is not thrown out of the toolbar. */
export function enableButton(element: HTMLButtonElement, enabled: boolean): void {
  element.setAttribute("aria-disabled", String(!enabled));
}
