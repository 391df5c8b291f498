import { setTimeout as sleep } from "node:timers/promises";
import type { Db } from "../db/open.ts";
import type { Asked, Attempt, Shelf } from "../proof/history/history.ts";
import { isKnown } from "../proof/history/play.ts";
import { Recorder } from "../proof/history/recorder.ts";
import { judge, type RoundResult } from "../proof/history/round.ts";
import type { Target } from "../proof/history/target.ts";
import { placeWitness } from "../proof/history/witness.ts";
import { openWorld } from "../proof/world.ts";
import { makeItem, makeMandate } from "./factories.ts";
import { seedOfRun } from "./seed-of-run.ts";

interface CounterGiven {
  readonly stock?: number;
  /** Mandates, each of which could pay for all that there is. */
  readonly purses?: number;
  /** In a database of the test's own: then each bucket is held to its versions, too. */
  readonly witness?: boolean;
}

interface Asking {
  /** One unit, where nothing else is said. */
  readonly asked?: Asked;
  readonly key?: string;
}

const priceMinor = 100;

const patienceMs = 60_000;

/** One thing for sale. Whoever asks for it is written down, and in the end held against the books. */
export class Counter {
  readonly shelf: Shelf;
  readonly seed = seedOfRun();
  readonly #name: string;
  readonly #recorder: Recorder;
  readonly #witnessed: boolean;
  #ops = 0;

  private constructor(name: string, shelf: Shelf, witnessed: boolean) {
    this.#name = name;
    this.shelf = shelf;
    this.#recorder = new Recorder(shelf);
    this.#witnessed = witnessed;
  }

  static async open(db: Db, name: string, given: CounterGiven = {}): Promise<Counter> {
    const { stock = 1_000_000, purses = 1, witness = false } = given;
    if (witness) await placeWitness(db);
    const world = await openWorld(db, name);
    const { itemId } = await makeItem(db, world, { stock: BigInt(stock) });
    const capMinor = stock * priceMinor;
    const mandates = await Promise.all(
      Array.from({ length: purses }, async () => {
        const { mandateId } = await makeMandate(db, world, { capMinor: BigInt(capMinor) });
        return { mandateId, capMinor };
      }),
    );
    const items = [{ itemId, stock, priceMinor }];
    return new Counter(name, { ...world, currency: "USD", items, mandates }, witness);
  }

  /** An operation that nobody has begun. */
  next(): number {
    return this.#ops++;
  }

  /** One unit, for somebody else in each operation. */
  unit(op: number, kind: "commit" | "hold" = "commit"): Asked {
    const { items, mandates } = this.shelf;
    const { mandateId = "" } = mandates[op % mandates.length] ?? {};
    const lines = [{ itemId: items[0]?.itemId ?? "", quantity: 1 }];
    const buying = { mandateId, agentId: `agent-${op}`, lines, amountMinor: priceMinor };
    return { kind, ...buying, ...(kind === "hold" && { holdSeconds: 600 }) };
  }

  ask(target: Target, op: number, { asked, key }: Asking = {}): Promise<Attempt> {
    return this.#recorder.ask(target, op, key ?? `${this.#name}-${op}`, asked ?? this.unit(op));
  }

  /** Again while nobody can tell, or nobody had the time; but what lost its books may never tell. */
  async untilKnown(target: Target, op: number, asking: Asking = {}): Promise<Attempt> {
    const until = performance.now() + patienceMs;
    for (;;) {
      const attempt = await this.ask(target, op, asking);
      if (isKnown(attempt) || performance.now() > until) return attempt;
      await sleep(20 + 50 * Math.random());
    }
  }

  /** Sixteen who buy one after the other until they are told to stop. */
  rush(target: Target): { stop(): Promise<void> } {
    let over = false;
    const all = Array.from({ length: 16 }, async () => {
      while (!over) await this.ask(target, this.next());
    });
    return {
      async stop() {
        over = true;
        await Promise.all(all);
      },
    };
  }

  /** How often somebody has heard this. */
  heard(what: string): number {
    return this.#recorder.attempts.filter((one) => one.what === what).length;
  }

  /** Whoever was left in doubt asks once more, now that nothing is in the way. */
  async settle(target: Target): Promise<void> {
    const doubted = [...Map.groupBy(this.#recorder.attempts, ({ key }) => key).values()].filter(
      (attempts) =>
        attempts.some(({ outcome }) => outcome === "info") &&
        attempts.every(({ outcome }) => outcome !== "ok"),
    );
    await Promise.all(
      doubted.map(async ([first]) => first && this.untilKnown(target, first.op, first)),
    );
  }

  /** What everybody was told against what `db` has; `told` where a worker tells all of it. */
  judged(db: Db, told = false): Promise<RoundResult> {
    const played = { seed: this.seed, shelf: this.shelf, recorder: this.#recorder };
    return judge(db, played, { witnessed: this.#witnessed, told });
  }
}
