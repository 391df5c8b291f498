import { useState } from "react";
import type { WholeItemView } from "../../../../server/items/wire.ts";
import { AmountInput } from "../../ui/AmountInput.tsx";
import { Input, TextArea } from "../../ui/Field.tsx";
import { FormDialog } from "../../ui/FormDialog.tsx";
import { decimalOf, formatMoney, formatNumber, minorOf } from "../../ui/format.ts";
import { useFormWork } from "../../ui/forms.ts";
import { Reading } from "../../ui/reading.ts";
import { ConfirmAct, Reshard, useCommandOf, type ActDialog } from "../selling/Acts.tsx";
import { BeforeAfter } from "../selling/BeforeAfter.tsx";

export type ActName = "adjust" | "price" | "close" | "open" | "reshard";

interface ActProps extends ActDialog {
  readonly item: WholeItemView;
}

export function ItemAct({ name, ...props }: ActProps & { readonly name: ActName }) {
  switch (name) {
    case "adjust":
      return <Adjust {...props} />;
    case "price":
      return <NewPrice {...props} />;
    case "reshard":
      return <MoreBuckets {...props} />;
    case "close":
      return <Close {...props} />;
    case "open":
      return <Open {...props} />;
  }
}

const useCommand = ({ item }: ActProps) => useCommandOf<WholeItemView>("items", item.id);

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

function MoreBuckets(props: ActProps) {
  return (
    <Reshard {...props} what="stock" thing={props.item} send={useCommand(props)}>
      Take more buckets when many buyers come at once and the metrics tell of lost races; take fewer
      when only some units are left, so that a buyer finds them in one place.
    </Reshard>
  );
}

function Close(props: ActProps) {
  const { name, stock } = props.item;
  return (
    <ConfirmAct
      {...props}
      verb="close"
      title={`Close ${name}?`}
      action="Close the sale"
      danger
      done="The sale is closed: nobody can buy it."
      send={useCommand(props)}
    >
      Once it is closed no sale of {name} goes through, whatever is under way. Its{" "}
      {formatNumber(stock.free)} free units stay. Holds can still be captured, and it can be opened
      again.
    </ConfirmAct>
  );
}

function Open(props: ActProps) {
  const { name, stock } = props.item;
  return (
    <ConfirmAct
      {...props}
      verb="open"
      title={`Open ${name}?`}
      action="Open the sale"
      done="It is on sale."
      send={useCommand(props)}
    >
      Agents can buy {name} again at once. Free to sell: {formatNumber(stock.free)}.
    </ConfirmAct>
  );
}
