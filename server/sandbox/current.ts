import type { Db } from "../db/open.ts";
import { ensureSandbox, restock, stockOf, type SandboxStock, type SandboxWorld } from "./world.ts";

/** After a reset by another process its world is met this late at the most. */
const freshMs = 1_000;

/** The sandbox world as this process knows it. */
export class CurrentSandbox {
  readonly #db: Db;
  readonly #units: number;
  #world: Promise<SandboxWorld> | undefined;
  #readAt = 0;
  #restocking: Promise<void> | undefined;
  #stock:
    | {
        readonly tenantId: string;
        readonly readAt: number;
        readonly stock: Promise<SandboxStock>;
      }
    | undefined;

  constructor(db: Db, units: number) {
    this.#db = db;
    this.#units = units;
  }

  world(): Promise<SandboxWorld> {
    const now = performance.now();
    if (this.#world === undefined || now - this.#readAt > freshMs) {
      this.#readAt = now;
      const read = ensureSandbox(this.#db, this.#units);
      this.#world = read;
      read.catch(() => {
        if (this.#world === read) this.#world = undefined;
      });
    }
    return this.#world;
  }

  /** A second old at most, however many look at it. */
  stock(world: SandboxWorld): Promise<SandboxStock> {
    const now = performance.now();
    const known = this.#stock;
    if (known?.tenantId === world.tenantId && now - known.readAt <= freshMs) return known.stock;
    const stock = stockOf(this.#db, world);
    this.#stock = { tenantId: world.tenantId, readAt: now, stock };
    stock.catch(() => {
      this.#stock = undefined;
    });
    return stock;
  }

  /** Once for all who find the shelf empty at the same time. */
  restock(world: SandboxWorld): Promise<void> {
    this.#restocking ??= restock(this.#db, world, this.#units).finally(() => {
      this.#restocking = undefined;
    });
    return this.#restocking;
  }
}
