import { useQueryClient } from "@tanstack/react-query";
import type { KeyView, MadeView } from "../../../../server/keys/wire.ts";
import { post } from "../../api/client.ts";
import { Input, Select } from "../../ui/Field.tsx";
import { FormDialog } from "../../ui/FormDialog.tsx";
import { textIn, useFormWork } from "../../ui/forms.ts";

const overlaps = [
  [0, "Not at all: it ends now"],
  [3_600, "For an hour"],
  [86_400, "For a day"],
  [604_800, "For a week"],
] as const;

/** A successor on the same terms; for a while both are valid. */
export function RollDialog({
  apiKey: { id, name },
  onClose,
  onMade,
}: {
  readonly apiKey: KeyView;
  readonly onClose: () => void;
  readonly onMade: (made: MadeView) => void;
}) {
  const client = useQueryClient();
  const work = useFormWork(async (idempotencyKey, form) => {
    const reason = textIn(form, "reason");
    const body = {
      overlapSeconds: Number(textIn(form, "overlap")),
      ...(reason !== "" && { reason }),
    };
    const made = await post<MadeView>(`/v1/keys/${id}/roll`, body, { idempotencyKey });
    await client.invalidateQueries({ queryKey: ["keys"] });
    onMade(made);
  });
  const { problem } = work;
  return (
    <FormDialog title={`Roll ${name}`} action="Make the new key" work={work} onClose={onClose}>
      <p>
        You get a new key with the same scopes and bounds. The old one goes on working for a while,
        so that nothing stops while you put the new one in its place.
      </p>
      <Select
        label="The old key goes on"
        name="overlap"
        defaultValue={86_400}
        pointer="/overlapSeconds"
        problem={problem}
      >
        {overlaps.map(([seconds, words]) => (
          <option key={seconds} value={seconds}>
            {words}
          </option>
        ))}
      </Select>
      <Input
        label="Reason"
        name="reason"
        optional
        autoComplete="off"
        hint="For the audit log."
        pointer="/reason"
        problem={problem}
      />
    </FormDialog>
  );
}
