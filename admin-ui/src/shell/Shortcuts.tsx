import { Link } from "@tanstack/react-router";
import { Choice } from "../ui/Choice.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { commandKey, Kbd } from "../ui/Kbd.tsx";
import { showFirstSteps } from "./first-steps.ts";
import { useScreens } from "./screens.ts";
import { setShortcuts, useShortcutsOn } from "./shortcut-keys.ts";

export function Shortcuts({ onClose }: { readonly onClose: () => void }) {
  const isOn = useShortcutsOn();
  const links = useScreens().flatMap((group) => group.links);
  const rows = [
    [`${commandKey} K`, "Search or jump"],
    ["/", "The same"],
    ["?", "This sheet"],
    ...links.flatMap(({ key, title }) =>
      key === undefined ? [] : [[`G ${key.toUpperCase()}`, title] as const],
    ),
    ["Esc", "Close what is open"],
  ] as const;
  return (
    <Dialog open title="Help and shortcuts" onClose={onClose}>
      <Choice
        className="py-2"
        checked={isOn}
        onChange={(event) => setShortcuts(event.target.checked)}
      >
        Single keys do something
      </Choice>
      <p className="pb-2 text-sm text-mute">
        <Link
          to="/"
          className="underline"
          onClick={() => {
            showFirstSteps("always");
            onClose();
          }}
        >
          The first steps
        </Link>{" "}
        lead from an empty shop to a first purchase.
      </p>
      <p className="pb-3 text-sm text-mute">
        The{" "}
        <a className="underline" href="/docs" target="_blank" rel="noreferrer">
          docs
        </a>{" "}
        (with a search), the{" "}
        <a className="underline" href="/reference" target="_blank" rel="noreferrer">
          API reference
        </a>{" "}
        and{" "}
        <a className="underline" href="/problems" target="_blank" rel="noreferrer">
          a page about every error
        </a>{" "}
        come with this server.
      </p>
      <dl className="flex flex-col">
        {rows.map(([keys, says]) => (
          <div key={keys} className="flex items-center justify-between border-b py-2">
            <dt>{says}</dt>
            <dd>
              <Kbd keys={keys} />
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
