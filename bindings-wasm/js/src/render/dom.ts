/** Anything that can stand inside an element. Texts become text nodes: nothing here is ever read as HTML. */
export type Child = Node | string | null | undefined | false;

type Attributes = Record<string, string | number | boolean | null | undefined>;

/** An element with attributes and children. `true` is an empty attribute; `false`, `null` and `""` leave it away. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    set(element, name, value);
  }
  fill(element, ...children);
  return element;
}

/** Sets an attribute, or takes it away. */
export function set(element: Element, name: string, value: Attributes[string]): void {
  if (value === undefined || value === null || value === false || value === "") {
    element.removeAttribute(name);
  } else {
    element.setAttribute(name, value === true ? "" : String(value));
  }
}

/** Puts children in the place of whatever was there. */
export function fill(element: Element, ...children: Child[]): void {
  element.replaceChildren(...children.filter((child) => child !== null && child !== undefined && child !== false));
}

/** A button that does something within the page. */
export function button(className: string, action: () => void, ...children: Child[]): HTMLButtonElement {
  const element = h("button", { type: "button", class: className }, ...children);
  element.addEventListener("click", action);
  return element;
}

/** Text for those who hear the page and don't see it. */
export function heard(text: string): HTMLElement {
  return h("span", { class: "visually-hidden" }, text);
}

let counter = 0;

/** The beginning of ids that no other view on the page has. */
export function uniquePrefix(): string {
  counter += 1;
  return `sportello-${counter}`;
}

/** Moves the focus to what is no control, such as a heading. */
export function focusOn(element: HTMLElement): void {
  element.tabIndex = -1;
  element.focus();
  // Where the page is scrolled to is part of being seen: a sticky header must not cover it (see `scroll-margin` in the stylesheet).
  element.scrollIntoView({ block: "nearest" });
}
