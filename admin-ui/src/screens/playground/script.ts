import { newKey, type Exchange } from "../../api/client.ts";
import type { PresetId } from "./search.ts";
import type { Call } from "./snippets.ts";

/** A preset is a short script of real calls. */
export interface Preset {
  readonly id: PresetId;
  readonly title: string;
  /** What it shows, and why that is so. */
  readonly learn: string;
  readonly steps: readonly Step[];
}

export interface Step {
  readonly title: string;
  /** What to look for. */
  readonly see: string;
  /** The calls of one wave leave together, one wave after the other. */
  readonly waves: readonly ((memory: Memory) => readonly ScriptCall[])[];
}

export interface ScriptCall extends Call {
  readonly label: string;
  /** Later calls name what this one made. */
  readonly makes?: string;
  /** Sent again until the answer is so: for what time brings. */
  readonly until?: (answer: Exchange) => boolean;
  /** What it reads is shown as the books. */
  readonly isOfBooks?: boolean;
}

/** What one run has made, and the keys that it drew: another run draws others. */
export class Memory {
  readonly #ids = new Map<string, string>();
  readonly #keys = new Map<string, string>();
  readonly run = newKey().slice(3, 11);

  remember(name: string, id: string): void {
    this.#ids.set(name, id);
  }

  id(name: string): string {
    return this.#ids.get(name) ?? "";
  }

  /** The same for the same name. */
  key(name: string): string {
    const known = this.#keys.get(name) ?? newKey();
    this.#keys.set(name, known);
    return known;
  }
}

const currency = "USD";

/** Always the same two shops: a key that is sent again finds what it made before. */
export const shop = (name: "North" | "South") => (): ScriptCall => ({
  label: `Shop ${name}`,
  method: "POST",
  path: "/v1/merchants",
  body: { name: `Playground ${name}` },
  idempotencyKey: `playground-shop-${name}`,
  makes: name,
});

export const mandate =
  (name: string, body: { readonly capMinor: number; readonly buckets?: number }) =>
  (memory: Memory): ScriptCall => ({
    label: name,
    method: "POST",
    path: "/v1/mandates",
    body: { name: `${name}, ${memory.run}`, currency, ...body },
    idempotencyKey: memory.key(`make ${name}`),
    makes: name,
  });

export const item =
  (
    name: string,
    body: { readonly priceMinor: number; readonly stock: number; readonly buckets?: number },
    at: "North" | "South" = "North",
  ) =>
  (memory: Memory): ScriptCall => ({
    label: name,
    method: "POST",
    path: "/v1/items",
    body: {
      merchantId: memory.id(at),
      sku: `${name} ${memory.run}`,
      name: `${name}, ${memory.run}`,
      currency,
      ...body,
    },
    idempotencyKey: memory.key(`make ${name}`),
    makes: name,
  });

type Maker = (memory: Memory) => ScriptCall;

/** Fresh things for every run. */
export function made(see: string, first: readonly Maker[], then: readonly Maker[]): Step {
  const wave = (makers: readonly Maker[]) => (memory: Memory) => makers.map((make) => make(memory));
  return { title: "Make a small world", see, waves: [wave(first), wave(then)] };
}

export interface Buying {
  readonly label: string;
  readonly agent: string;
  readonly item: string;
  readonly mandate: string;
  readonly key: string;
  readonly priceMinor: number;
  readonly quantity?: number;
  readonly at?: "North" | "South";
}

function bodyOf(memory: Memory, buying: Buying) {
  const { agent, quantity = 1, priceMinor, at = "North" } = buying;
  return {
    merchantId: memory.id(at),
    itemId: memory.id(buying.item),
    mandateId: memory.id(buying.mandate),
    agentId: agent,
    quantity,
    amountMinor: priceMinor * quantity,
    currency,
  };
}

export function commit(memory: Memory, buying: Buying): ScriptCall {
  return {
    label: buying.label,
    method: "POST",
    path: "/v1/purchases/commit",
    body: bodyOf(memory, buying),
    idempotencyKey: memory.key(buying.key),
  };
}

export function hold(memory: Memory, buying: Buying, holdSeconds: number): ScriptCall {
  return {
    label: buying.label,
    method: "POST",
    path: "/v1/holds",
    body: { ...bodyOf(memory, buying), holdSeconds },
    idempotencyKey: memory.key(buying.key),
    makes: buying.key,
  };
}

/** Asks for a quote again and again until it would sell. */
export function waitUntilFree(memory: Memory, buying: Omit<Buying, "key">): ScriptCall {
  return {
    label: buying.label,
    method: "POST",
    path: "/v1/purchases/quote",
    body: bodyOf(memory, { ...buying, key: "" }),
    until: ({ text }) => text.includes('"WOULD_COMMIT"'),
  };
}

export function capture(memory: Memory, label: string, holdKey: string): ScriptCall {
  return {
    label,
    method: "POST",
    path: `/v1/holds/${memory.id(holdKey)}/capture`,
    body: { merchantId: memory.id("North") },
    idempotencyKey: memory.key(`capture ${holdKey}`),
  };
}

/** Read from the server when all is over. */
export function books(
  see: string,
  names: { readonly items: readonly string[]; readonly mandates: readonly string[] },
): Step {
  const read = (memory: Memory, noun: "items" | "mandates"): ScriptCall[] =>
    names[noun].map((name) => ({
      label: name,
      method: "GET",
      path: `/v1/${noun}/${memory.id(name)}`,
      isOfBooks: true,
    }));
  return {
    title: "What the books say",
    see,
    waves: [(memory) => [...read(memory, "items"), ...read(memory, "mandates")]],
  };
}
