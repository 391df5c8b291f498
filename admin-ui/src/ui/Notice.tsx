import type { ReactNode } from "react";
import { IconButton } from "./Button.tsx";
import { Icon } from "./Icon.tsx";

/** What was done, where it was done; it stays until somebody takes it away. */
export function Notice({
  children,
  onClose,
}: {
  readonly children: ReactNode;
  readonly onClose: () => void;
}) {
  return (
    <div
      role="status"
      className="flex items-center gap-2.5 rounded-lg border border-ok/50 bg-ok/8 py-1.5 ps-4 pe-2"
    >
      <span className="text-ok">
        <Icon name="check" />
      </span>
      <p className="min-w-0 flex-1 wrap-anywhere">{children}</p>
      <IconButton label="Close this note" icon="close" size="small" onClick={onClose} />
    </div>
  );
}
