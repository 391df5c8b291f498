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
    <div className="relative min-w-0 rounded-md border bg-sunk">
      <pre
        tabIndex={0}
        role="region"
        aria-label={label}
        className={classNames(
          "overflow-x-auto py-2.5 ps-3 pe-11 font-mono text-xs leading-[18px]",
          wraps && "wrap-anywhere whitespace-pre-wrap",
        )}
      >
        <code>{code}</code>
      </pre>
      <div className="absolute end-1 top-1 rounded-md bg-sunk">
        <CopyButton text={code} label={`Copy ${label}`} />
      </div>
    </div>
  );
}
