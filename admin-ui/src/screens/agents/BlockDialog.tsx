import { useState } from "react";
import type { WholeAgentView } from "../../../../server/agents/wire.ts";
import { newKey, post } from "../../api/client.ts";
import { ConfirmDialog } from "../../ui/Dialog.tsx";
import { Input } from "../../ui/Field.tsx";
import { FormDialog } from "../../ui/FormDialog.tsx";
import { textIn, useFormWork } from "../../ui/forms.ts";

interface DialogProps {
  readonly id: string;
  readonly onDone: (after: WholeAgentView, says: string) => void;
  readonly onClose: () => void;
}

const pathOf = (id: string, verb: string): string => `/v1/agents/${encodeURIComponent(id)}/${verb}`;

export function BlockDialog({ id, onDone, onClose }: DialogProps) {
  const work = useFormWork(async (key, form) => {
    const reason = textIn(form, "reason") || undefined;
    const after = await post<WholeAgentView>(
      pathOf(id, "block"),
      { reason },
      { idempotencyKey: key },
    );
    onDone(after, `${id} is blocked: nothing that was under way comes through any more.`);
  });
  return (
    <FormDialog
      title={`Block ${id}?`}
      action="Block the agent"
      look="danger"
      work={work}
      onClose={onClose}
    >
      <p>
        Once it is blocked it buys and holds nothing more in this data, under whatever mandate and
        with whatever key. Asks that are under way are refused, too. What it holds now can still be
        captured. You can unblock it at any time.
      </p>
      <Input
        label="Why"
        name="reason"
        autoComplete="off"
        maxLength={500}
        hint="For the audit log. May be left empty."
        pointer="/reason"
        problem={work.problem}
      />
    </FormDialog>
  );
}

export function UnblockDialog({ id, onDone, onClose }: DialogProps) {
  const [key] = useState(newKey);
  return (
    <ConfirmDialog
      open
      title={`Unblock ${id}?`}
      action="Unblock the agent"
      onClose={onClose}
      onConfirm={async () => {
        const after = await post<WholeAgentView>(
          pathOf(id, "unblock"),
          {},
          { idempotencyKey: key },
        );
        onDone(after, `${id} may buy again.`);
      }}
    >
      <p>
        Its next ask is decided as any other. Asks that were declined meanwhile stay so under their
        keys: it has to ask again, under new ones.
      </p>
    </ConfirmDialog>
  );
}
