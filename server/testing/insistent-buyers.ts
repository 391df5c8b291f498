import { setTimeout as sleep } from "node:timers/promises";
import { commitBodyOf, type Store } from "./api.ts";
import type { Db } from "../db/open.ts";
import { query } from "./look.ts";

interface Final {
  readonly id: string;
  readonly attempts: number;
}

/** Buyers who never give a key up: whatever becomes of a request, they send it again. */
export class InsistentBuyers {
  readonly #store: Store;
  readonly #url: string;
  readonly #finals = new Map<string, Final>();
  readonly #buyers: Promise<void>[];
  #stopping = false;
  attempts = 0;

  readonly #prefix: string;
  readonly #signal: AbortSignal;

  constructor(
    url: string,
    store: Store,
    { prefix, signal }: { readonly prefix: string; readonly signal: AbortSignal },
  ) {
    this.#url = url;
    this.#store = store;
    this.#prefix = prefix;
    this.#signal = signal;
    this.#buyers = Array.from({ length: 16 }, (_, buyer) => this.#shop(buyer));
  }

  get answered(): number {
    return this.#finals.size;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#buyers);
  }

  /** How many acknowledged purchases are lost, and how many there are that nobody was told of. */
  async verdict(db: Db): Promise<{ lost: number; strange: number; answered: number }> {
    const rows = await query<{ key: string; id: string }>(
      db,
      "select key, ask_id as id from asks where tenant_id = $1 and granted and starts_with(key, $2)",
      [this.#store.shop.tenantId, `${this.#prefix}-`],
    );
    const there = new Map(rows.map(({ key, id }) => [key, id]));
    const lost = [...this.#finals].filter(([key, { id }]) => there.get(key) !== id).length;
    const strange = rows.filter(({ key }) => !this.#finals.has(key)).length;
    return { lost, strange, answered: this.#finals.size };
  }

  async #shop(buyer: number): Promise<void> {
    for (let nth = 0; !this.#stopping && !this.#signal.aborted; nth++)
      await this.#insist(`${this.#prefix}-${buyer}-${nth}`);
  }

  async #insist(key: string): Promise<void> {
    for (let attempts = 1; !this.#signal.aborted; attempts++) {
      this.attempts += 1;
      const reply = await this.#send(key).catch(() => undefined);
      if (reply?.status === 201) {
        this.#finals.set(key, { id: reply.id, attempts });
        return;
      }
      await sleep(20 + 30 * Math.random());
    }
  }

  async #send(key: string): Promise<{ status: number; id: string }> {
    const reply = await fetch(`${this.#url}/v1/purchases/commit`, {
      method: "POST",
      headers: {
        Authorization: `Bearer ${this.#store.key}`,
        "Content-Type": "application/json",
        "Idempotency-Key": key,
      },
      body: JSON.stringify(commitBodyOf(this.#store.shop)),
      signal: AbortSignal.timeout(15_000),
    });
    const { intentId = "" } = (await reply.json()) as { intentId?: string };
    return { status: reply.status, id: intentId };
  }
}
