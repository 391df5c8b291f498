import type { ItemView, WholeItemView } from "../../../../server/items/wire.ts";
import type { MandateView, WholeMandateView } from "../../../../server/mandates/wire.ts";
import type { MerchantView } from "../../../../server/merchants/wire.ts";
import type { Problem } from "../../api/problem.ts";
import { useFinding, type Finding } from "../../api/use-finding.ts";
import { Button, IconButton } from "../../ui/Button.tsx";
import { Choice } from "../../ui/Choice.tsx";
import { Input, Select } from "../../ui/Field.tsx";
import { FindInput } from "../../ui/FindInput.tsx";
import { formatMoney, formatNumber } from "../../ui/format.ts";
import { commandKey, Kbd } from "../../ui/Kbd.tsx";
import type { Ask } from "./search.ts";
import type { Things } from "./things.ts";

export interface AskFormProps {
  readonly ask: Ask;
  readonly idempotencyKey: string;
  readonly things: Things;
  readonly item: WholeItemView | undefined;
  readonly mandate: WholeMandateView | undefined;
  readonly problem: Problem | undefined;
  readonly reason: string | undefined;
  readonly isBusy: boolean;
  /** An answer was given under this key. */
  readonly isUsed: boolean;
  readonly keepsKey: boolean;
  readonly onChange: (changed: Partial<Ask>) => void;
  readonly onKey: (key: string | undefined) => void;
  readonly onKeep: (keeps: boolean) => void;
  readonly onSend: () => void;
}

export function AskForm(props: AskFormProps) {
  const { isUsed, isBusy, reason, onSend } = props;
  return (
    <form
      noValidate
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        onSend();
      }}
    >
      <Pickers {...props} />
      <Amounts {...props} />
      <KeyField {...props} />
      <Button
        look="primary"
        size="large"
        type="submit"
        busy={isBusy}
        disabledReason={reason}
        aria-keyshortcuts="Control+Enter Meta+Enter"
        className="w-full"
      >
        {isUsed ? "Send again" : "Send the ask"}
      </Button>
      <p className="flex items-center justify-center gap-1.5 text-sm text-mute">
        <Kbd keys={`${commandKey} Enter`} /> sends, from anywhere here
      </p>
    </form>
  );
}

function Pickers({ ask, things, item, mandate, problem, onChange }: AskFormProps) {
  const merchants = useFinding<MerchantView>("merchants");
  const sold = ask.merchantId === "" ? {} : { merchantId: ask.merchantId };
  const items = useFinding<ItemView>("items", sold);
  const mandates = useFinding<MandateView>("mandates");
  const chooseItem = (itemId: string, merchantId = ask.merchantId): void => {
    const chosen = shown(items, things.items).find(({ id }) => id === itemId);
    onChange({
      merchantId,
      itemId,
      ...(chosen && {
        currency: chosen.currency,
        amountMinor: chosen.priceMinor * ask.quantity,
      }),
    });
  };
  return (
    <>
      <Select
        label="Merchant"
        pointer="/merchantId"
        problem={problem}
        value={ask.merchantId}
        onChange={({ target }) => {
          const first = things.items.find(({ merchantId }) => merchantId === target.value);
          chooseItem(first?.id ?? "", target.value);
        }}
      >
        {withNone("merchant", ask.merchantId, shown(merchants, things.merchants))}
      </Select>
      <FindInput finding={merchants} noun="merchants" />
      <Select
        label="Item"
        pointer="/itemId"
        problem={problem}
        value={ask.itemId}
        hint={item && item.id === ask.itemId && unitsOf(item)}
        onChange={({ target }) => chooseItem(target.value)}
      >
        {withNone(
          "item",
          ask.itemId,
          shown(items, things.items).filter((one) => one.merchantId === ask.merchantId),
        )}
      </Select>
      <FindInput finding={items} noun="items" />
      <Select
        label="Mandate"
        pointer="/mandateId"
        problem={problem}
        value={ask.mandateId}
        hint={mandate && mandate.id === ask.mandateId && moneyOf(mandate)}
        onChange={({ target }) => onChange({ mandateId: target.value })}
      >
        {withNone("mandate", ask.mandateId, shown(mandates, things.mandates))}
      </Select>
      <FindInput finding={mandates} noun="mandates" />
      <Input
        label="Agent"
        pointer="/agentId"
        problem={problem}
        value={ask.agentId}
        autoComplete="off"
        spellCheck={false}
        onChange={({ target }) => onChange({ agentId: target.value })}
      />
    </>
  );
}

