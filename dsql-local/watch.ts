import type { Backend } from "./backend.ts";
import type { Work } from "./work.ts";

/**
 * Sees who waits for a lock and makes the holder give it up: on DSQL nobody waits. A holder that is
 * between two statements steps aside and comes back by running its log again; of two that wait for
 * each other the younger one is interrupted, and runs again too.
 */
export class Watch {
  readonly #control: Backend;
  readonly #patienceMs: number;
  readonly #running = new Set<Work>();
  readonly #all = new Map<number, Work>();
  #timer: NodeJS.Timeout | undefined;

  constructor(control: Backend, patienceMs: number) {
    this.#control = control;
    this.#patienceMs = patienceMs;
  }

  add(work: Work): void {
    this.#all.set(work.pid, work);
  }

  remove(work: Work): void {
    this.#all.delete(work.pid);
    this.#running.delete(work);
  }

  get isEmpty(): boolean {
    return this.#all.size === 0;
  }

  begins(work: Work): void {
    this.#running.add(work);
    this.#timer ??= setTimeout(() => void this.#look(), this.#patienceMs);
  }

  ends(work: Work): void {
    this.#running.delete(work);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#running.clear();
  }

  async #look(): Promise<void> {
    const since = performance.now() - this.#patienceMs;
    const slow = [...this.#running].some((work) => work.since <= since);
    if (slow && this.#all.size > 1) {
      await this.#part().catch(() => undefined);
    }
    const again = this.#running.size > 0 && !this.#control.closed;
    this.#timer = again ? setTimeout(() => void this.#look(), this.#patienceMs) : undefined;
  }

  async #part(): Promise<void> {
    const found = await this.#control.query(
      "select pid, array_to_string(pg_blocking_pids(pid), ' ') from pg_locks where not granted",
    );
    const waits = new Map<Work, Work[]>();
    for (const [pid, blockers] of found) {
      const waiter = this.#all.get(Number(pid));
      const holders = (blockers ?? "").split(" ").map((one) => this.#all.get(Number(one)));
      if (waiter)
        waits.set(
          waiter,
          holders.filter((one) => one !== undefined),
        );
    }
    for (const [waiter, holders] of waits) {
      for (const holder of holders) {
        waiter.meets(holder);
        if (holder.isIdle) holder.stepAside();
      }
      if (isYoungestInCircle(waiter, waits)) await this.#interrupt(waiter);
    }
  }

  async #interrupt(work: Work): Promise<void> {
    await this.#control.query(`select pg_cancel_backend(${work.pid})`);
  }
}

/** Whether this one waits for itself, over others, and began last of all in the circle. */
function isYoungestInCircle(work: Work, waits: ReadonlyMap<Work, readonly Work[]>): boolean {
  const seen = new Set<Work>();
  const visit = (one: Work): boolean => {
    for (const next of waits.get(one) ?? []) {
      if (next === work) return true;
      if (seen.has(next)) continue;
      seen.add(next);
      if (visit(next)) return true;
    }
    return false;
  };
  if (!visit(work)) return false;
  return [...seen].every((one) => !waits.has(one) || one.number <= work.number);
}
