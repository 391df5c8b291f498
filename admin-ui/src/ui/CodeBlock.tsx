import { classNames } from "./class-names.ts";
import { CopyButton } from "./CopyButton.tsx";

/** Text to be copied. It scrolls by itself and never makes the page wider. */
export function CodeBlock({
  code,
  label,
  wraps = false,
}: {
  readonly code: string;
  readonly label: string;
  /** A command of one line, in a narrow place: all of it can be seen. */
  readonly wraps?: boolean;
}) {
  return (
    <div className="flex min-w-0 items-start rounded-md border bg-sunk">
      <pre
        tabIndex={0}
        role="group"
        aria-label={label}
        className={classNames(
          "min-w-0 flex-1 overflow-x-auto px-3 py-2.5 font-mono text-xs leading-[18px]",
          wraps && "wrap-anywhere whitespace-pre-wrap",
        )}
      >
        <code>{code}</code>
      </pre>
      <div className="p-1">
        <CopyButton text={code} label={`Copy ${label}`} />
      </div>
    </div>
  );
}
