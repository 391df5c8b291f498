import { Icon } from "../../ui/Icon.tsx";

/** What something is, and what it would be. The server says whether it may. */
export function BeforeAfter({
  label,
  before,
  after,
  fault,
}: {
  readonly label: string;
  readonly before: string;
  /** Undefined while nothing that can be understood was typed. */
  readonly after: string | undefined;
  readonly fault?: string | undefined;
}) {
  return (
    <div role="status" className="rounded-md bg-sunk px-3 py-2">
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <span className="text-mute">{label}</span>{" "}
        <span className="font-semibold tabular-nums">{before}</span> <Icon name="right" size={14} />
        <span className="sr-only">becomes</span>{" "}
        <span className={`font-semibold tabular-nums ${fault === undefined ? "" : "text-bad"}`}>
          {after ?? "…"}
        </span>
      </p>
      {fault !== undefined && <p className="text-sm text-bad">{fault}</p>}
    </div>
  );
}
