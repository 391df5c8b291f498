import { useQuery } from "@tanstack/react-query";
import type { MadeView } from "../../../../server/keys/wire.ts";
import type { FirstStepsView } from "../../../../server/overview/wire.ts";
import { get } from "../../api/client.ts";
import { Button } from "../../ui/Button.tsx";
import { CodeBlock } from "../../ui/CodeBlock.tsx";
import { Panel } from "../../ui/Page.tsx";
import { SecretOnce } from "../../ui/SecretOnce.tsx";
import { download, envFileOf, firstCallOf } from "./key-texts.ts";

/** The new key, or what to do where its only sight was lost on the way. */
export function Reveal({ made, onDone }: { readonly made: MadeView; readonly onDone: () => void }) {
  const { apiKey } = made;
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
  const steps = useQuery({
    queryKey: ["first-steps"],
    queryFn: ({ signal }) => get<FirstStepsView>("/v1/tenant/first-steps", { signal }),
  });
  const call = steps.isPending ? undefined : firstCallOf(made, apiKey, steps.data?.purchase);
  return (
    <>
      <SecretOnce
        noun="key"
        secret={apiKey}
        masked={`${apiKey.slice(0, -49)}${"•".repeat(49)}`}
        why="This is the only time it is shown. The server keeps a hash of it, from which nobody can read it again."
        lost="without it you would revoke the key and make another."
        onDownload={() => download("zerorace.env", envFileOf(made, apiKey))}
        onDone={onDone}
      />
      {call !== undefined && (
        <Panel title="Try it">
          <div className="flex flex-col gap-2">
            <p className="text-mute">With the key in it: paste it into a shell.</p>
            <CodeBlock code={call} label="curl with the key" />
          </div>
        </Panel>
      )}
      <Form apiKey={apiKey} />
    </>
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
