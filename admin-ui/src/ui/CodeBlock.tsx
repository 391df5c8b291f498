import { CopyButton } from "./CopyButton.tsx";

/** Text to be copied. It scrolls by itself and never makes the page wider. */
export function CodeBlock({ code, label }: { readonly code: string; readonly label: string }) {
  return (
    <div className="relative min-w-0 rounded-md border bg-sunk">
      <pre
        tabIndex={0}
        role="group"
        aria-label={label}
        className="overflow-x-auto py-2.5 ps-3 pe-11 font-mono text-xs leading-[18px]"
      >
        <code>{code}</code>
      </pre>
      <div className="absolute end-1 top-1 rounded-md bg-sunk">
        <CopyButton text={code} label={`Copy ${label}`} />
      </div>
    </div>
  );
}
