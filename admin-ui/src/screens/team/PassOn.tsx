import { CodeBlock } from "../../ui/CodeBlock.tsx";
import { Button } from "../../ui/Button.tsx";
import { CopyButton } from "../../ui/CopyButton.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { formatTime } from "../../ui/format.ts";

export interface Passed {
  readonly title: string;
  readonly says: string;
  readonly link: string;
  readonly expiresAt: string;
}

/** A link that is good once, and shown this once: this server sends no mail. */
export function PassOn({
  passed,
  onClose,
}: {
  readonly passed: Passed;
  readonly onClose: () => void;
}) {
  const { title, says, link, expiresAt } = passed;
  // Without ZERORACE_PUBLIC_URL the server does not know its address; this page does.
  const whole = link.startsWith("/") ? `${location.origin}${link}` : link;
  const actions = (
    <>
      <CopyButton text={whole} words="Copy the link" look="primary" size="normal" />
      <Button onClick={onClose}>Done</Button>
    </>
  );
  return (
    <Dialog open title={title} actions={actions}>
      <div className="flex flex-col gap-3">
        <p>{says}</p>
        <CodeBlock code={whole} label="the link" wraps />
        <p className="text-sm text-mute">
          It is good once, until {formatTime(expiresAt)}, and is not shown again. A newer one for
          the same person ends it.
        </p>
      </div>
    </Dialog>
  );
}
