import { useEffect, useState } from "react";
import { onNote } from "./say.ts";

interface Toast {
  readonly id: number;
  readonly text: string;
}

let last = 0;

/** `note("Saved.")` from anywhere. */
export function Toasts() {
  const [toasts, setToasts] = useState<readonly Toast[]>([]);
  useEffect(
    () =>
      onNote((text) => {
        const id = ++last;
        setToasts((before) => [...before.slice(-2), { id, text }]);
        setTimeout(() => setToasts((before) => before.filter((one) => one.id !== id)), 5_000);
      }),
    [],
  );
  return (
    <div
      role="status"
      className="pointer-events-none fixed end-4 bottom-4 z-50 flex flex-col gap-2"
    >
      {toasts.map(({ id, text }) => (
        <p key={id} className="rounded-md bg-ink px-3 py-2 text-bg shadow-float">
          {text}
        </p>
      ))}
    </div>
  );
}
