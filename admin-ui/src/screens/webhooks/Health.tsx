import { Badge } from "../../ui/Badge.tsx";
import { Time, useNow } from "../../ui/Figures.tsx";
import { inShort, looks, type Standing } from "./words.ts";

/** How high a square is says the same as its colour. */
const squares: Readonly<Record<Standing, { readonly height: number; readonly colour: string }>> = {
  delivered: { height: 16, colour: "var(--ok)" },
  retrying: { height: 10, colour: "var(--warn)" },
  failed: { height: 6, colour: "var(--bad)" },
  pending: { height: 10, colour: "var(--accent)" },
  skipped: { height: 3, colour: "var(--mute)" },
};

const [width, gap, most] = [5, 2, 30];

/** The last deliveries, the newest at the end: whole, lower, or nearly nothing. */
export function Health({ recent }: { readonly recent: readonly Standing[] }) {
  if (recent.length === 0) return <span className="text-mute">nothing sent yet</span>;
  const empty = most - recent.length;
  const label = `Last ${recent.length}: ${inShort(recent)}`;
  return (
    <svg
      role="img"
      aria-label={label}
      className="block shrink-0"
      width={most * (width + gap) - gap}
      height="16"
    >
      <title>{label}</title>
      {Array.from({ length: empty }, (_, at) => (
        <rect key={at} x={at * (width + gap)} y="15" width={width} height="1" fill="var(--line)" />
      ))}
      {recent.toReversed().map((one, at) => (
        <rect
          key={at}
          x={(empty + at) * (width + gap)}
          y={16 - squares[one].height}
          width={width}
          height={squares[one].height}
          rx="1"
          fill={squares[one].colour}
        />
      ))}
    </svg>
  );
}

export function StandingBadge({ standing }: { readonly standing: Standing }) {
  const { tone, icon, word } = looks[standing];
  return (
    <Badge tone={tone} icon={icon}>
      {word}
    </Badge>
  );
}

/** What is over due is due now. */
export function NextTime({ at }: { readonly at: string }) {
  const now = useNow();
  return new Date(at).getTime() <= now ? <>now</> : <Time at={at} />;
}
