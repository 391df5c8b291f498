import { useQuery } from "@tanstack/react-query";
import { useBlocker } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import type { MadeView } from "../../../../server/keys/wire.ts";
import type { FirstStepsView } from "../../../../server/overview/wire.ts";
import { get } from "../../api/client.ts";
import { guardMode } from "../../api/mode.ts";
import { Button } from "../../ui/Button.tsx";
import { Choice } from "../../ui/Choice.tsx";
import { CodeBlock } from "../../ui/CodeBlock.tsx";
import { CopyButton } from "../../ui/CopyButton.tsx";
import { ConfirmDialog } from "../../ui/Dialog.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Panel } from "../../ui/Page.tsx";
import { download, envFileOf, firstCallOf } from "./key-texts.ts";

/** The only sight of a secret that there is. It stays until somebody says that it is kept. */
export function Reveal({ made, onDone }: { readonly made: MadeView; readonly onDone: () => void }) {
  const { apiKey } = made;
  // It takes the place of a form that may have been scrolled: one begins at the top of it.
  useEffect(() => {
    scrollTo(0, 0);
    document.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
  }, []);
  if (apiKey === null) return <Lost says={made.says} onDone={onDone} />;
  return <Shown made={made} apiKey={apiKey} onDone={onDone} />;
}

function Shown({
  made,
  apiKey,
  onDone,
}: {
  readonly made: MadeView;
  readonly apiKey: string;
  readonly onDone: () => void;
}) {
  const [isSaved, setSaved] = useState(false);
  const [isMasked, setMasked] = useState(false);
  const steps = useQuery({
    queryKey: ["first-steps"],
    queryFn: ({ signal }) => get<FirstStepsView>("/v1/tenant/first-steps", { signal }),
  });
  const call = steps.isPending ? undefined : firstCallOf(made, apiKey, steps.data?.purchase);
  const hidden = `${apiKey.slice(0, -49)}${"•".repeat(49)}`;
  return (
    <>
      <Panel title="Keep this key now">
        <div className="flex flex-col gap-4">
          <p className="flex items-start gap-2">
            <span className="mt-0.5 text-warn">
              <Icon name="alert" />
            </span>
            This is the only time it is shown. The server keeps a hash of it, from which nobody can
            read it again.
          </p>
          <div className="flex flex-col gap-2 rounded-md border bg-sunk p-3">
            <code className="font-mono text-sm break-all select-all">
              {isMasked ? hidden : apiKey}
            </code>
            <div className="flex flex-wrap gap-2">
              <CopyButton text={apiKey} words="Copy the key" look="primary" size="normal" />
              <Button
                icon="download"
                onClick={() => download("zerorace.env", envFileOf(made, apiKey))}
              >
                Download .env
              </Button>
              <Button icon="eye" aria-pressed={isMasked} onClick={() => setMasked(!isMasked)}>
                {isMasked ? "Show it" : "Hide it"}
              </Button>
            </div>
          </div>
          <Kept isSaved={isSaved} onSaved={setSaved} onDone={onDone} />
        </div>
      </Panel>
      {call !== undefined && (
        <Panel title="Try it">
          <div className="flex flex-col gap-2">
            <p className="text-mute">With the key in it: paste it into a shell.</p>
            <CodeBlock code={call} label="curl with the key" />
          </div>
        </Panel>
      )}
      <Form apiKey={apiKey} />
      <Leaving isSaved={isSaved} />
    </>
  );
}

/** Beside each other: what says why not yet, above the button, must not lie over the box. */
function Kept({
  isSaved,
  onSaved,
  onDone,
}: {
  readonly isSaved: boolean;
  readonly onSaved: (isSaved: boolean) => void;
  readonly onDone: () => void;
}) {
  return (
    <div className="flex items-center gap-5">
      <Choice checked={isSaved} onChange={(event) => onSaved(event.target.checked)}>
        I have saved it
      </Choice>
      <Button
        look="primary"
        disabledReason={isSaved ? undefined : "Save the key first, then say so."}
        onClick={onDone}
      >
        Done
      </Button>
    </div>
  );
}

/** What its parts are, so that a scanner for leaked secrets can be told. */
function Form({ apiKey }: { readonly apiKey: string }) {
  const [prefix = "", mode = "", id = ""] = apiKey.split("_");
  return (
    <Panel title="How to recognise it">
      <div className="flex flex-col gap-2">
        <p>
          <code className="font-mono text-xs">
            {prefix}_{mode}_
          </code>
          , then 22 characters that name the key (<code className="font-mono text-xs">{id}</code>,
          which may be seen), then <code className="font-mono text-xs">_</code>, 43 characters of
          secret and 6 of checksum.
        </p>
        <p className="text-mute">
          The checksum is the CRC-32 of everything before it, in base 62: a scanner tells a real key
          from what only looks like one, without asking this server.
        </p>
        <CodeBlock
          code={String.raw`zr_(?:live|test)_[0-9A-Za-z]{22}_[0-9A-Za-z]{49}`}
          label="pattern for secret scanners"
        />
      </div>
    </Panel>
  );
}

/** Asks before another page, or the other mode, takes the secret away. */
function Leaving({ isSaved }: { readonly isSaved: boolean }) {
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
      title="Leave without the key?"
      action="Leave"
      danger
      onConfirm={async () => (switching ?? proceed)?.()}
      onClose={stay}
    >
      <p>
        You have not said that it is saved. It cannot be shown again: without it you would revoke
        the key and make another.
      </p>
    </ConfirmDialog>
  );
}

/** The answer that had the secret was lost on the way, and the same request was sent again. */
function Lost({ says, onDone }: { readonly says: string; readonly onDone: () => void }) {
  return (
    <Panel title="The key is made, and its secret is lost">
      <div className="flex flex-col items-start gap-3">
        <p>{says}</p>
        <Button look="primary" onClick={onDone}>
          Go to the key
        </Button>
      </div>
    </Panel>
  );
}
