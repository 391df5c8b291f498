import type { MadeView } from "../../../../server/webhooks/wire.ts";
import { Button } from "../../ui/Button.tsx";
import { CodeBlock } from "../../ui/CodeBlock.tsx";
import { Panel } from "../../ui/Page.tsx";
import { SecretOnce } from "../../ui/SecretOnce.tsx";
import { download } from "../keys/key-texts.ts";
import { receiverCode } from "./snippets.ts";
import { placeOf } from "./words.ts";

/** The secret of a webhook that was made, or rolled, and how it is used. */
export function RevealSecret({
  made,
  onDone,
}: {
  readonly made: MadeView;
  readonly onDone: () => void;
}) {
  const { secret, url } = made;
  if (secret === undefined) return <Lost onDone={onDone} />;
  const place = placeOf(url).replaceAll(/[^\p{L}\p{N} ._:/-]/gu, " ");
  const file = `# signs what ${location.origin} sends to ${place}\nZERORACE_WEBHOOK_SECRET=${secret}\n`;
  return (
    <>
      <SecretOnce
        noun="secret"
        secret={secret}
        masked={`${secret.slice(0, 6)}${"•".repeat(secret.length - 6)}`}
        why="Your receiver verifies with it that a delivery comes from here. This is the only time it is shown: the server keeps it sealed."
        lost="without it you would roll the secret for another."
        onDownload={() => download("zerorace-webhook.env", file)}
        onDone={onDone}
      />
      <Panel title="Verify with it">
        <CodeBlock label="TypeScript" code={receiverCode} />
      </Panel>
    </>
  );
}

/** The answer that had the secret was lost on the way, and the same request was sent again. */
function Lost({ onDone }: { readonly onDone: () => void }) {
  return (
    <Panel title="It is done, and the secret is lost">
      <div className="flex flex-col items-start gap-3">
        <p>
          The answer that showed the secret did not arrive here, and it is not shown twice. Roll the
          secret: the next answer has a new one.
        </p>
        <Button look="primary" onClick={onDone}>
          Go to the webhook
        </Button>
      </div>
    </Panel>
  );
}
