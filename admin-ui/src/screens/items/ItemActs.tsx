import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { WholeItemView } from "../../../../server/items/wire.ts";
import { newKey, post } from "../../api/client.ts";
import { ConfirmDialog } from "../../ui/Dialog.tsx";
import { AmountInput } from "../../ui/AmountInput.tsx";
import { Input, TextArea } from "../../ui/Field.tsx";
import { FormDialog } from "../../ui/FormDialog.tsx";
import { decimalOf, formatMoney, formatNumber, minorOf } from "../../ui/format.ts";
import { useFormWork } from "../../ui/forms.ts";
import { Reading } from "../../ui/reading.ts";
import { BeforeAfter } from "../selling/BeforeAfter.tsx";

export type ActName = "adjust" | "price" | "close" | "open" | "reshard";

interface ActProps {
  readonly item: WholeItemView;
  /** What was done, in words. */
  readonly onDone: (says: string) => void;
  readonly onClose: () => void;
}

export function ItemAct({ name, ...props }: ActProps & { readonly name: ActName }) {
  switch (name) {
    case "adjust":
      return <Adjust {...props} />;
    case "price":
      return <NewPrice {...props} />;
    case "reshard":
      return <Reshard {...props} />;
    case "close":
    case "open":
      return <OpenOrClose {...props} verb={name} />;
  }
}

function useCommand({ item }: ActProps) {
  const queries = useQueryClient();
  return async (verb: ActName, body: object, idempotencyKey: string): Promise<WholeItemView> => {
    const path = `/v1/items/${item.id}/${verb}`;
    const after = await post<WholeItemView>(path, body, { idempotencyKey });
    await queries.invalidateQueries({ queryKey: ["items"] });
    return after;
  };
}

function Adjust(props: ActProps) {
  const { item, onDone, onClose } = props;
  const [typed, setTyped] = useState("");
  const send = useCommand(props);
  const work = useFormWork(async (key, form) => {
    const read = new Reading(form);
    const body = { quantity: read.whole("quantity"), reason: read.text("reason") ?? "" };
    read.check();
    const after = await send("adjust", body, key);
    const { quantity = 0, reason } = body;
    const sign = quantity > 0 ? "+" : "";
    onDone(
      `Stock adjusted by ${sign}${formatNumber(quantity)}: ${reason}. ${formatNumber(after.stock.free)} are free now.`,
    );
    onClose();
  });
  const units = /^[+-]?\d{1,15}$/.test(typed.trim()) ? Number(typed) : undefined;
  return (
    <FormDialog
      title={`Adjust the stock of ${item.name}`}
      action="Adjust the stock"
      work={work}
      onClose={onClose}
    >
      <Input
        label="Units"
        name="quantity"
        autoFocus
        autoComplete="off"
        placeholder="40 or -3"
        hint="How many more; with a minus sign, how many fewer."
        pointer="/quantity"
        problem={work.problem}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      <BeforeAfter
        label="Free units"
        before={formatNumber(item.stock.free)}
        after={units === undefined ? undefined : formatNumber(item.stock.free + units)}
        fault={
          units !== undefined && item.stock.free + units < 0
            ? "Only free units can go. What is held or sold is somebody else's."
            : undefined
        }
      />
      <TextArea
        label="Reason"
        name="reason"
        hint="It stays in the books: a delivery, a count, a breakage."
        pointer="/reason"
        problem={work.problem}
      />
    </FormDialog>
  );
}

function NewPrice(props: ActProps) {
  const { item, onDone, onClose } = props;
  const { currency, priceMinor } = item;
  const [typed, setTyped] = useState("");
  const send = useCommand(props);
  const work = useFormWork(async (key, form) => {
    const read = new Reading(form);
    const body = { priceMinor: read.amount("priceMinor", currency) };
    read.check();
    const after = await send("price", body, key);
    onDone(`The price is ${formatMoney(after.priceMinor, currency)} now.`);
    onClose();
  });
  const next = minorOf(typed, currency);
  return (
    <FormDialog
      title={`New price of ${item.name}`}
      action="Set the price"
      work={work}
      onClose={onClose}
    >
      <p>
        Whoever names the old price is refused from then on, and told the new one. What is held
        keeps the price that it was held at.
      </p>
      <AmountInput
        label={`Price of one, in ${currency}`}
        name="priceMinor"
        autoFocus
        currency={currency}
        placeholder={decimalOf(priceMinor, currency)}
        pointer="/priceMinor"
        problem={work.problem}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      <BeforeAfter
        label="Price"
        before={formatMoney(priceMinor, currency)}
        after={next === undefined ? undefined : formatMoney(next, currency)}
      />
    </FormDialog>
  );
}

function Reshard(props: ActProps) {
  const { item, onDone, onClose } = props;
  const send = useCommand(props);
  const work = useFormWork(async (key, form) => {
    const read = new Reading(form);
    const body = { buckets: read.whole("buckets") };
    read.check();
    const after = await send("reshard", body, key);
    onDone(`The stock lies in ${after.buckets} buckets now.`);
    onClose();
  });
  return (
    <FormDialog
      title={`Reshard the stock of ${item.name}`}
      action="Reshard"
      work={work}
      onClose={onClose}
    >
      <p>
        Sales go on meanwhile. Take more buckets when many buyers come at once and the metrics tell
        of lost races; take fewer when only some units are left, so that a buyer finds them in one
        place.
      </p>
      <Input
        label="Buckets"
        name="buckets"
        autoFocus
        inputMode="numeric"
        autoComplete="off"
        defaultValue={item.buckets}
        hint="1 to 256."
        pointer="/buckets"
        problem={work.problem}
      />
    </FormDialog>
  );
}

function OpenOrClose(props: ActProps & { readonly verb: "open" | "close" }) {
  const { item, verb, onDone, onClose } = props;
  const send = useCommand(props);
  const [key] = useState(newKey);
  const isClosing = verb === "close";
  return (
    <ConfirmDialog
      open
      title={`${isClosing ? "Close" : "Open"} ${item.name}?`}
      action={isClosing ? "Close the sale" : "Open the sale"}
      danger={isClosing}
      onClose={onClose}
      onConfirm={async () => {
        await send(verb, {}, key);
        onDone(isClosing ? "The sale is closed: nobody can buy it." : "It is on sale.");
      }}
    >
      <p>
        {isClosing
          ? `Once it is closed no sale of ${item.name} goes through, whatever is under way. Its ${formatNumber(item.stock.free)} free units stay. Holds can still be captured, and it can be opened again.`
          : `Agents can buy ${item.name} again at once: ${formatNumber(item.stock.free)} units are free.`}
      </p>
    </ConfirmDialog>
  );
}
