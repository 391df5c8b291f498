import { CopyButton } from "./CopyButton.tsx";

/** Text to be copied. It scrolls by itself and never makes the page wider. */
export function CodeBlock({ code, label }: { readonly code: string; readonly label: string }) {
  return (
    <div className="flex min-w-0 items-start rounded-md border bg-sunk">
      <pre
        tabIndex={0}
        role="group"
        aria-label={label}
        className="min-w-0 flex-1 overflow-x-auto px-3 py-2.5 font-mono text-xs leading-[18px]"
      >
        <code>{code}</code>
      </pre>
      <div className="p-1">
        <CopyButton text={code} label={`Copy ${label}`} />
      </div>
    </div>
  );
}
