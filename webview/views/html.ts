/** Small makers of HTML elements; text always goes in as text. */

type Child = Node | string | null;

/** `h("code.own", "x**2")`: an element with classes and children; null children are left out. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K | `${K}.${string}`,
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const [name, ...classes] = tag.split(".") as [K, ...string[]];
  const element = document.createElement(name);
  element.classList.add(...classes);
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** The same, with attributes. */
export function withAttributes<E extends Element>(
  element: E,
  attributes: Readonly<Record<string, string>>,
): E {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

/** Make these the element's children, in this order; what stands there already is left alone and keeps its focus and scrolling. */
export function arrange(element: Element, children: readonly Element[]): void {
  for (const child of [...element.children]) if (!children.includes(child)) child.remove();
  children.forEach((child, i) => {
    if (element.children[i] !== child) element.insertBefore(child, element.children[i] ?? null);
  });
}
