import { classNames } from "../../ui/class-names.ts";
import { formatMoney, formatNumber, formatTime } from "../../ui/format.ts";
import { Icon, type IconName } from "../../ui/Icon.tsx";
import type { Row } from "./constraint-rows.ts";

const states: Readonly<Record<Row["state"], { word: string; icon?: IconName; look: string }>> = {
  PASSED: { word: "Passed", icon: "check", look: "border-ok/50 bg-ok/12 text-ok" },
  BINDING: { word: "Binds", icon: "cross", look: "border-bad bg-bad text-panel" },
  REPLAYED: { word: "Answers", icon: "refresh", look: "border-accent bg-accent text-panel" },
  NOT_REACHED: { word: "Not reached", look: "border-dashed border-mute/50 text-mute" },
  NOT_SET: { word: "Not set", look: "border-transparent text-mute" },
};

/** Every constraint in the order in which the kernel looks: the first that fails is the answer. */
export function ConstraintStack({
  rows,
  currency,
}: {
  readonly rows: readonly Row[];
  readonly currency: string;
}) {
  return (
    <ol aria-label="Constraints, in the order of the kernel" className="flex flex-col">
      {rows.map((row, at) => (
        <li key={row.id} data-constraint={row.id} data-state={row.state}>
          {row.group !== rows[at - 1]?.group && (
            <h3 className="px-2 pt-2 pb-0.5 text-xs font-medium text-mute">{row.group}</h3>
          )}
          <Line row={row} at={at} currency={currency} />
        </li>
      ))}
    </ol>
  );
}

interface LineProps {
  readonly row: Row;
  readonly at: number;
  readonly currency: string;
}

function Line({ row, at, currency }: LineProps) {
  const { word, icon, look } = states[row.state];
  const isFramed = row.state === "BINDING" || row.state === "REPLAYED";
  const isDim = row.state === "NOT_SET" || row.state === "NOT_REACHED";
  return (
    <div
      className={classNames(
        "grid grid-cols-[20px_minmax(0,1fr)_auto] items-start gap-x-2.5 rounded-md border px-2",
        !isFramed && "border-transparent py-0.5",
        row.state === "BINDING" && "my-1 border-bad bg-bad/8 py-1.5",
        row.state === "REPLAYED" && "my-1 border-accent bg-accent/8 py-1.5",
      )}
    >
      <span
        className={classNames(
          "grid size-5 place-items-center rounded-full border transition-colors duration-150",
          look,
        )}
        // One after the other, as the kernel looks at them.
        style={{ transitionDelay: `${at * 20}ms` }}
      >
        {icon ? (
          <Icon name={icon} size={12} />
        ) : (
          <span className="size-1 rounded-full bg-mute/60" />
        )}
      </span>
      <span className={classNames("min-w-0", isFramed && "font-medium", isDim && "text-mute")}>
        {row.title}
      </span>
      <span
        className={classNames(
          "text-xs leading-5 whitespace-nowrap",
          row.state === "BINDING" ? "font-medium text-bad" : "text-mute",
        )}
      >
        {row.word ?? word}
      </span>
      <Arithmetic row={row} currency={currency} />
      {row.detail !== undefined && isFramed && (
        <p className="col-start-2 col-end-4 text-sm">{row.detail.replaceAll("`", "")}</p>
      )}
    </div>
  );
}

function Arithmetic({ row, currency }: Pick<LineProps, "row" | "currency">) {
  const { limit, used, asked, left, resetsAt, unit } = row;
  const show = (value: number): string =>
    unit === "units" ? formatNumber(value) : formatMoney(value, currency);
  const parts: (readonly [string, number | undefined])[] = [
    [unit === "units" ? "free" : "limit", limit],
    ["used", used],
    ["this", asked],
    [
      left !== undefined && left < 0 ? "missing" : "left",
      left === undefined ? left : Math.abs(left),
    ],
  ];
  const known = parts.filter((part): part is readonly [string, number] => part[1] !== undefined);
  if (known.length === 0 && resetsAt === undefined) return null;
  return (
    <div className="col-start-2 col-end-4 flex flex-col gap-0.5 pt-1">
      {limit !== undefined && asked !== undefined && (
        <Bar limit={limit} used={used ?? 0} asked={asked} />
      )}
      <dl className="flex flex-wrap gap-x-2.5 text-xs text-mute">
        {known.map(([name, value]) => (
          <div key={name} className="flex gap-1">
            <dt>{name}</dt>
            <dd
              className={classNames(
                "whitespace-nowrap",
                name === "missing" ? "font-medium text-bad" : "text-ink",
              )}
            >
              {show(value)}
            </dd>
          </div>
        ))}
        {resetsAt !== undefined && (
          <div className="flex gap-1">
            <dt>resets</dt>
            <dd className="whitespace-nowrap">{formatTime(resetsAt)}</dd>
          </div>
        )}
      </dl>
    </div>
  );
}

/** Used, this, and how far it is to the limit; what is beyond it is hatched. The numbers stand below. */
function Bar({ limit, used, asked }: { limit: number; used: number; asked: number }) {
  const whole = Math.max(limit, used + asked, 1);
  const within = Math.max(0, Math.min(asked, limit - used));
  const part = (value: number): string => `${(100 * value) / whole}%`;
  return (
    <div aria-hidden="true" className="flex h-1.5 w-full overflow-hidden rounded-full bg-sunk">
      <span className="bg-mute/60" style={{ width: part(Math.min(used, whole)) }} />
      <span className="bg-accent" style={{ width: part(within) }} />
      <span
        className="bg-[repeating-linear-gradient(45deg,var(--bad)_0_3px,transparent_3px_5px)]"
        style={{ width: part(asked - within) }}
      />
    </div>
  );
}
