import type { ReactNode } from "react";

export interface BarPart {
  readonly label: string;
  readonly value: number;
  /** As people read it: "96", "€4.20". */
  readonly shown: ReactNode;
  /** A colour of styles.css, as in "var(--sold)". */
  readonly colour: `var(--${string})`;
}

/** How a whole is split. The words beside it say the same, so those who listen hear only them. */
export function SplitBar({
  parts,
  height = 8,
}: {
  readonly parts: readonly BarPart[];
  readonly height?: number;
}) {
  const whole = parts.reduce((sum, { value }) => sum + Math.max(0, value), 0);
  let start = 0;
  return (
    <svg
      aria-hidden="true"
      className="block w-full rounded-full bg-sunk"
      width="100%"
      height={height}
      preserveAspectRatio="none"
      viewBox="0 0 1000 10"
    >
      {parts.map(({ label, value, colour }) => {
        // What there is can be seen, however little it is.
        const width = value > 0 && whole > 0 ? Math.max(8, (value / whole) * 1000) : 0;
        const x = Math.min(start, 1000 - width);
        start = x + width;
        return <rect key={label} x={x} width={width} height="10" fill={colour} />;
      })}
    </svg>
  );
}

/** The bar with its figures: a name, a colour and a number for each part. */
export function SplitFigures({ parts }: { readonly parts: readonly BarPart[] }) {
  return (
    <div className="flex flex-col gap-3">
      <SplitBar parts={parts} height={12} />
      <dl className="flex flex-wrap gap-x-8 gap-y-2">
        {parts.map(({ label, shown, colour }) => (
          <div key={label} className="flex flex-col">
            <dt className="flex items-center gap-1.5 text-sm text-mute">
              <Swatch colour={colour} />
              {label}
            </dt>
            <dd className="text-lg font-semibold tabular-nums">{shown}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function Swatch({ colour }: { readonly colour: string }) {
  return (
    <svg aria-hidden="true" width="10" height="10">
      <rect width="10" height="10" rx="2.5" fill={colour} />
    </svg>
  );
}
