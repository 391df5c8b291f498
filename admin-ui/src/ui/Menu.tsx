import { useId, useRef, type KeyboardEvent, type ReactNode, type ToggleEvent } from "react";
import { buttonClass } from "./Button.tsx";
import { classNames } from "./class-names.ts";
import { Icon, type IconName } from "./Icon.tsx";

export interface MenuItem {
  readonly label: string;
  readonly icon?: IconName;
  readonly onSelect: () => void;
  readonly disabledReason?: string | undefined;
  readonly danger?: boolean;
  /** One of several, as a theme is. */
  readonly checked?: boolean;
}

/** A button that opens a list of actions: the browser's popover, with the keys of a menu. */
export function Menu({
  label,
  children,
  items,
  header,
  look = "quiet",
}: {
  /** What the button is called for those who listen: instead of its content. */
  readonly label: string;
  readonly children: ReactNode;
  readonly items: readonly MenuItem[];
  readonly header?: ReactNode;
  readonly look?: "plain" | "quiet";
}) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const entries = (): HTMLElement[] => [
    ...(list.current?.querySelectorAll<HTMLElement>("[data-entry]") ?? []),
  ];
  const onToggle = (event: ToggleEvent<HTMLDivElement>): void => {
    if (event.newState !== "open") return;
    place(button.current, list.current);
    entries()[0]?.focus();
  };
  const select = ({ disabledReason, onSelect }: MenuItem): void => {
    if (disabledReason !== undefined) return;
    list.current?.hidePopover();
    button.current?.focus();
    onSelect();
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        className={buttonClass(look)}
        aria-haspopup="menu"
        popoverTarget={id}
      >
        <span aria-hidden="true" className="contents">
          {children}
        </span>
        <span className="sr-only">{label}</span>
      </button>
      <div
        ref={list}
        id={id}
        popover="auto"
        className="fixed min-w-52 rounded-lg border bg-panel p-1 text-ink shadow-float"
        onToggle={onToggle}
        onKeyDown={(event) => moveIn(event, entries(), list.current)}
      >
        {header !== undefined && <div className="mb-1 border-b px-3 py-2">{header}</div>}
        <div role="menu" aria-label={label}>
          {items.map((item) => (
            <MenuEntry key={item.label} item={item} onSelect={() => select(item)} />
          ))}
        </div>
      </div>
    </>
  );
}

function MenuEntry({ item, onSelect }: { readonly item: MenuItem; readonly onSelect: () => void }) {
  const { label, icon, disabledReason, danger, checked } = item;
  return (
    <button
      type="button"
      data-entry
      role={checked === undefined ? "menuitem" : "menuitemradio"}
      aria-checked={checked}
      aria-disabled={disabledReason === undefined ? undefined : true}
      tabIndex={-1}
      className={classNames(
        "flex min-h-8 w-full items-center gap-2 rounded-md px-2 py-1 text-start -outline-offset-2",
        "hover:bg-sunk focus:bg-sunk",
        danger && "text-bad",
        disabledReason !== undefined && "cursor-not-allowed text-mute",
      )}
      onClick={onSelect}
    >
      {icon && <Icon name={icon} />}
      <span className="flex-1">
        {label}
        {disabledReason !== undefined && <span className="block text-xs">{disabledReason}</span>}
      </span>
      {checked === true && <Icon name="check" />}
    </button>
  );
}

/** Under its button, at its end, and inside the window. */
function place(button: HTMLElement | null, list: HTMLElement | null): void {
  if (!button || !list) return;
  const at = button.getBoundingClientRect();
  const { width, height } = list.getBoundingClientRect();
  const left = Math.max(8, Math.min(at.right - width, innerWidth - width - 8));
  const below = at.bottom + 4;
  const top = below + height > innerHeight - 8 ? Math.max(8, at.top - height - 4) : below;
  list.style.left = `${left}px`;
  list.style.top = `${top}px`;
}

function moveIn(event: KeyboardEvent, entries: HTMLElement[], list: HTMLElement | null): void {
  const at = entries.indexOf(document.activeElement as HTMLElement);
  const last = entries.length - 1;
  const moves: Partial<Record<string, number>> = {
    ArrowDown: at === last ? 0 : at + 1,
    ArrowUp: at <= 0 ? last : at - 1,
    Home: 0,
    End: last,
  };
  const to = moves[event.key];
  if (event.key === "Tab") list?.hidePopover();
  if (to === undefined) return;
  event.preventDefault();
  entries[to]?.focus();
}
