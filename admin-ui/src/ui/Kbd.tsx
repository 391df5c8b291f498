/** A key to press. */
export function Kbd({ keys }: { readonly keys: string }) {
  return (
    <span className="inline-flex gap-1">
      {keys.split(" ").map((key, at) => (
        <kbd
          key={`${key}${at}`}
          className="inline-grid h-5 min-w-5 place-items-center rounded-sm border bg-sunk px-1 font-sans text-xs text-mute"
        >
          {key}
        </kbd>
      ))}
    </span>
  );
}

const isApple = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** ⌘ where there is such a key. */
export const commandKey = isApple ? "⌘" : "Ctrl";
