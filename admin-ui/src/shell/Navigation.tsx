import { Link, useLocation } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { IconButton } from "../ui/Button.tsx";
import { classNames } from "../ui/class-names.ts";
import { Icon, Mark } from "../ui/Icon.tsx";
import { useScreens, type ScreenLink } from "./screens.ts";

/** The screens that work, in groups. */
export function Navigation({ onClose }: { readonly onClose?: () => void }) {
  const groups = useScreens();
  return (
    <div className="flex h-full flex-col">
      <div className="flex h-12 shrink-0 items-center gap-2.5 border-b px-4">
        <Mark size={22} />
        <span className="flex-1 font-semibold tracking-tight">ZeroRace</span>
        {onClose && <IconButton label="Close" icon="close" size="small" onClick={onClose} />}
      </div>
      <nav aria-label="Screens" className="flex flex-1 flex-col gap-4 overflow-y-auto px-2 py-3">
        {groups.map(({ group, links }) => (
          <div key={group ?? ""}>
            {group !== undefined && (
              <h2 className="px-2 pb-1 text-xs font-medium text-mute">{group}</h2>
            )}
            <ul>
              {links.map((link) => (
                <li key={link.path}>
                  <Line link={link} />
                </li>
              ))}
            </ul>
          </div>
        ))}
      </nav>
      <a
        href="/docs"
        target="_blank"
        rel="noreferrer"
        className="m-2 flex h-8 items-center gap-2.5 rounded-md px-2 text-mute -outline-offset-2 hover:bg-sunk hover:text-ink"
      >
        <Icon name="book" />
        <span className="flex-1">Docs</span>
        <Icon name="external" size={12} />
        <span className="sr-only">, in a new tab</span>
      </a>
    </div>
  );
}

const line = "flex h-8 items-center gap-2.5 rounded-md px-2 -outline-offset-2";

function Line({ link }: { readonly link: ScreenLink }) {
  const { path, title, icon, reason } = link;
  const { pathname } = useLocation();
  const isHere = path === "/" ? pathname === "/" : `${pathname}/`.startsWith(`${path}/`);
  if (reason !== undefined) {
    return (
      <span className={classNames(line, "cursor-not-allowed text-mute")} title={reason}>
        <Icon name={icon} />
        {title}
        <span className="sr-only">: {reason}</span>
      </span>
    );
  }
  return (
    <Link
      to={path as "/"}
      activeProps={{}}
      aria-current={isHere ? "page" : undefined}
      className={classNames(
        line,
        isHere ? "bg-accent/12 font-medium text-accent" : "hover:bg-sunk",
      )}
    >
      <Icon name={icon} />
      {title}
    </Link>
  );
}

/** The same on a phone: over the page, until somebody has chosen. */
export function Drawer({ onClose }: { readonly onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const { pathname } = useLocation();
  const opened = useRef(pathname);
  useEffect(() => {
    if (dialog.current?.open === false) dialog.current.showModal();
  }, []);
  useEffect(() => {
    if (opened.current !== pathname) onClose();
  }, [pathname, onClose]);
  return (
    <dialog
      ref={dialog}
      aria-label="Navigation"
      className="m-0 h-dvh max-h-none w-72 max-w-[85vw] border-e bg-panel p-0 text-ink"
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onMouseDown={(event) => {
        if (event.target === dialog.current) onClose();
      }}
    >
      <Navigation onClose={onClose} />
    </dialog>
  );
}
