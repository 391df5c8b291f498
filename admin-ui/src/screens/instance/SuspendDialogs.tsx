import type { OrganisationView } from "../../../../server/instance/wire.ts";
import { post } from "../../api/client.ts";
import { ConfirmDialog } from "../../ui/Dialog.tsx";
import { Input } from "../../ui/Field.tsx";
import { FormDialog } from "../../ui/FormDialog.tsx";
import { textIn, useFormWork } from "../../ui/forms.ts";

interface DialogProps {
  readonly one: OrganisationView;
  readonly onDone: (says: string) => void;
  readonly onClose: () => void;
}

const pathOf = ({ id }: OrganisationView, verb: string): string =>
  `/v1/instance/organisations/${id}/${verb}`;

export function SuspendDialog({ one, onDone, onClose }: DialogProps) {
  const { name, people } = one;
  const work = useFormWork(async (_key, form) => {
    await post<OrganisationView>(pathOf(one, "suspend"), { reason: textIn(form, "reason") });
    onDone(`${name} is suspended: its API keys and its people are refused.`);
  });
  return (
    <FormDialog
      title={`Suspend ${name}?`}
      action="Suspend the organisation"
      look="danger"
      work={work}
      onClose={onClose}
    >
      <p>
        It sells nothing more, in live and in test data: its API keys are refused, and its{" "}
        {people === 1 ? "one person sees" : `${people} people see`} only this reason. What is under
        way is still decided. Nothing is deleted, and you can reopen it at any time.
      </p>
      <Input
        label="Why"
        name="reason"
        autoComplete="off"
        maxLength={500}
        hint="Its people read it, and it is in their audit log. Say what they can do."
        pointer="/reason"
        problem={work.problem}
      />
    </FormDialog>
  );
}

export function ReopenDialog({ one, onDone, onClose }: DialogProps) {
  return (
    <ConfirmDialog
      open
      title={`Reopen ${one.name}?`}
      action="Reopen the organisation"
      onClose={onClose}
      onConfirm={async () => {
        await post<OrganisationView>(pathOf(one, "reopen"), {});
        onDone(`${one.name} is open again.`);
      }}
    >
      <p>
        Its API keys and sessions work again, as far as they were not revoked or ran out meanwhile.
        Its people can sign in and sell.
      </p>
    </ConfirmDialog>
  );
}
