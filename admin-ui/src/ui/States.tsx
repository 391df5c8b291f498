import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { setMode, useMode } from "../api/mode.ts";
import { asProblem } from "../api/problem.ts";
import { Button, buttonClass } from "./Button.tsx";
import { CodeBlock } from "./CodeBlock.tsx";
import { CopyButton } from "./CopyButton.tsx";
import { Icon, type IconName } from "./Icon.tsx";
import { RetryButton } from "./RetryButton.tsx";

export interface EmptyStateProps {
  readonly icon?: IconName;
  readonly title: string;
  /** One sentence: what would be here. */
  readonly children: ReactNode;
  /** One button or link. */
  readonly action?: ReactNode;
  /** The same by the API, to copy. */
  readonly curl?: string;
  /** The page of the docs that explains it. */
  readonly docs?: { readonly to: `/docs${string}`; readonly words: string };
}

export function EmptyState({ icon, title, children, action, curl, docs }: EmptyStateProps) {
  return (
    <section className="flex flex-col items-center gap-4 rounded-lg border bg-panel px-6 py-12 text-center">
      {icon && (
        <span className="grid size-10 place-items-center rounded-full bg-sunk text-mute">
          <Icon name={icon} size={20} />
        </span>
      )}
      <div className="flex max-w-[34rem] flex-col gap-1">
        <h2 className="text-lg font-semibold">{title}</h2>
        <p className="text-mute">{children}</p>
      </div>
      {action}
      {docs && (
        <p className="text-sm">
          <a className="underline" href={docs.to} target="_blank" rel="noreferrer">
            {docs.words}
            <span className="sr-only">, in a new tab</span>
          </a>
        </p>
      )}
      {curl !== undefined && (
        <div className="w-full max-w-[42rem] text-start">
          <p className="mb-1 text-sm text-mute">Or from a shell:</p>
          <CodeBlock code={curl} label="curl" />
        </div>
      )}
    </section>
  );
}

/** A whole screen, or a part of one, that could not be read. */
export function ErrorState({
  error,
  onRetry,
}: {
  readonly error: unknown;
  readonly onRetry?: (() => void) | undefined;
}) {
  const problem = asProblem(error);
  const mode = useMode();
  const other = mode === "test" ? "live" : "test";
  return (
    <section
      role="alert"
      className="flex flex-col items-start gap-3 rounded-lg border bg-panel px-6 py-6"
    >
      <h2 className="flex items-center gap-2 text-lg font-semibold">
        <span className="text-bad">
          <Icon name="alert" size={18} />
        </span>
        {problem.title}
      </h2>
      <p className="max-w-[46rem]">
        {problem.code === "FORBIDDEN"
          ? `It is not in your ${mode} data: it may be in the ${other} data, or another organisation's.`
          : problem.message}
      </p>
      <div className="flex flex-wrap gap-2">
        {onRetry && (
          <RetryButton
            key={problem.requestId ?? problem.code}
            afterSeconds={problem.retryAfterSeconds}
            onRetry={onRetry}
          />
        )}
        {problem.code === "BAD_CURSOR" && (
          <Link
            to="."
            search={((now: object) => ({ ...now, cursor: undefined })) as never}
            className={buttonClass()}
          >
            To the first page
          </Link>
        )}
        {problem.code === "FORBIDDEN" && (
          <Button onClick={() => setMode(other)}>Look in {other} data</Button>
        )}
      </div>
      {problem.href !== undefined && (
        <p className="flex flex-wrap items-center gap-x-2 text-sm text-mute">
          <a className="underline" href={problem.href} target="_blank" rel="noreferrer">
            About {problem.code}
          </a>
          {problem.requestId !== undefined && (
            <span className="flex min-w-0 items-center gap-1">
              <span className="min-w-0">
                Request <code className="font-mono text-xs break-all">{problem.requestId}</code>
              </span>
              <CopyButton text={problem.requestId} label="Copy request id" />
            </span>
          )}
        </p>
      )}
    </section>
  );
}

/** In the shape of what comes; it shows itself only when that takes longer than a blink. */
export function Skeleton({ className = "h-4 w-full" }: { readonly className?: string }) {
  return <div aria-hidden="true" className={`skeleton ${className}`} />;
}

/** For what fills a panel. */
export function PanelSkeleton() {
  return (
    <div role="status" className="flex flex-col gap-3 px-4 pt-1 pb-4">
      <span className="sr-only">Loading</span>
      <Skeleton className="h-3.5 w-2/3" />
      <Skeleton className="h-3.5 w-1/2" />
    </div>
  );
}

/** For a table that is on its way. */
export function SkeletonRows({
  rows = 8,
  bare = false,
}: {
  readonly rows?: number;
  /** Inside of a panel that is flush. */
  readonly bare?: boolean;
}) {
  return (
    <div role="status" className={bare ? "border-t" : "rounded-lg border bg-panel"}>
      <span className="sr-only">Loading</span>
      {Array.from({ length: rows }, (_, at) => (
        <div key={at} className="flex h-10 items-center gap-6 border-b px-4 last:border-b-0">
          <Skeleton className="h-3.5 w-1/4" />
          <Skeleton className="h-3.5 w-1/3" />
          <Skeleton className="ms-auto h-3.5 w-16" />
        </div>
      ))}
    </div>
  );
}
