import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { MerchantView } from "../../../../server/merchants/wire.ts";
import { post } from "../../api/client.ts";
import { Input } from "../../ui/Field.tsx";
import { FormDialog } from "../../ui/FormDialog.tsx";
import { textIn, useFormWork } from "../../ui/forms.ts";
import { note } from "../../ui/say.ts";

export function NewMerchant({ onClose }: { readonly onClose: () => void }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const work = useFormWork(async (idempotencyKey, form) => {
    const body = { name: textIn(form, "name") };
    const { id, name } = await post<MerchantView>("/v1/merchants", body, { idempotencyKey });
    note(`${name} is made.`);
    await queries.invalidateQueries({ queryKey: ["merchants"] });
    await navigate({ to: "/merchants/$id", params: { id }, replace: true });
  });
  return (
    <FormDialog title="New merchant" action="Create the merchant" work={work} onClose={onClose}>
      <Input
        label="Name"
        name="name"
        autoFocus
        autoComplete="off"
        hint="As people see it. It cannot be changed later."
        pointer="/name"
        problem={work.problem}
      />
    </FormDialog>
  );
}
