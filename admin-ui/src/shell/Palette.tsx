import { useNavigate } from "@tanstack/react-router";
import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { currentMode, setMode } from "../api/mode.ts";
import { classNames } from "../ui/class-names.ts";
import { Icon, type IconName } from "../ui/Icon.tsx";
import { Kbd } from "../ui/Kbd.tsx";
import { showFirstSteps } from "./first-steps.ts";
import { actionsOfScreen } from "./palette-actions.ts";
import { usePlacesOfIds, useScreens } from "./screens.ts";
import { setTheme } from "./theme.ts";

interface Entry {
  readonly label: string;
  readonly kind: string;
  readonly icon: IconName;
  readonly keys?: string;
  readonly run: () => void;
}

const readings = [
  ["Docs", "/docs"],
  ["API reference", "/reference"],
  ["Problems, by their code", "/problems"],
] as const;

interface PaletteProps {
  readonly onClose: () => void;
  readonly onOpen: (what: "shortcuts") => void;
}

const uuid = /^\s*([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})\s*$/i;

function useEntries({ onOpen }: PaletteProps, text: string): readonly Entry[] {
  const navigate = useNavigate();
  const screens = useScreens();
  const places = usePlacesOfIds();
  const all = useMemo((): Entry[] => {
    const other = currentMode() === "test" ? "live" : "test";
    const go = (to: string): void => void navigate({ to: to as "/" });
    return [
      ...actionsOfScreen().map(({ label, icon, run }): Entry => ({
        label,
        kind: "Here",
        icon: icon ?? "right",
        run,
      })),
      ...screens.flatMap(({ links }) =>
        links
          .filter(({ reason }) => reason === undefined)
          .map(({ path, title, icon, key }): Entry => {
            const keys = key === undefined ? {} : { keys: `G ${key.toUpperCase()}` };
            return { label: title, kind: "Go to", icon, ...keys, run: () => go(path) };
          }),
      ),
      { label: `Show ${other} data`, kind: "Do", icon: "refresh", run: () => setMode(other) },
      { label: "Light theme", kind: "Do", icon: "sun", run: () => setTheme("light") },
      { label: "Dark theme", kind: "Do", icon: "moon", run: () => setTheme("dark") },
      {
        label: "First steps",
        kind: "Go to",
        icon: "check",
        run: () => {
          showFirstSteps("always");
          go("/");
        },
      },
      { label: "Help and shortcuts", kind: "Do", icon: "book", run: () => onOpen("shortcuts") },
      ...readings.map(([label, to]): Entry => ({
        label,
        kind: "Read",
        icon: "external",
        run: () => void open(to),
      })),
    ];
  }, [navigate, onOpen, screens]);
  const id = uuid.exec(text)?.[1]?.toLowerCase();
  if (id !== undefined) {
    return places.map(({ opens, path }) => ({
      label: `${opens} ${id}`,
      kind: "Open",
      icon: "right",
      run: () => void navigate({ to: path.replace(/\$\w+/, id) as "/" }),
    }));
  }
  const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = all.filter(({ label }) =>
    wanted.every((word) => label.toLowerCase().includes(word)),
  );
  const words = text.trim();
  if (words === "") return found;
  const search: Entry = {
    label: `Search the docs for “${words}”`,
    kind: "Read",
    icon: "search",
    run: () => void open(`/docs/search?${new URLSearchParams({ q: words.slice(0, 200) })}`),
  };
  return [...found, search];
}

/** Everything by typing: screens, actions, and ids that were pasted. It asks no server. */
export function Palette(props: PaletteProps) {
  const { onClose } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const listId = useId();
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(0);
  const entries = useEntries(props, text);
  const at = Math.min(chosen, entries.length - 1);
  useEffect(() => {
    if (dialog.current?.open === false) dialog.current.showModal();
  }, []);
  useEffect(() => {
    document.getElementById(`${listId}-${at}`)?.scrollIntoView({ block: "nearest" });
  }, [listId, at]);
  const run = (entry: Entry | undefined): void => {
    if (!entry) return;
    onClose();
    entry.run();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) setChosen((at + step + entries.length) % Math.max(1, entries.length));
    else if (event.key === "Enter") run(entries[at]);
    else return;
    event.preventDefault();
  };
  return (
    <dialog
      ref={dialog}
      aria-label="Search or jump"
      className="mx-auto mt-[12vh] w-[36rem] max-w-[calc(100vw-24px)] rounded-lg border bg-panel p-0 text-ink shadow-float"
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onMouseDown={(event) => {
        if (event.target === dialog.current) onClose();
      }}
    >
      <div className="flex items-center gap-2.5 border-b px-4 text-mute">
        <Icon name="search" />
        <input
          className="h-12 flex-1 bg-transparent text-[15px] text-ink outline-none"
          placeholder="A screen, an action, or an id"
          aria-label="Search or jump"
          role="combobox"
          aria-expanded="true"
          aria-controls={listId}
          aria-activedescendant={entries.length > 0 ? `${listId}-${at}` : undefined}
          autoComplete="off"
          spellCheck={false}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setChosen(0);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <Entries id={listId} entries={entries} at={at} onRun={run} />
    </dialog>
  );
}

function Entries({
  id,
  entries,
  at,
  onRun,
}: {
  readonly id: string;
  readonly entries: readonly Entry[];
  readonly at: number;
  readonly onRun: (entry: Entry) => void;
}) {
  return (
    <div id={id} role="listbox" aria-label="Found" className="max-h-[50vh] overflow-y-auto p-1.5">
      {entries.map((entry, index) => (
        <div
          key={`${entry.kind} ${entry.label}`}
          id={`${id}-${index}`}
          role="option"
          tabIndex={-1}
          aria-selected={index === at}
          className={classNames(
            "flex h-9 cursor-pointer items-center gap-2.5 rounded-md px-2.5",
            index === at ? "bg-sunk" : "hover:bg-sunk/60",
          )}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onRun(entry)}
        >
          <Icon name={entry.icon} />
          <span className="min-w-0 flex-1 truncate">{entry.label}</span>
          {entry.keys !== undefined && <Kbd keys={entry.keys} />}
          <span className="w-12 text-end text-xs text-mute">{entry.kind}</span>
        </div>
      ))}
      {entries.length === 0 && (
        <div role="option" aria-selected="false" aria-disabled="true" className="p-3 text-mute">
          Nothing is called that.
        </div>
      )}
    </div>
  );
}
