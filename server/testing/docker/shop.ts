import { randomUUID } from "node:crypto";
import type { Installation } from "./engine.ts";

const scopes = "merchants:write,items:write,mandates:write,purchases:read,purchases:write";
const currency = "EUR";

/** Something to sell without end, money to spend without end, and a key: as a merchant sets it up. */
export class Shop {
  readonly #url: string;
  readonly #key: string;
  readonly #sale: object;

  private constructor(url: string, key: string, sale: object) {
    this.#url = url;
    this.#key = key;
    this.#sale = sale;
  }

  static async open(here: Installation): Promise<Shop> {
    const { url } = here;
    const name = `Lamps ${randomUUID()}`;
    await here.zerorace("tenants", "create", "--name", name);
    const by = ["--name", "shop", "--organisation", name, "--scopes", scopes];
    const key = (await here.zerorace("keys", "create", ...by)).trim();
    const make = async (path: string, body: object): Promise<string> => {
      const made = (await ask(`${url}${path}`, key, randomUUID(), body)) as { id?: string };
      if (!made.id) throw new Error(`${path}: ${JSON.stringify(made)}`);
      return made.id;
    };
    const merchantId = await make("/v1/merchants", { name });
    const itemId = await make("/v1/items", {
      merchantId,
      sku: "LAMP-1",
      name: "a lamp",
      currency,
      priceMinor: 1,
      stock: 100_000_000,
    });
    const mandateId = await make("/v1/mandates", { name, currency, capMinor: 1_000_000_000 });
    const sale = { merchantId, itemId, mandateId, quantity: 1, amountMinor: 1, currency };
    return new Shop(url, key, sale);
  }

  /** One request; whatever it was answered. */
  async commit(key: string): Promise<Answered> {
    const body = { ...this.#sale, agentId: "agent-7" };
    return (await ask(`${this.#url}/v1/purchases/commit`, this.#key, key, body)) as Answered;
  }
}

export interface Answered {
  readonly outcome?: string;
  readonly intentId?: string;
  readonly replayed?: boolean;
}

async function ask(url: string, apiKey: string, key: string, body: object): Promise<unknown> {
  const reply = await fetch(url, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${apiKey}`,
      "Content-Type": "application/json",
      "Idempotency-Key": key,
    },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(15_000),
  });
  return reply.json();
}
