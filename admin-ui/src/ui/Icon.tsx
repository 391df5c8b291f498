/** Drawn here, on a grid of 16: strokes of 1.5. A screen adds its own line. */
const paths = {
  overview: "M2.5 2.5h4.5v6H2.5zM9 2.5h4.5V6H9zM9 8h4.5v5.5H9zM2.5 10.5H7v3H2.5z",
  runs: "M2 12.5l3-4 2.5 2.5 3-6 3.5 4M2 14h12",
  adjust: "M2.5 5h7M12.5 5h1M11 3.5v3M2.5 11h1M6.5 11h7M5 9.5v3",
  items: "M8 1.8l5.5 3v6.4L8 14.2l-5.5-3V4.8zM2.5 4.8L8 8l5.5-3.2M8 8v6",
  merchants:
    "M2.5 6.5L3.5 2.5h9l1 4M2.5 6.5c0 2 2.7 2 2.7 0 0 2 2.8 2 2.8 0 0 2 2.8 2 2.8 0 0 2 2.7 2 2.7 0M3.5 8.5v5h9v-5M6.5 13.5v-3h3v3",
  agents: "M3.5 5.5h9v7h-9zM8 5.5V3M8 2.5h.01M6 8.5h.01M10 8.5h.01M6.5 10.5h3M1.8 8v2.5M14.2 8v2.5",
  mandates: "M8 1.8l5 2v4c0 3.2-2 5.3-5 6.4-3-1.1-5-3.2-5-6.4v-4zM5.8 8l1.6 1.6L10.4 6.4",
  purchases: "M3 2h10v12l-2-1.3L9.5 14 8 12.7 6.5 14 5 12.7 3 14zM5.5 5.5h5M5.5 8.5h5",
  ledger: "M3 2.5h10v11H3zM8 2.5v11M3 6h10",
  usage: "M2.5 13.5h11M4 13.5V9M7 13.5V5.5M10 13.5V8M13 13.5V3",
  playground: "M2.5 3.5h11v9h-11zM5 6.5l2 1.8-2 1.7M8.5 10.2H11",
  keys: "M9.2 6.8a3 3 0 1 1-2 2L2.8 13.2M5 11l1.6 1.6M10.6 5.4h.01",
  webhooks: "M6 5.5a2.2 2.2 0 1 1 3.6 1.6L11.5 11M5.2 10.2A2.2 2.2 0 1 0 6.8 12H11M8 5.5L5.5 10",
  requests: "M2.5 4h11M2.5 8h11M2.5 12h7",
  audit: "M4 2h6l2.5 2.5V14H4zM6 7h4.5M6 10h4.5",
  team: "M6 7.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM1.8 13.5c0-2.5 1.8-4 4.2-4s4.2 1.5 4.2 4M10.5 2.8a2.5 2.5 0 0 1 0 4.4M11.5 9.8c1.7.4 2.7 1.8 2.7 3.7",
  settings:
    "M8 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM8 1.8v2M8 12.2v2M1.8 8h2M12.2 8h2M3.6 3.6L5 5M11 11l1.4 1.4M12.4 3.6L11 5M5 11l-1.4 1.4",
  instance: "M2.5 2.5h11v4.5h-11zM2.5 9h11v4.5h-11zM5 4.8h.01M5 11.3h.01M8 4.8h3M8 11.3h3",
  search: "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.5 10.5L14 14",
  menu: "M2.5 4.5h11M2.5 8h11M2.5 11.5h11",
  close: "M3.5 3.5l9 9M12.5 3.5l-9 9",
  filter: "M2 3.5h12M4.5 8h7M6.5 12.5h3",
  back: "M9.5 4.5L6 8l3.5 3.5",
  up: "M8 13V3.5M4 7l4-4 4 4",
  check: "M3 8.5l3.2 3.2L13 5",
  cross: "M4 4l8 8M12 4l-8 8",
  alert: "M8 2l6.2 11.5H1.8zM8 6.5v3.2M8 11.6h.01",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  chevron: "M4.5 6.5L8 10l3.5-3.5",
  right: "M6.5 4.5L10 8l-3.5 3.5",
  more: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  plus: "M8 3v10M3 8h10",
  sun: "M8 10.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6zM8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M12.6 3.4l-.9.9M4.3 11.7l-.9.9",
  moon: "M13.2 9.6A5.6 5.6 0 0 1 6.4 2.8a5.6 5.6 0 1 0 6.8 6.8z",
  system: "M2 3h12v8H2zM6 14h4M8 11v3",
  book: "M2.5 3c2-.6 4-.4 5.5.8 1.5-1.2 3.5-1.4 5.5-.8v9.5c-2-.6-4-.4-5.5.8-1.5-1.2-3.5-1.4-5.5-.8zM8 3.8v9.5",
  external: "M9.5 2.5h4v4M13.5 2.5L7.5 8.5M6.5 3.5h-4v10h10v-4",
  eye: "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM8 9.8a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6z",
  refresh: "M13.5 8a5.5 5.5 0 1 1-1.6-3.9L13.5 5.7M13.5 2.2v3.5H10",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  play: "M5 3l8 5-8 5z",
  stop: "M4 4h8v8H4z",
  download: "M8 2.5v7.5M4.8 7L8 10.2 11.2 7M2.5 13.5h11",
} as const;

export type IconName = keyof typeof paths;

/** Beside words, so it is hidden from those who listen. */
export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg
      className="shrink-0"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={paths[name]} />
    </svg>
  );
}

/** The mark of ZeroRace: the same as in the tab. */
export function Mark({ size = 24 }: { readonly size?: number }) {
  return <img src="/favicon.svg" alt="" width={size} height={size} className="shrink-0" />;
}
