import { useRouter } from "@tanstack/react-router";
import { setMode, useMode } from "../api/mode.ts";
import { useSession } from "../api/session.ts";
import { IconButton } from "../ui/Button.tsx";
import { classNames } from "../ui/class-names.ts";
import { Icon } from "../ui/Icon.tsx";
import { commandKey, Kbd } from "../ui/Kbd.tsx";
import { Menu } from "../ui/Menu.tsx";
import { say } from "../ui/say.ts";
import { LiveSign } from "./LiveSign.tsx";
import { setTheme, useTheme } from "./theme.ts";
import { useSignOut } from "./use-sign-out.ts";

const account = { to: "/account" } as const;

type OnOpen = (what: "palette" | "shortcuts" | "drawer" | "password") => void;

export function TopBar({ onOpen }: { readonly onOpen: OnOpen }) {
  const { organisation } = useSession();
  return (
    <div className="flex h-12 items-center gap-2 border-b bg-panel px-2 md:px-4">
      <div className="md:hidden">
        <IconButton label="Open the navigation" icon="menu" onClick={() => onOpen("drawer")} />
      </div>
      <span className="min-w-0 truncate font-medium" title={organisation.name}>
        {organisation.name}
      </span>
      <ModeSwitch />
      <button
        type="button"
        className="mx-auto hidden h-8 w-full max-w-80 items-center gap-2 rounded-md border bg-bg px-2.5 text-mute hover:text-ink lg:flex"
        onClick={() => onOpen("palette")}
      >
        <Icon name="search" size={14} />
        <span className="flex-1 text-start">Search or jump to…</span>
        <Kbd keys={`${commandKey} K`} />
      </button>
      <div className="ms-auto flex items-center gap-0.5 lg:ms-0">
        <div className="lg:hidden">
          <IconButton label="Search or jump" icon="search" onClick={() => onOpen("palette")} />
        </div>
        <LiveSign />
        <span className="max-sm:hidden">
          <IconButtonHelp onOpen={onOpen} />
        </span>
        <AccountMenu onOpen={onOpen} />
      </div>
    </div>
  );
}

function IconButtonHelp({ onOpen }: { readonly onOpen: OnOpen }) {
  return (
    <button
      type="button"
      aria-label="Help and shortcuts"
      title="Help and shortcuts"
      className="grid size-8 place-items-center rounded-md text-mute hover:bg-sunk hover:text-ink"
      onClick={() => onOpen("shortcuts")}
    >
      ?
    </button>
  );
}

/** Switching keeps the page. */
function ModeSwitch() {
  const mode = useMode();
  const choose = (next: "test" | "live"): void => {
    if (next === mode) return;
    setMode(next);
    say(next === "test" ? "Test data." : "Live data.");
  };
  return (
    <div role="group" aria-label="Data" className="flex shrink-0 rounded-md border bg-bg p-0.5">
      {(["test", "live"] as const).map((one) => (
        <button
          key={one}
          type="button"
          aria-pressed={mode === one}
          className={classNames(
            "h-6 rounded-sm px-2 text-xs font-medium",
            mode !== one && "text-mute hover:text-ink",
            mode === one && (one === "test" ? "bg-warn/18 text-warn" : "bg-ok/16 text-ok"),
          )}
          onClick={() => choose(one)}
        >
          {one === "test" ? "Test" : "Live"}
        </button>
      ))}
    </div>
  );
}

function AccountMenu({ onOpen }: { readonly onOpen: OnOpen }) {
  const { person, role, organisation } = useSession();
  const theme = useTheme();
  const router = useRouter();
  const signOut = useSignOut();
  const initials = person.name
    .split(/\s+/)
    .map((word) => word.charAt(0))
    .slice(0, 2)
    .join("");
  const header = (
    <>
      <p className="font-medium">{person.name}</p>
      <p className="text-sm break-all text-mute">{person.email}</p>
      <p className="text-sm text-mute">
        {role} of {organisation.name}
        {person.isInstanceOperator && ", instance operator"}
      </p>
    </>
  );
  const themes = [
    ["light", "Light", "sun"],
    ["dark", "Dark", "moon"],
    ["system", "As the system", "system"],
  ] as const;
  return (
    <Menu
      label={`${initials.toUpperCase()}, account of ${person.name}`}
      header={header}
      items={[
        ...themes.map(([value, label, icon]) => ({
          label,
          icon,
          checked: theme === value,
          onSelect: () => setTheme(value),
        })),
        { label: "Your account", icon: "team", onSelect: () => void router.navigate(account) },
        { label: "Change the password", icon: "keys", onSelect: () => onOpen("password") },
        { label: "Help and shortcuts", icon: "book", onSelect: () => onOpen("shortcuts") },
        { label: "Sign out", icon: "right", onSelect: () => void signOut() },
      ]}
    >
      {/* Drawn, not written: what the button is called says the same in full. */}
      <span
        aria-hidden="true"
        data-initials={initials.toUpperCase()}
        className="grid size-6 place-items-center rounded-full bg-accent text-[11px] font-semibold text-on-accent before:content-[attr(data-initials)]"
      />
    </Menu>
  );
}
