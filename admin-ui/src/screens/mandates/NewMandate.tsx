import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { WholeMandateView } from "../../../../server/mandates/wire.ts";
import { post } from "../../api/client.ts";
import { CurrencySelect } from "../../ui/CurrencySelect.tsx";
import { AmountInput } from "../../ui/AmountInput.tsx";
import { Input } from "../../ui/Field.tsx";
import { FormDialog } from "../../ui/FormDialog.tsx";
import { useFormWork } from "../../ui/forms.ts";
import { Reading } from "../../ui/reading.ts";
import { note } from "../../ui/say.ts";
import { readRules, RulesFields } from "./RulesFields.tsx";

export function NewMandate({ onClose }: { readonly onClose: () => void }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [currency, setCurrency] = useState("EUR");
  const work = useFormWork(async (idempotencyKey, form) => {
    const read = new Reading(form);
    const body = {
      name: read.text("name") ?? "",
      currency,
      capMinor: read.amount("capMinor", currency),
      ...readRules(read, currency),
    };
    read.check();
    const made = await post<WholeMandateView>("/v1/mandates", body, { idempotencyKey });
    note(`${made.name} is active.`);
    await queries.invalidateQueries({ queryKey: ["mandates"] });
    await navigate({ to: "/mandates/$id", params: { id: made.id }, replace: true });
  });
  const { problem } = work;
  return (
    <FormDialog wide title="New mandate" action="Create the mandate" work={work} onClose={onClose}>
      <Input
        label="Name"
        name="name"
        autoFocus
        autoComplete="off"
        hint="Whose money, or what for."
        pointer="/name"
        problem={problem}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <CurrencySelect
          label="Currency"
          value={currency}
          onChoose={setCurrency}
          pointer="/currency"
          problem={problem}
        />
        <AmountInput
          label="Cap"
          name="capMinor"
          currency={currency}
          placeholder="1000.00"
          hint="What may be spent in all. It can be raised later."
          pointer="/capMinor"
          problem={problem}
        />
      </div>
      <RulesFields currency={currency} problem={problem} />
    </FormDialog>
  );
}
