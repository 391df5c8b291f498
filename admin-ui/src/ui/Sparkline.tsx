import { TableTwin } from "./TableTwin.tsx";

export interface Bar {
  readonly label: string;
  readonly value: number;
  /** As people read it. */
  readonly shown: string;
}

/** A bar for each of some days, the last one in the accent; the same as a table below, for who wants it. */
export function Sparkline({
  label,
  bars,
  unit,
  height = 56,
}: {
  /** What is shown, for those who listen. */
  readonly label: string;
  readonly bars: readonly Bar[];
  /** Of the values, for the table: "Sold". */
  readonly unit: string;
  readonly height?: number;
}) {
  const most = Math.max(1, ...bars.map(({ value }) => value));
  const width = 10;
  return (
    <figure className="flex flex-col gap-1">
      <svg
        role="img"
        aria-label={label}
        className="block w-full"
        width="100%"
        height={height}
        viewBox={`0 0 ${bars.length * width} 100`}
        preserveAspectRatio="none"
      >
        {bars.map(({ label: name, value, shown }, at) => {
          const tall = value === 0 ? 2 : Math.max(5, (value / most) * 100);
          const isLast = at === bars.length - 1;
          return (
            <rect
              key={name}
              x={at * width + 1}
              y={100 - tall}
              width={width - 2}
              height={tall}
              fill={value === 0 ? "var(--line)" : isLast ? "var(--accent)" : "var(--c-stock)"}
            >
              <title>{`${name}: ${shown}`}</title>
            </rect>
          );
        })}
      </svg>
      <TableTwin
        caption={label}
        headers={["Day", unit]}
        rows={() => bars.toReversed().map(({ label: name, shown }) => [name, shown])}
      />
    </figure>
  );
}
