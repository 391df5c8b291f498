import type { Db } from "../db/open.ts";
import { ensureSandbox, restock, type SandboxWorld } from "./world.ts";

/** After a reset by another process its world is met this late at the most. */
const freshMs = 1_000;

/** The sandbox world as this process knows it. */
export class CurrentSandbox {
  readonly #db: Db;
  readonly #units: number;
  #world: Promise<SandboxWorld> | undefined;
  #readAt = 0;
  #restocking: Promise<void> | undefined;

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

  /** Once for all who find the shelf empty at the same time. */
  restock(world: SandboxWorld): Promise<void> {
    this.#restocking ??= restock(this.#db, world, this.#units).finally(() => {
      this.#restocking = undefined;
    });
    return this.#restocking;
  }
}
