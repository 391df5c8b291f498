import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Icon } from "./Icon.tsx";

/** Every screen is one of these: its heading is where the focus goes when the screen opens. */
export function Page({
  title,
  back,
  about,
  actions,
  children,
}: {
  readonly title: ReactNode;
  /** The list that this is one of. */
  readonly back?: { readonly to: string; readonly label: string };
  /** Beside the heading: a badge, a size. */
  readonly about?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <div className="mx-auto flex w-full max-w-[1400px] flex-col gap-5 px-4 py-5 md:px-6">
      <header className="flex min-h-8 flex-wrap items-center gap-x-3 gap-y-2">
        {back && (
          <nav aria-label="Back" className="-mb-2 w-full text-sm">
            <Link
              to={back.to as "/"}
              className="-ms-1 inline-flex min-h-6 items-center gap-0.5 rounded-sm text-mute hover:text-ink"
            >
              <Icon name="back" size={14} />
              {back.label}
            </Link>
          </nav>
        )}
        <h1 tabIndex={-1} className="min-w-0 wrap-anywhere text-xl font-semibold tracking-tight">
          {title}
        </h1>
        {about !== undefined && <div className="flex items-center gap-2 text-mute">{about}</div>}
        {actions !== undefined && (
          <div className="ms-auto flex flex-wrap items-center justify-end gap-2">{actions}</div>
        )}
      </header>
      {children}
    </div>
  );
}

/** A box with a heading of its own. */
export function Panel({
  title,
  actions,
  children,
  flush = false,
}: {
  readonly title?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  /** Without padding: for a table. */
  readonly flush?: boolean;
}) {
  return (
    <section className="min-w-0 rounded-lg border bg-panel">
      {title !== undefined && (
        <header className="flex min-h-11 flex-wrap items-center gap-x-2 gap-y-1 px-4 pt-2.5 pb-1.5">
          <h2 className="font-semibold">{title}</h2>
          {actions !== undefined && <div className="ms-auto flex gap-2">{actions}</div>}
        </header>
      )}
      <div className={flush ? "" : title === undefined ? "p-4" : "px-4 pt-1 pb-4"}>{children}</div>
    </section>
  );
}

/** Names and values of one thing, in two columns. */
export function Facts({ facts }: { readonly facts: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-6 gap-y-2">
      {facts.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-mute">{name}</dt>
          <dd className="min-w-0 break-words">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
