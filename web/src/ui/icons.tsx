/** Line icons on a 24 grid, drawn for this studio. */

const paths = {
  spark: "M12 3v4M12 17v4M3 12h4M17 12h4M6 6l2.500 2.500M15.500 15.500 18 18M18 6l-2.500 2.500M8.500 15.500 6 18",
  film: "M4 5h16v14H4zM8 5v14M16 5v14M4 9.700h4M4 14.300h4M16 9.700h4M16 14.300h4",
  people: "M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM2.500 20c.5-4 3-6 6.500-6s6 2 6.500 6M16 4.500a3.500 3.500 0 0 1 0 6M18 14.500c2 .8 3.200 2.700 3.500 5.500",
  voice: "M4 10v4M8 7v10M12 4v16M16 8v8M20 10.500v3",
  live: "M12 14a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM7.800 16.200a6 6 0 0 1 0-8.400M16.200 7.800a6 6 0 0 1 0 8.400M4.900 19.100a10 10 0 0 1 0-14.200M19.100 4.900a10 10 0 0 1 0 14.200",
  key: "M15 9a5 5 0 1 1-9.900 1A5 5 0 0 1 15 9zM14 12l7 7M18 16l-2 2",
  hook: "M9 15a3 3 0 1 1-4.500-2.600M15 15h4.500a2.500 2.500 0 1 1-2 4M12 8.500l3.500 6M12 8.500a3 3 0 1 1 2.600-4.500M12 8.500 9 15",
  chart: "M4 20V4M4 20h16M8.500 16v-4M13 16V8M17.500 16v-6",
  play: "M7 4.500v15l12-7.500z",
  pause: "M7 5h3.500v14H7zM13.500 5H17v14h-3.500z",
  check: "M4.500 12.500 10 18 19.500 7",
  cross: "M6 6l12 12M18 6 6 18",
  plus: "M12 5v14M5 12h14",
  down: "M12 4v12M6.500 11 12 16.500 17.500 11M5 20h14",
  link: "M10 14a4 4 0 0 0 5.700 0l3-3A4 4 0 0 0 13 5.300l-1 1M14 10a4 4 0 0 0-5.700 0l-3 3A4 4 0 0 0 11 18.700l1-1",
  code: "M8.500 7 3.500 12l5 5M15.500 7l5 5-5 5",
  trash: "M4.500 7h15M9.500 7V4.500h5V7M6.500 7l1 13h9l1-13M10 11v5M14 11v5",
  again: "M19.500 12a7.500 7.500 0 1 1-2.200-5.300M19.500 4v4.500H15",
  sun: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 3v2M12 19v2M3 12h2M19 12h2M5.600 5.600 7 7M17 17l1.400 1.400M18.400 5.600 17 7M7 17l-1.400 1.400",
  moon: "M20 14.500A8.500 8.500 0 0 1 9.500 4 8.500 8.500 0 1 0 20 14.500z",
  screen: "M3.500 5h17v11h-17zM9 20h6M12 16v4",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  search: "M10.500 17a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13zM15.500 15.500 20.500 20.500",
  mic: "M12 15a3.500 3.500 0 0 0 3.500-3.500v-5a3.500 3.500 0 0 0-7 0v5A3.500 3.500 0 0 0 12 15zM5.500 11.500a6.500 6.500 0 0 0 13 0M12 18v3",
  camera: "M4 7.500h3.500L9 5h6l1.500 2.500H20V19H4zM12 16.500a3.700 3.700 0 1 0 0-7.400 3.700 3.700 0 0 0 0 7.400z",
  upload: "M12 20V8M6.500 13 12 7.500 17.500 13M5 4h14",
  chevron: "M6 9.500l6 6 6-6",
  arrow: "M5 12h14M13 6l6 6-6 6",
  warn: "M12 4 2.800 20h18.400zM12 10v4.500M12 17.300v.01",
  out: "M10 4H5v16h5M14 8l4 4-4 4M18 12H9",
  stop: "M6.500 6.500h11v11h-11z",
  image: "M4 5h16v14H4zM4 16l5-5 4 4 2.500-2.500L20 17M15.500 9.500h.01",
  clock: "M12 20.500a8.500 8.500 0 1 0 0-17 8.500 8.500 0 0 0 0 17zM12 7.500V12l3 2",
} as const;

export type IconName = keyof typeof paths;

const filled = new Set<IconName>(["play", "pause", "stop"]);

export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  const fill = filled.has(name);
  return (
    <svg
      class="icon"
      viewBox="0 0 24 24"
      width={size}
      height={size}
      fill={fill ? "currentColor" : "none"}
      stroke="currentColor"
      stroke-width={fill ? 1 : name === "more" ? 3 : 1.7}
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={paths[name]} />
    </svg>
  );
}

/** The mark: two faces that meet, as one smile. */
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg viewBox="0 0 32 32" width={size} height={size} aria-hidden="true">
      <rect width="32" height="32" rx="9" fill="var(--accent)" />
      <path d="M7.500 10c1 7 4 11.500 8.500 13.500C20.500 21.500 23.500 17 24.500 10" fill="none" stroke="var(--on-accent)" stroke-width="2.600" stroke-linecap="round" />
      <circle cx="12.200" cy="11" r="1.900" fill="var(--on-accent)" />
      <circle cx="19.800" cy="11" r="1.900" fill="var(--on-accent)" />
    </svg>
  );
}
