import type { Stage } from "./harness.ts";

/** A shop with something of everything that the money screens show; made once for a stage and tenant. */
export interface MoneyShop {
  readonly merchantId: string;
  readonly itemId: string;
  readonly mandateId: string;
  /** Purchases, by what became of them. */
  readonly bought: string;
  readonly partRefunded: string;
  readonly held: string;
  readonly captured: string;
  readonly released: string;
  readonly overDay: string;
  readonly soldOut: string;
}

export const evilName = `<img src=x onerror="document.title='owned'">`;

const made = new WeakMap<Stage, Promise<MoneyShop>>();

export function moneyShop(stage: Stage): Promise<MoneyShop> {
  const known = made.get(stage) ?? fill(stage);
  made.set(stage, known);
  return known;
}

interface Thing {
  readonly id: string;
}

async function fill(stage: Stage): Promise<MoneyShop> {
  const create = async (path: string, body: object): Promise<string> =>
    (await stage.call<Thing>("POST", path, body)).id;
  const merchantId = await create("/v1/merchants", { name: "Lamps & Co" });
  const item = (name: string, priceMinor: number, stock: number): Promise<string> =>
    create("/v1/items", { merchantId, sku: name, name, currency: "USD", priceMinor, stock });
  const [itemId, rare, evil] = [
    await item("Halo lamp", 4500, 500),
    await item("Opening night poster", 1200, 1),
    await item(evilName, 100, 50),
  ];
  const mandate = (name: string, more: object = {}): Promise<string> =>
    create("/v1/mandates", { name, currency: "USD", capMinor: 10_000_000, ...more });
  const [mandateId, daily] = [
    await mandate("Office supplies"),
    await mandate("Assistant of Mira", { capMinor: 100_000, dayLimitMinor: 20_000 }),
  ];
  const ask = async (more: object, path = "/v1/purchases/commit"): Promise<string> => {
    const body = { merchantId, itemId, mandateId, agentId: "agent-7", quantity: 1, ...more };
    const priced = { amountMinor: 4500, currency: "USD", ...body };
    return (await stage.call<{ intentId: string }>("POST", path, priced)).intentId;
  };
  const act = (path: string, more: object = {}): Promise<unknown> =>
    stage.call("POST", path, { merchantId, ...more });
  for (let n = 0; n < 12; n++) await ask({ agentId: `agent-${n % 5}` });
  await ask({ itemId: evil, amountMinor: 100, agentId: evilName });
  const captured = await ask({ quantity: 2, amountMinor: 9000, holdSeconds: 900 }, "/v1/holds");
  await act(`/v1/holds/${captured}/extend`, { holdSeconds: 3_600 });
  await act(`/v1/holds/${captured}/capture`, { quantity: 1 });
  await act(`/v1/holds/${captured}/release`);
  const released = await ask({ holdSeconds: 900 }, "/v1/holds");
  await act(`/v1/holds/${released}/release`);
  await ask({ mandateId: daily, quantity: 4, amountMinor: 18_000 });
  const overDay = await ask({ mandateId: daily });
  await ask({ itemId: rare, amountMinor: 1200 });
  const soldOut = await ask({ itemId: rare, amountMinor: 1200 });
  const partRefunded = await ask({ quantity: 2, amountMinor: 9000 });
  await act(`/v1/purchases/${partRefunded}/refunds`, { amountMinor: 3000, returnQuantity: 1 });
  const held = await ask({ quantity: 2, amountMinor: 9000, holdSeconds: 3_600 }, "/v1/holds");
  const bought = await ask({});
  const purchases = { bought, partRefunded, held, captured, released, overDay, soldOut };
  return { merchantId, itemId, mandateId, ...purchases };
}
