// The icons of the application: strokes on a grid of 16, drawn in the colour of the text. They never stand alone for a
// meaning; a label or text is always beside or behind them. Arrows that follow the reading direction are turned by CSS.

const PATHS = {
  search: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10ZM10.8 10.8 14 14",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  check: "m3 8.5 3.2 3L13 4.5",
  close: "m4 4 8 8M12 4l-8 8",
  why: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM6.2 6.3C6.3 5.2 7 4.6 8 4.6c1.100 0 1.900.7 1.900 1.700 0 1.500-1.900 1.500-1.900 2.900M8 11.300v.1",
  pin: "M9.500 2 14 6.500 11 8l-.5 3.500L4.500 5.500 8 5ZM7 9l-4.500 4.500",
  graph:
    "M3.500 5.500a1.500 1.500 0 1 0 0-3 1.500 1.500 0 0 0 0 3ZM12.500 8.500a1.500 1.500 0 1 0 0-3 1.500 1.500 0 0 0 0 3ZM4.500 13.500a1.500 1.500 0 1 0 0-3 1.500 1.500 0 0 0 0 3ZM5 4.500l6 2M11.200 8 6 11.200",
  home: "m2 8 6-5.500L14 8M4 7v6.500h8V7",
  bell: "M4 11V7.500a4 4 0 0 1 8 0V11l1 1.500H3ZM6.800 14h2.400",
  folder: "M2 4h4.500L8 5.500h6V13H2Z",
  megaphone: "M3 6.500v3h2.500L11 13V3L5.500 6.500ZM13 6.500v3",
  person:
    "M8 8a2.800 2.800 0 1 0 0-5.600A2.800 2.800 0 0 0 8 8ZM2.800 14c.6-2.800 2.600-4.200 5.200-4.200s4.600 1.400 5.200 4.200",
  people:
    "M6 7.500A2.500 2.500 0 1 0 6 2.600a2.500 2.500 0 0 0 0 4.900ZM1.500 13c.5-2.500 2.300-3.700 4.500-3.700s4 1.200 4.500 3.700M10.500 7.500a2.200 2.200 0 0 0 0-4.300M12 9.600c1.300.5 2.200 1.600 2.500 3.400",
  list: "M5.500 4H14M5.500 8H14M5.500 12H14M2.500 4h.1M2.500 8h.1M2.500 12h.1",
  tag: "M2.500 2.500h5.500L14 8.500 8.500 14l-6-6ZM5.500 5.500h.1",
  scales: "M8 2.500v11M4 13.500h8M3 5h10M3 5 1.500 9.500h3ZM13 5l-1.500 4.500h3Z",
  upload: "M8 11V3M4.800 6 8 2.800 11.200 6M2.500 11v2.500h11V11",
  download: "M8 3v8M4.800 8 8 11.200 11.200 8M2.500 11v2.500h11V11",
  gear: "M8 10.200A2.200 2.200 0 1 0 8 5.800a2.200 2.200 0 0 0 0 4.400ZM8 1.800v2M8 12.200v2M1.800 8h2M12.200 8h2M3.600 3.600 5 5M11 11l1.400 1.400M12.400 3.600 11 5M5 11l-1.400 1.400",
  log: "M4 2.500h6l2.500 2.500v8.500H4ZM6 7h4.500M6 9.500h4.500M6 12h2.500",
  plus: "M8 3v10M3 8h10",
  up: "m4 10 4-4 4 4",
  down: "m4 6 4 4 4-4",
  next: "m6 4 4 4-4 4",
  arrow: "M2.500 8h11M9.500 4l4 4-4 4",
  print: "M4.500 6V2.500h7V6M4.500 11h-2V6h11v5h-2M4.500 9.500h7v4h-7Z",
  out: "M6.500 2.500h-4v11h4M6.500 8h7M10.500 5l3 3-3 3",
  menu: "M2.500 4h11M2.500 8h11M2.500 12h11",
  keyboard: "M1.500 4h13v8h-13ZM4 6.500h.1M6.500 6.500h.1M9 6.500h.1M11.500 6.500h.1M4.500 9.500h7",
  clock: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 4.500V8l2.500 1.500",
  warning: "M8 2.200 14.500 13.500h-13ZM8 6.500v3.200M8 11.700v.1",
  file: "M4 2h5.500L12.500 5v9H4ZM9.500 2v3h3",
  trash: "M3 4.500h10M6 4.500v-2h4v2M4.200 4.500l.6 9h6.400l.6-9M6.800 7v4M9.200 7v4",
  edit: "m3 13 .6-3L11 2.600 13.400 5 6 12.400Z",
} as const;

export type IconName = keyof typeof PATHS;

/** Icons that point where the text goes. */
const TURNS: IconName[] = ["next", "arrow", "out"];

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      className={TURNS.includes(name) ? "icon turns" : "icon"}
      viewBox="0 0 16 16"
      width={size}
      height={size}
      aria-hidden="true"
      focusable="false"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
