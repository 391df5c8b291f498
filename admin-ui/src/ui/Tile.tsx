import type { ReactNode } from "react";
import { classNames } from "./class-names.ts";
import { Icon } from "./Icon.tsx";

/** One figure: what it is, how much, and what that means. */
export function Tile({
  label,
  value,
  note,
  tone = "neutral",
}: {
  readonly label: string;
  readonly value: ReactNode;
  readonly note?: ReactNode;
  readonly tone?: "neutral" | "ok" | "bad";
}) {
  return (
    <section
      className={classNames(
        "flex min-w-0 flex-col gap-1 rounded-lg border px-4 py-3",
        tone === "bad" ? "border-bad bg-bad/8" : "bg-panel",
      )}
    >
      <h2 className="text-mute">{label}</h2>
      <p
        className={classNames(
          "text-2xl leading-8 font-semibold tabular-nums",
          tone === "ok" && "text-ok",
          tone === "bad" && "text-bad",
        )}
      >
        {value}
      </p>
      {note !== undefined && (
        <p className="flex items-start gap-1.5 text-sm text-mute">
          {tone !== "neutral" && (
            <span className={classNames("mt-0.5", tone === "ok" ? "text-ok" : "text-bad")}>
              <Icon name={tone === "ok" ? "check" : "cross"} size={14} />
            </span>
          )}
          {note}
        </p>
      )}
    </section>
  );
}
