/** Small typed helpers that make DOM. Text is always text: nothing here parses markup. */

export type Child = Node | string | number | null | undefined | false | readonly Child[];
type Listener = (event: Event) => void;
/** A function is a listener ("onclick"), `true` an attribute without a value; `false` and undefined leave it out. */
type Attributes = Readonly<Record<string, string | number | boolean | undefined | Listener>>;

/** An element of HTML. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  return fill(document.createElement(tag), attributes, children);
}

/** An element of SVG. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function fill<E extends Element>(element: E, attributes: Attributes, children: readonly Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== undefined) element.setAttribute(name, String(value));
  }
  append(element, children);
  return element;
}

function append(parent: Element, children: readonly Child[]): void {
  for (const child of children) {
    if (Array.isArray(child)) append(parent, child);
    else if (child !== null && child !== undefined && child !== false) parent.append(child as Node | string);
  }
}

/** A bar from 0 to 1. It repeats the figure beside it, so a screen reader passes it by. */
export function bar(share: number, kind = ""): HTMLElement {
  const inner = h("span");
  inner.style.inlineSize = `${(100 * Math.min(Math.max(share, 0), 1)).toFixed(1)}%`;
  return h("span", { class: `bar ${kind}`.trim(), "aria-hidden": "true" }, inner);
}
