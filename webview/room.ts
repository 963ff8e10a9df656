/** How much room an element has, as of the last frame: to ask the element makes the browser lay out the page at once. */
export interface Room {
  readonly width: number;
  readonly height: number;
}

/** In CSS pixels, kept up as the element's size changes, after which `changed` is called within the same frame. */
export function roomOf(element: Element, changed: () => void): Room {
  let [width, height] = [0, 0];
  new ResizeObserver(() => {
    [width, height] = [element.clientWidth, element.clientHeight];
    changed();
  }).observe(element);
  // What has just come into the page has not been in a frame yet.
  return {
    get width() {
      return width || element.clientWidth;
    },
    get height() {
      return height || element.clientHeight;
    },
  };
}
