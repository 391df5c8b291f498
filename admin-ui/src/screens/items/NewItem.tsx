import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "react";
import type { WholeItemView } from "../../../../server/items/wire.ts";
import type { MerchantView } from "../../../../server/merchants/wire.ts";
import { post } from "../../api/client.ts";
import { Problem } from "../../api/problem.ts";
import { CurrencySelect } from "../../ui/CurrencySelect.tsx";
import { AmountInput } from "../../ui/AmountInput.tsx";
import { Input, Select } from "../../ui/Field.tsx";
import { FormDialog } from "../../ui/FormDialog.tsx";
import { useFormWork } from "../../ui/forms.ts";
import { Reading } from "../../ui/reading.ts";
import { note } from "../../ui/say.ts";
import { Skeleton } from "../../ui/States.tsx";
import { useFinding, withChosen, type Finding } from "../../api/use-finding.ts";
import { FindInput } from "../../ui/FindInput.tsx";

export function NewItem({
  merchantId,
  onClose,
}: {
  readonly merchantId: string | undefined;
  readonly onClose: () => void;
}) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const merchants = useFinding<MerchantView>("merchants");
  const [currency, setCurrency] = useState("EUR");
  const seller = useRef<MerchantView>(undefined);
  // An item that is refused and mended is sold by the merchant that was made for it before.
  const makeSeller = async (read: Reading, idempotencyKey: string): Promise<string> => {
    const name = read.text("merchantName") ?? "";
    if (seller.current?.name !== name) seller.current = await makeMerchant(name, idempotencyKey);
    return seller.current.id;
  };
  const work = useFormWork(async (idempotencyKey, form) => {
    const read = new Reading(form);
    const body = {
      sku: read.text("sku") ?? "",
      name: read.text("name") ?? "",
      currency,
      priceMinor: read.amount("priceMinor", currency),
      stock: read.whole("stock"),
      buckets: read.whole("buckets"),
    };
    read.check();
    const merchant = read.text("merchantId") ?? (await makeSeller(read, idempotencyKey));
    const item = await post<WholeItemView>(
      "/v1/items",
      { merchantId: merchant, ...body },
      { idempotencyKey },
    );
    note(`${item.name} is on sale.`);
    await queries.invalidateQueries({ queryKey: ["items"] });
    await queries.invalidateQueries({ queryKey: ["merchants"] });
    await navigate({ to: "/items/$id", params: { id: item.id }, replace: true });
  });
  const { problem } = work;
  return (
    <FormDialog title="New item" action="Create the item" work={work} onClose={onClose}>
      {merchants.found ? (
        <Seller merchants={merchants} chosen={merchantId} problem={problem} />
      ) : (
        <Skeleton className="h-8 w-full" />
      )}
      <Fields currency={currency} onCurrency={setCurrency} problem={problem} />
    </FormDialog>
  );
}

function Fields({
  currency,
  onCurrency,
  problem,
}: {
  readonly currency: string;
  readonly onCurrency: (code: string) => void;
  readonly problem: Problem | undefined;
}) {
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-2">
        <Input label="Name" name="name" autoComplete="off" pointer="/name" problem={problem} />
        <Input
          label="SKU"
          name="sku"
          autoComplete="off"
          hint="Your own name for it."
          pointer="/sku"
          problem={problem}
        />
      </div>
      <div className="grid gap-4 sm:grid-cols-2">
        <CurrencySelect
          label="Currency"
          value={currency}
          onChoose={onCurrency}
          pointer="/currency"
          problem={problem}
        />
        <AmountInput
          label="Price of one"
          name="priceMinor"
          currency={currency}
          placeholder="19.99"
          pointer="/priceMinor"
          problem={problem}
        />
      </div>
      <div className="grid gap-4 sm:grid-cols-2">
        <Input
          label="Units in stock"
          name="stock"
          inputMode="numeric"
          autoComplete="off"
          placeholder="100"
          pointer="/stock"
          problem={problem}
        />
        <Input
          label="Buckets"
          name="buckets"
          optional
          inputMode="numeric"
          autoComplete="off"
          placeholder="64"
          hint="Slices of the stock. It can be changed while it sells."
          pointer="/buckets"
          problem={problem}
        />
      </div>
    </>
  );
}

/** Sent again it is the same merchant, by the same key. */
async function makeMerchant(name: string, idempotencyKey: string): Promise<MerchantView> {
  try {
    return await post<MerchantView>(
      "/v1/merchants",
      { name },
      { idempotencyKey: `${idempotencyKey}-merchant` },
    );
  } catch (error) {
    // The item has a name, too.
    throw error instanceof Problem ? error.movedTo("/merchantName", "/name") : error;
  }
}

function Seller({
  merchants,
  chosen,
  problem,
}: {
  readonly merchants: Finding<MerchantView>;
  readonly chosen: string | undefined;
  readonly problem: Problem | undefined;
}) {
  const { found = [], isMany } = merchants;
  const [picked, setPicked] = useState(chosen);
  const [first] = found;
  if (!first && !isMany) {
    return (
      <Input
        label="Merchant"
        name="merchantName"
        autoFocus
        autoComplete="off"
        hint="Who sells it. There is none yet, so this makes one."
        pointer="/merchantName"
        problem={problem}
      />
    );
  }
  // What was picked stays picked while one looks for another.
  const value = picked ?? first?.id;
  return (
    <>
      <FindInput finding={merchants} noun="merchants" />
      <Select
        label="Merchant"
        name="merchantId"
        value={value}
        onChange={({ target }) => setPicked(target.value)}
        pointer="/merchantId"
        problem={problem}
      >
        {withChosen(found, value === undefined ? [] : [value], merchants.nameOf).map(
          ({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ),
        )}
      </Select>
    </>
  );
}
