import { useId, type ReactNode } from "react";
import { formatNumber } from "./format.ts";

/** How far something is. Without `value` nobody knows yet. */
export function Progress({
  label,
  value,
  max,
  note,
}: {
  readonly label: string;
  readonly value?: number | undefined;
  readonly max: number;
  readonly note?: ReactNode;
}) {
  const id = useId();
  return (
    <div className="flex flex-col gap-1.5">
      <div className="flex items-baseline justify-between gap-4">
        <label htmlFor={id}>{label}</label>
        <span className="text-sm text-mute tabular-nums">
          {note ?? (value !== undefined && `${formatNumber(value)} of ${formatNumber(max)}`)}
        </span>
      </div>
      <progress id={id} max={max} value={value} />
    </div>
  );
}
