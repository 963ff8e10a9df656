/** The icons of the controls, 16 px, as plain paths; the directions follow the walk: right is onward in the backward pass. */

export interface IconPath {
  readonly d: string;
  readonly filled: boolean;
}
const line = (d: string): IconPath => ({ d, filled: false });
const fill = (d: string): IconPath => ({ d, filled: true });

export const icons = {
  first: [line("M3.5 3v10"), fill("M13 3v10L6 8z")],
  back: [fill("M11.5 2.5v11L4 8z")],
  phaseBack: [line("M10 4L6 8l4 4"), line("M3 8h.01")],
  phaseForward: [line("M6 4l4 4-4 4"), line("M13 8h.01")],
  forward: [fill("M4.5 2.5v11L12 8z")],
  last: [line("M12.5 3v10"), fill("M3 3v10l7-5z")],
  breakpoint: [fill("M2 4.5v7L7 8z"), fill("M12 5a3 3 0 1 0 0 6a3 3 0 1 0 0-6z")],
  overModule: [
    line("M2.5 9.5a5.5 5.5 0 0 1 10-1.5M13 4.5v3.8H9.2"),
    fill("M7.5 11a1.6 1.6 0 1 0 0 3.2a1.6 1.6 0 1 0 0-3.2z"),
  ],
  outOfModule: [
    line("M8 9.5v-7M4.8 5.5L8 2.3l3.2 3.2"),
    fill("M8 11a1.6 1.6 0 1 0 0 3.2a1.6 1.6 0 1 0 0-3.2z"),
  ],
  breakpoints: [fill("M4.5 5a3 3 0 1 0 0 6a3 3 0 1 0 0-6z"), line("M9.5 5h5M9.5 8h5M9.5 11h5")],
  pin: [line("M6 2.5h4M7 2.5v4.2L4.5 9.5h7L9 6.7V2.5M8 9.5v4.2")],
  play: [line("M4.5 3v10l8-5z")],
  pause: [line("M5 3v10M11 3v10")],
  fit: [line("M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10")],
  zoomIn: [line("M7 3.5v7M3.5 7h7M9.8 9.8l4 4"), line("M7 1.8a5.2 5.2 0 1 0 0 10.4a5.2 5.2 0 1 0 0-10.4z")],
  zoomOut: [line("M4 7h6M10.8 10.8l3.2 3.2"), line("M7 1.8a5.2 5.2 0 1 0 0 10.4a5.2 5.2 0 1 0 0-10.4z")],
  follow: [
    line("M8 1.5v3M8 11.5v3M1.5 8h3M11.5 8h3"),
    line("M8 5.2a2.8 2.8 0 1 0 0 5.6a2.8 2.8 0 1 0 0-5.6z"),
  ],
  whole: [line("M5.5 2.5h5v3h-5zM2 10.5h5v3H2zM9 10.5h5v3H9zM8 5.5v2.5M4.5 10.5V8h7v2.5")],
  rerun: [line("M12.5 5.5A5.2 5.2 0 1 0 13.2 9M13 2.5v3.2H9.8")],
  direction: [line("M4 2.5v11M1.8 11.2L4 13.5l2.2-2.3"), line("M7.5 5H14M11.7 2.7L14 5l-2.3 2.3")],
  sizes: [line("M3 13V9M6.5 13V6M10 13V8M13.5 13V2.5")],
  search: [line("M10.2 10.2l3.8 3.8"), line("M6.8 2a4.8 4.8 0 1 0 0 9.6a4.8 4.8 0 1 0 0-9.6z")],
  foldAll: [line("M3 3h10v10H3zM5.5 8h5")],
  unfoldAll: [line("M3 3h10v10H3zM5.5 8h5M8 5.5v5")],
  check: [line("M5 8.2l2.2 2.3L11.2 5.8M8 1.8a6.2 6.2 0 1 0 0 12.4a6.2 6.2 0 1 0 0-12.4z")],
  save: [line("M8 2v8M4.8 7L8 10.2 11.2 7M2.5 13.5h11")],
} as const satisfies Record<string, readonly IconPath[]>;

export type IconName = keyof typeof icons;
