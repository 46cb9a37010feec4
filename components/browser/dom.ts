/** Makes elements without a framework. Text is always text: nothing here takes HTML. */

type Child = Node | string | undefined | false;
type Listeners = { [E in keyof HTMLElementEventMap as `on${E}`]?: (event: HTMLElementEventMap[E]) => void };
type Attributes = Listeners & { [name: string]: unknown };

/** `h('button', { type: 'button', onclick: run }, 'Run')`; false and undefined attributes are left out. */
export function h<T extends keyof HTMLElementTagNameMap>(
  tag: T,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[T] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value as EventListener);
    else if (value !== undefined && value !== false)
      element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.filter(child => child !== undefined && child !== false));
  return element;
}

/** Sets text only where it differs, so that live regions and selections are left alone. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Hides or shows; focus that would be lost goes to `instead`. */
export function show(element: HTMLElement, visible: boolean, instead?: HTMLElement): void {
  if (element.hidden === !visible) return;
  const focused = !visible && element.contains(document.activeElement);
  element.hidden = !visible;
  if (focused && instead && !instead.hidden) instead.focus();
}

let ids = 0;
/** An id for `aria-…` references. */
export const freshId = (prefix: string): string => `kfs-${prefix}-${++ids}`;
