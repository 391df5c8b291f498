import { setTimeout as sleep } from "node:timers/promises";
import type { Pool, PoolClient, QueryConfig } from "pg";
import type { Metrics } from "../base/metrics.ts";
import { Breaker } from "./breaker.ts";
import { DeadlineError } from "./faults.ts";
import type { Lookout, Waiter } from "./lookout.ts";
import { cut } from "./socket.ts";

const crowdedMs = 1_000;
const closeMs = 2_000;

/** How often an endpoint that failed is looked at, give or take half. */
const probeEveryMs = 500;
const probeTimeoutMs = 1_000;

/** An endpoint is left alone from now on, or used again. */
export type Turn = "left alone" | "back";
export type OnTurn = (endpoint: string, turn: Turn) => void;

/** One way to the database, with connections of its own. */
export class Region {
  readonly name: string;
  readonly pool: Pool;
  readonly lookout: Lookout;
  readonly breaker = new Breaker();
  readonly #openedAt = new WeakMap<PoolClient, number>();
  readonly #out = new Set<PoolClient>();
  /** Connections from before it last failed may lead nowhere, and would take a timeout each to say so. */
  #distrustedUntil = 0;
  /** Since when those wait who want a connection: first come first served. */
  readonly #waitingSince = new Map<object, number>();

  constructor(name: string, pool: Pool, lookout: Lookout) {
    this.name = name;
    this.pool = pool;
    this.lookout = lookout;
    pool.on("connect", (client) => this.#openedAt.set(client, performance.now()));
    pool.on("acquire", (client) => this.#out.add(client));
    pool.on("release", (_error, client) => this.#out.delete(client));
  }

  async connect(): Promise<PoolClient> {
    const waiter = {};
    this.#waitingSince.set(waiter, performance.now());
    try {
      for (;;) {
        const client = await this.pool.connect();
        const trustedSince = Math.max(this.#distrustedUntil, this.lookout.silentUntil);
        if ((this.#openedAt.get(client) ?? 0) >= trustedSince) return client;
        client.release(true);
      }
    } finally {
      this.#waitingSince.delete(waiter);
    }
  }

  /** Told when what a transaction on this connection waits for is gone. */
  watch(client: PoolClient, leave: Waiter["leave"]): Waiter {
    return this.lookout.work(this.#openedAt.get(client) ?? 0, leave);
  }

  /** What is under way may end, but not for ever. */
  async close(): Promise<void> {
    this.lookout.close();
    const tooLong = setTimeout(() => {
      const error = new DeadlineError("the database is being closed");
      for (const client of this.#out) cut(client, error);
    }, closeMs);
    await this.pool.end();
    clearTimeout(tooLong);
  }

  /** All connections are taken and the first in line has waited for long: who comes now would wait longer. */
  get isCrowded(): boolean {
    if (this.pool.waitingCount === 0) return false;
    const [first = Infinity] = this.#waitingSince.values();
    return performance.now() - first > crowdedMs;
  }

  distrust(): void {
    this.#distrustedUntil = performance.now();
  }
}

/**
 * The ways to one database, home first: the first that answers is taken. The same ask under the same
 * key may go to any of them, so what is in doubt at one is resolved at the next.
 */
export class Regions {
  readonly all: readonly Region[];
  readonly #metrics: Metrics;
  readonly #closing = new AbortController();
  readonly #onTurn: OnTurn | undefined;

  constructor(all: readonly Region[], metrics: Metrics, onTurn?: OnTurn) {
    this.all = all;
    this.#metrics = metrics;
    this.#onTurn = onTurn;
    for (const { name } of all) metrics.regionUp.set({ region: name }, 1);
  }

  get home(): Region {
    return this.all[0] as Region;
  }

  /** When none answers, the one that was left alone first: it has had the longest time to recover. */
  choose(): Region {
    const closed = this.all.find(({ breaker }) => !breaker.isOpen);
    if (closed) return closed;
    return this.all.reduce((first, other) =>
      (other.breaker.openSince ?? 0) < (first.breaker.openSince ?? 0) ? other : first,
    );
  }

  answered(region: Region): void {
    const wasOpen = region.breaker.isOpen;
    region.breaker.answered();
    if (wasOpen) this.#tell(region, "back");
  }

  failed(region: Region): void {
    this.#metrics.regionFailures.inc({ region: region.name });
    if (this.all.length === 1 || !region.breaker.failed(performance.now())) return;
    region.distrust();
    this.#tell(region, "left alone");
    void this.#probe(region);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.all.map((region) => region.close()));
  }

  async #probe(region: Region): Promise<void> {
    const { signal } = this.#closing;
    while (region.breaker.isOpen) {
      const pause = sleep(probeEveryMs * (0.5 + Math.random()), undefined, { signal, ref: false });
      if (!(await pause.then(yes, no))) return;
      if (region.breaker.isOpen && (await answers(region))) this.answered(region);
      else region.distrust();
    }
  }

  #tell({ name }: Region, turn: Turn): void {
    this.#metrics.regionUp.set({ region: name }, turn === "back" ? 1 : 0);
    this.#onTurn?.(name, turn);
  }
}

const yes = (): boolean => true;
const no = (): boolean => false;

/** On a new connection: an old one proves nothing. */
async function answers(region: Region): Promise<boolean> {
  try {
    const client = await region.connect();
    // Of the driver's own, which fails the query; the types do not know it.
    const look: QueryConfig & { query_timeout: number } = {
      text: "select 1",
      query_timeout: probeTimeoutMs,
    };
    const looked = await client.query(look).then(yes, no);
    client.release(!looked);
    return looked;
  } catch {
    return false;
  }
}
