import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { ItemView, WholeItemView } from "../../../../server/items/wire.ts";
import type { MandateView, WholeMandateView } from "../../../../server/mandates/wire.ts";
import type { MerchantView } from "../../../../server/merchants/wire.ts";
import { get, newKey, post } from "../../api/client.ts";
import { useLiveQueries } from "../../live/use-live.ts";
import { checkIsTest, quote } from "./asking.ts";
import type { Ask } from "./search.ts";

interface List<View> {
  readonly data: readonly View[];
  readonly nextCursor: string | null;
}

export interface Things {
  readonly merchants: readonly MerchantView[];
  readonly items: readonly ItemView[];
  readonly mandates: readonly MandateView[];
}

async function readThings(): Promise<Things> {
  const query = { limit: 100 };
  const [merchants, items, mandates] = await Promise.all([
    get<List<MerchantView>>("/v1/merchants", { query }),
    get<List<ItemView>>("/v1/items", { query }),
    get<List<MandateView>>("/v1/mandates", { query }),
  ]);
  return { merchants: merchants.data, items: items.data, mandates: mandates.data };
}

/** What can be picked: the newest of each. */
export function useThings() {
  return useQuery({ queryKey: ["playground", "things"], queryFn: readThings });
}

/** The two that are picked, with where their units and their money are now; and what would be answered. */
export function useNow(ask: Ask) {
  useLiveQueries(
    ["items", "mandates"],
    [
      ["playground", "item"],
      ["playground", "mandate"],
      ["playground", "quote"],
    ],
  );
  const settled = useSettled(ask);
  const item = useQuery({
    queryKey: ["playground", "item", settled.itemId],
    queryFn: () => get<WholeItemView>(`/v1/items/${encodeURIComponent(settled.itemId)}`),
    enabled: settled.itemId !== "",
  });
  const mandate = useQuery({
    queryKey: ["playground", "mandate", settled.mandateId],
    queryFn: () => get<WholeMandateView>(`/v1/mandates/${encodeURIComponent(settled.mandateId)}`),
    enabled: settled.mandateId !== "",
  });
  const quoted = useQuery({
    queryKey: ["playground", "quote", settled],
    queryFn: ({ signal }) => quote(settled, signal),
    enabled: isWhole(settled),
    placeholderData: keepPreviousData,
  });
  return { item: item.data, mandate: mandate.data, quoted };
}

export type Now = ReturnType<typeof useNow>;

export function isWhole({ merchantId, itemId, mandateId }: Ask): boolean {
  return merchantId !== "" && itemId !== "" && mandateId !== "";
}

/** What is being typed is not asked about at every key. */
function useSettled(ask: Ask): Ask {
  const [settled, setSettled] = useState(ask);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(ask), 150);
    return () => clearTimeout(timer);
  }, [ask]);
  return settled;
}

/** A first ask of what there is, around what a link named: the newest item, and a mandate that can pay. */
export function firstAsk({ items, mandates }: Things, named: Ask): Partial<Ask> | undefined {
  const known = mandates.find(({ id }) => id === named.mandateId);
  const pays = (item: ItemView) =>
    known ??
    mandates.find(({ currency, state }) => currency === item.currency && state === "active");
  const sold =
    named.merchantId === "" ? items : items.filter((one) => one.merchantId === named.merchantId);
  const item =
    items.find(({ id }) => id === named.itemId) ??
    sold.find((one) => one.open && pays(one)?.currency === one.currency) ??
    sold[0];
  const mandate = (item && pays(item)) ?? mandates[0];
  if (!item || !mandate) return undefined;
  const { id: itemId, merchantId, currency, priceMinor } = item;
  const agentId = mandate.agentId ?? named.agentId;
  const amountMinor = priceMinor * named.quantity;
  return { merchantId, itemId, mandateId: mandate.id, agentId, currency, amountMinor };
}

/** A small world to play with: one shop, three units, and a mandate that pays for four. */
export async function makeWorld(): Promise<Partial<Ask>> {
  const currency = "USD";
  const priceMinor = 2_500;
  const create = async <View>(path: string, body: object): Promise<View> => {
    checkIsTest();
    return post<View>(path, body, { idempotencyKey: newKey() });
  };
  const [merchant, mandate] = await Promise.all([
    create<MerchantView>("/v1/merchants", { name: "Playground shop" }),
    create<MandateView>("/v1/mandates", { name: "Playground budget", currency, capMinor: 10_000 }),
  ]);
  const { id: merchantId } = merchant;
  const item = await create<ItemView>("/v1/items", {
    merchantId,
    sku: "LAMP-1",
    name: "Desk lamp",
    currency,
    priceMinor,
    stock: 3,
    buckets: 3,
  });
  const ids = { merchantId, itemId: item.id, mandateId: mandate.id };
  return { ...ids, agentId: "agent-7", quantity: 1, amountMinor: priceMinor, currency };
}
