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
  save: [line("M8 2v8M4.8 7L8 10.2 11.2 7M2.5 13.5h11")],
} as const satisfies Record<string, readonly IconPath[]>;

export type IconName = keyof typeof icons;
