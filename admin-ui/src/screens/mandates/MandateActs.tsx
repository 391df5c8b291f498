import { useState } from "react";
import type { WholeMandateView } from "../../../../server/mandates/wire.ts";
import { AmountInput } from "../../ui/AmountInput.tsx";
import { FormDialog } from "../../ui/FormDialog.tsx";
import { decimalOf, formatMoney, minorOf } from "../../ui/format.ts";
import { useFormWork } from "../../ui/forms.ts";
import { Reading } from "../../ui/reading.ts";
import { ConfirmAct, Reshard, useCommandOf, type ActDialog } from "../selling/Acts.tsx";
import { BeforeAfter } from "../selling/BeforeAfter.tsx";
import { Revoke } from "./Revoke.tsx";
import { readRules, RulesFields } from "./RulesFields.tsx";

export type ActName = "top-up" | "cap" | "rules" | "pause" | "activate" | "reshard" | "revoke";

export interface ActProps extends ActDialog {
  readonly mandate: WholeMandateView;
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
      return <MoreBuckets {...props} />;
    case "revoke":
      return <Revoke {...props} />;
    case "pause":
      return <Pause {...props} />;
    case "activate":
      return <Activate {...props} />;
  }
}

export const useCommand = ({ mandate }: Pick<ActProps, "mandate">) =>
  useCommandOf<WholeMandateView>("mandates", mandate.id);

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

function MoreBuckets(props: ActProps) {
  return (
    <Reshard {...props} what="money" thing={props.mandate} send={useCommand(props)}>
      Take more buckets when many agents spend from this mandate at once; one agent alone needs few.
    </Reshard>
  );
}

function Pause(props: ActProps) {
  const { name } = props.mandate;
  return (
    <ConfirmAct
      {...props}
      verb="pause"
      title={`Pause ${name}?`}
      action="Pause the mandate"
      done="It is paused: nothing is bought under it."
      send={useCommand(props)}
    >
      Once it is paused nothing is bought under {name}, whatever is under way. Holds can still be
      captured. It can be activated again.
    </ConfirmAct>
  );
}

function Activate(props: ActProps) {
  const { name, money, currency } = props.mandate;
  return (
    <ConfirmAct
      {...props}
      verb="activate"
      title={`Activate ${name}?`}
      action="Activate the mandate"
      done="It is active."
      send={useCommand(props)}
    >
      Agents can buy under {name} again at once, up to {formatMoney(money.leftMinor, currency)}.
    </ConfirmAct>
  );
}
