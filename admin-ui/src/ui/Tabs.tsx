import { useId, useRef, type KeyboardEvent, type ReactNode } from "react";
import { classNames } from "./class-names.ts";

export interface Tab {
  readonly id: string;
  readonly label: ReactNode;
}

/** Arrows move, as in every tab list. Which one is open is the caller's: mostly a search parameter. */
export function Tabs({
  label,
  tabs,
  open,
  onOpen,
  children,
}: {
  readonly label: string;
  readonly tabs: readonly Tab[];
  readonly open: string;
  readonly onOpen: (id: string) => void;
  /** Of the open tab. */
  readonly children: ReactNode;
}) {
  const base = useId();
  const list = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent): void => {
    const at = tabs.findIndex(({ id }) => id === open);
    const last = tabs.length - 1;
    const moves: Partial<Record<string, number>> = {
      ArrowRight: at === last ? 0 : at + 1,
      ArrowLeft: at === 0 ? last : at - 1,
      Home: 0,
      End: last,
    };
    const to = moves[event.key];
    const next = to === undefined ? undefined : tabs[to];
    if (!next) return;
    event.preventDefault();
    onOpen(next.id);
    list.current?.querySelector<HTMLElement>(`[data-tab="${next.id}"]`)?.focus();
  };
  return (
    <div className="flex min-w-0 flex-col gap-4">
      <div
        ref={list}
        role="tablist"
        aria-label={label}
        className="flex gap-1 overflow-x-auto border-b"
        onKeyDown={onKeyDown}
      >
        {tabs.map(({ id, label: words }) => (
          <button
            key={id}
            type="button"
            role="tab"
            id={`${base}-${id}`}
            data-tab={id}
            aria-selected={id === open}
            aria-controls={id === open ? `${base}-panel` : undefined}
            tabIndex={id === open ? 0 : -1}
            className={classNames(
              "h-9 rounded-t-md border-b-2 px-3 whitespace-nowrap -outline-offset-2",
              id === open
                ? "border-accent font-medium"
                : "border-transparent text-mute hover:text-ink",
            )}
            onClick={() => onOpen(id)}
          >
            {words}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${base}-panel`} aria-labelledby={`${base}-${open}`}>
        {children}
      </div>
    </div>
  );
}
