import { useBlocker } from "@tanstack/react-router";
import { useEffect, useState, type ReactNode } from "react";
import { guardMode } from "../api/mode.ts";
import { Button } from "./Button.tsx";
import { Choice } from "./Choice.tsx";
import { CopyButton } from "./CopyButton.tsx";
import { ConfirmDialog } from "./Dialog.tsx";
import { Icon } from "./Icon.tsx";
import { Panel } from "./Page.tsx";

/** The only sight of a secret that there is. It stays until somebody says that it is kept. */
export function SecretOnce({
  noun,
  secret,
  masked,
  why,
  lost,
  onDownload,
  onDone,
}: {
  /** What it is: "key". */
  readonly noun: string;
  readonly secret: string;
  readonly masked: string;
  /** Why it is not shown again. */
  readonly why: ReactNode;
  /** What somebody has to do who leaves without it. */
  readonly lost: ReactNode;
  readonly onDownload: () => void;
  readonly onDone: () => void;
}) {
  const [isSaved, setSaved] = useState(false);
  const [isMasked, setMasked] = useState(false);
  // It takes the place of a form that may have been scrolled: one begins at the top of it.
  useEffect(() => {
    scrollTo(0, 0);
    document.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
  }, []);
  return (
    <Panel title={`Keep this ${noun} now`}>
      <div className="flex flex-col gap-4">
        <p className="flex items-start gap-2">
          <span className="mt-0.5 text-warn">
            <Icon name="alert" />
          </span>
          <span>{why}</span>
        </p>
        <div className="flex flex-col gap-2 rounded-md border bg-sunk p-3">
          <code className="font-mono text-sm break-all select-all">
            {isMasked ? masked : secret}
          </code>
          <div className="flex flex-wrap gap-2">
            <CopyButton text={secret} words={`Copy the ${noun}`} look="primary" size="normal" />
            <Button icon="download" onClick={onDownload}>
              Download .env
            </Button>
            <Button icon="eye" aria-pressed={isMasked} onClick={() => setMasked(!isMasked)}>
              {isMasked ? "Show it" : "Hide it"}
            </Button>
          </div>
        </div>
        {/* Beside each other: what says why not yet, above the button, must not lie over the box. */}
        <div className="flex items-center gap-5">
          <Choice checked={isSaved} onChange={(event) => setSaved(event.target.checked)}>
            I have saved it
          </Choice>
          <Button
            look="primary"
            disabledReason={isSaved ? undefined : `Save the ${noun} first, then say so.`}
            onClick={onDone}
          >
            Done
          </Button>
        </div>
      </div>
      <Leaving noun={noun} lost={lost} isSaved={isSaved} />
    </Panel>
  );
}

/** Asks before another page, or the other mode, takes the secret away. */
function Leaving({
  noun,
  lost,
  isSaved,
}: {
  readonly noun: string;
  readonly lost: ReactNode;
  readonly isSaved: boolean;
}) {
  const { status, proceed, reset } = useBlocker({
    shouldBlockFn: () => !isSaved,
    enableBeforeUnload: !isSaved,
    withResolver: true,
  });
  const [switching, setSwitching] = useState<() => void>();
  useEffect(() => {
    if (isSaved) return undefined;
    return guardMode((go) => setSwitching(() => go));
  }, [isSaved]);
  const stay = (): void => {
    reset?.();
    setSwitching(undefined);
  };
  return (
    <ConfirmDialog
      open={status === "blocked" || switching !== undefined}
      title={`Leave without the ${noun}?`}
      action="Leave"
      danger
      onConfirm={async () => (switching ?? proceed)?.()}
      onClose={stay}
    >
      <p>You have not said that it is saved. It cannot be shown again: {lost}</p>
    </ConfirmDialog>
  );
}
