import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { WholeMandateView } from "../../../../server/mandates/wire.ts";
import { newKey, post } from "../../api/client.ts";
import { ConfirmDialog } from "../../ui/Dialog.tsx";
import { AmountInput } from "../../ui/AmountInput.tsx";
import { Input } from "../../ui/Field.tsx";
import { FormDialog } from "../../ui/FormDialog.tsx";
import { decimalOf, formatMoney, minorOf } from "../../ui/format.ts";
import { useFormWork } from "../../ui/forms.ts";
import { Reading } from "../../ui/reading.ts";
import { BeforeAfter } from "../selling/BeforeAfter.tsx";
import { Revoke } from "./Revoke.tsx";
import { readRules, RulesFields } from "./RulesFields.tsx";

export type ActName = "top-up" | "cap" | "rules" | "pause" | "activate" | "reshard" | "revoke";

export interface ActProps {
  readonly mandate: WholeMandateView;
  /** What was done, in words. */
  readonly onDone: (says: string) => void;
  readonly onClose: () => void;
}

export function MandateAct({ name, ...props }: ActProps & { readonly name: ActName }) {
  switch (name) {
    case "top-up":
      return <TopUp {...props} />;
    case "cap":
      return <Cap {...props} />;
    case "rules":
      return <Rules {...props} />;
    case "reshard":
      return <Reshard {...props} />;
    case "revoke":
      return <Revoke {...props} />;
    case "pause":
    case "activate":
      return <PauseOrActivate {...props} verb={name} />;
  }
}

export function useCommand({ mandate }: Pick<ActProps, "mandate">) {
  const queries = useQueryClient();
  return async (verb: ActName, body: object, idempotencyKey: string): Promise<WholeMandateView> => {
    const path = `/v1/mandates/${mandate.id}/${verb}`;
    const after = await post<WholeMandateView>(path, body, { idempotencyKey });
    await queries.invalidateQueries({ queryKey: ["mandates"] });
    return after;
  };
}

function TopUp(props: ActProps) {
  const { mandate, onDone, onClose } = props;
  const { currency, capMinor, name } = mandate;
  const [typed, setTyped] = useState("");
  const send = useCommand(props);
  const work = useFormWork(async (key, form) => {
    const read = new Reading(form);
    const body = { amountMinor: read.amount("amountMinor", currency) };
    read.check();
    const after = await send("top-up", body, key);
    onDone(`Topped up: the cap is ${formatMoney(after.capMinor, currency)} now.`);
    onClose();
  });
  const more = minorOf(typed, currency);
  return (
    <FormDialog title={`Top up ${name}`} action="Top up" work={work} onClose={onClose}>
      <AmountInput
        label={`Amount, in ${currency}`}
        name="amountMinor"
        autoFocus
        currency={currency}
        placeholder="500.00"
        hint="It is added to the cap."
        pointer="/amountMinor"
        problem={work.problem}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      <BeforeAfter
        label="Cap"
        before={formatMoney(capMinor, currency)}
        after={more === undefined ? undefined : formatMoney(capMinor + more, currency)}
      />
    </FormDialog>
  );
}

function Cap(props: ActProps) {
  const { mandate, onDone, onClose } = props;
  const { currency, capMinor, name, money } = mandate;
  const [typed, setTyped] = useState(() => decimalOf(capMinor, currency) as string);
  const send = useCommand(props);
  const work = useFormWork(async (key, form) => {
    const read = new Reading(form);
    const body = { capMinor: read.amount("capMinor", currency) };
    read.check();
    const after = await send("cap", body, key);
    onDone(`The cap is ${formatMoney(after.capMinor, currency)} now.`);
    onClose();
  });
  const next = minorOf(typed, currency);
  const gone = money.spentMinor + money.heldMinor;
  return (
    <FormDialog title={`Cap of ${name}`} action="Set the cap" work={work} onClose={onClose}>
      <AmountInput
        label={`Cap, in ${currency}`}
        name="capMinor"
        autoFocus
        currency={currency}
        hint={`Not below the ${formatMoney(gone, currency)} that are spent or held.`}
        pointer="/capMinor"
        problem={work.problem}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      <BeforeAfter
        label="Left to spend"
        before={formatMoney(money.leftMinor, currency)}
        after={next === undefined ? undefined : formatMoney(next - gone, currency)}
        fault={next !== undefined && next < gone ? "More than that is spent or held." : undefined}
      />
    </FormDialog>
  );
}

function Rules(props: ActProps) {
  const { mandate, onDone, onClose } = props;
  // As they were when the form was opened: what comes in meanwhile must not move under the hands.
  const [rules] = useState(mandate);
  const send = useCommand(props);
  const work = useFormWork(async (key, form) => {
    const read = new Reading(form);
    const body = readRules(read, rules.currency, rules);
    read.check();
    await send("rules", body, key);
    onDone("The rules are set. What was spent counts under the new limits.");
    onClose();
  });
  return (
    <FormDialog
      wide
      title={`Rules of ${rules.name}`}
      action="Set the rules"
      work={work}
      onClose={onClose}
    >
      <p className="text-mute">
        All of them together: a field that is empty is no rule from then on. What was spent in a
        running period counts under its new limit.
      </p>
      <RulesFields currency={rules.currency} problem={work.problem} rules={rules} />
    </FormDialog>
  );
}

function Reshard(props: ActProps) {
  const { mandate, onDone, onClose } = props;
  const send = useCommand(props);
  const work = useFormWork(async (key, form) => {
    const read = new Reading(form);
    const body = { buckets: read.whole("buckets") };
    read.check();
    const after = await send("reshard", body, key);
    onDone(`The money lies in ${after.buckets} buckets now.`);
    onClose();
  });
  return (
    <FormDialog
      title={`Reshard the money of ${mandate.name}`}
      action="Reshard"
      work={work}
      onClose={onClose}
    >
      <p>
        Sales go on meanwhile. Take more buckets when many agents spend from this mandate at once;
        one agent alone needs few.
      </p>
      <Input
        label="Buckets"
        name="buckets"
        autoFocus
        inputMode="numeric"
        autoComplete="off"
        defaultValue={mandate.buckets}
        hint="1 to 256."
        pointer="/buckets"
        problem={work.problem}
      />
    </FormDialog>
  );
}

function PauseOrActivate(props: ActProps & { readonly verb: "pause" | "activate" }) {
  const { mandate, verb, onDone, onClose } = props;
  const send = useCommand(props);
  const [key] = useState(newKey);
  const isPause = verb === "pause";
  return (
    <ConfirmDialog
      open
      title={`${isPause ? "Pause" : "Activate"} ${mandate.name}?`}
      action={isPause ? "Pause the mandate" : "Activate the mandate"}
      onClose={onClose}
      onConfirm={async () => {
        await send(verb, {}, key);
        onDone(isPause ? "It is paused: nothing is bought under it." : "It is active.");
      }}
    >
      <p>
        {isPause
          ? `Once it is paused nothing is bought under ${mandate.name}, whatever is under way. Holds can still be captured. It can be activated again.`
          : `Agents can buy under ${mandate.name} again at once, up to ${formatMoney(mandate.money.leftMinor, mandate.currency)}.`}
      </p>
    </ConfirmDialog>
  );
}