/** What there is, as the page has it; what was typed narrows it to what is called so. */
function shown<View extends { readonly id: string }>(
  { text, found = [] }: Finding<View>,
  things: readonly View[],
): readonly View[] {
  if (text !== "") return found;
  return [...things, ...found.filter(({ id }) => !things.some((one) => one.id === id))];
}

/** The choices, and what a link named though it is not among them. */
function withNone(
  noun: string,
  chosen: string,
  all: readonly { readonly id: string; readonly name: string }[],
) {
  const isKnown = all.some(({ id }) => id === chosen);
  return (
    <>
      {chosen === "" && (
        <option value="">
          Choose a{noun === "item" ? "n" : ""} {noun}
        </option>
      )}
      {chosen !== "" && !isKnown && <option value={chosen}>{chosen}</option>}
      {all.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </>
  );
}

function unitsOf({ stock, priceMinor, currency }: WholeItemView): string {
  const { free, held, sold } = stock;
  const units = `${formatNumber(free)} free, ${formatNumber(held)} held, ${formatNumber(sold)} sold`;
  return `${formatMoney(priceMinor, currency)} · ${units}`;
}

function moneyOf({ left, capMinor, currency, state }: WholeMandateView): string {
  const money = `${formatMoney(left.capMinor, currency)} left of ${formatMoney(capMinor, currency)}`;
  return state === "active" ? money : `${money} · ${state}`;
}

function Amounts({ ask, things, item, problem, onChange }: AskFormProps) {
  const known = item?.id === ask.itemId ? item : things.items.find(({ id }) => id === ask.itemId);
  const isRight = known !== undefined && ask.amountMinor === known.priceMinor * ask.quantity;
  const setQuantity = (quantity: number): void =>
    onChange({ quantity, ...(isRight && { amountMinor: known.priceMinor * quantity }) });
  return (
    <div className="grid grid-cols-[minmax(0,2fr)_minmax(0,3fr)_minmax(0,2fr)] items-start gap-2">
      <Input
        label="Quantity"
        inputMode="numeric"
        pointer="/quantity"
        problem={problem}
        value={ask.quantity}
        onChange={({ target }) => setQuantity(numberIn(target.value))}
      />
      <Input
        label="Amount, minor"
        inputMode="numeric"
        pointer="/amountMinor"
        problem={problem}
        value={ask.amountMinor}
        hint={/^[A-Z]{3}$/.test(ask.currency) && formatMoney(ask.amountMinor, ask.currency)}
        onChange={({ target }) => onChange({ amountMinor: numberIn(target.value) })}
      />
      <Input
        label="Currency"
        pointer="/currency"
        problem={problem}
        value={ask.currency}
        maxLength={3}
        autoComplete="off"
        spellCheck={false}
        onChange={({ target }) => onChange({ currency: target.value.toUpperCase() })}
      />
    </div>
  );
}

function numberIn(text: string): number {
  return Number(text.replaceAll(/\D/g, "").slice(0, 15));
}

function KeyField({ idempotencyKey, isUsed, keepsKey, problem, onKey, onKeep }: AskFormProps) {
  return (
    <div className="flex flex-col gap-1.5">
      <div className="grid grid-cols-[minmax(0,1fr)_auto] items-end gap-1">
        <Input
          label="Idempotency key"
          pointer="/idempotencyKey"
          problem={problem}
          value={idempotencyKey}
          autoComplete="off"
          spellCheck={false}
          className="font-mono text-xs"
          onChange={({ target }) => onKey(target.value)}
        />
        <IconButton label="New key" icon="refresh" look="plain" onClick={() => onKey(undefined)} />
      </div>
      <p className="text-sm text-mute">
        {isUsed
          ? "Answered. Sent again, this key gets the same answer; a second purchase needs a new key."
          : "Not used yet. However often it is sent, it buys once."}
      </p>
      <Choice
        className="text-sm"
        checked={keepsKey}
        onChange={({ target }) => onKeep(target.checked)}
      >
        Keep the key when the ask changes
      </Choice>
    </div>
  );
}
