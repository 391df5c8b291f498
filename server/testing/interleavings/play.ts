import { setTimeout as sleep } from "node:timers/promises";
import type { Db } from "../../db/open.ts";
import { query } from "../look.ts";
import type { Grain } from "./link.ts";
import type { Way } from "./way.ts";

/** One of those who act at once, by a way of its own. */
export type Actor = (way: Way) => Promise<unknown>;

/** What happened, in its order: a step was let through, or an actor had its answer. */
export interface Moment {
  readonly actor: number;
  readonly did: string;
}

interface Choice {
  readonly open: readonly number[];
  readonly taken: number;
}

export interface Run {
  readonly outcomes: readonly unknown[];
  readonly moments: readonly Moment[];
  readonly choices: readonly Choice[];
  /** How often somebody waited for a lock of another. */
  readonly blocked: number;
}

export const answered = "answered";

/** Takes one of those that may step now. */
export type Choose = (open: readonly number[], depth: number) => number;

interface Playing {
  readonly ways: readonly Way[];
  /** Sees who waits for a lock, past the gates. */
  readonly observer: Db;
  readonly grain: Grain;
  /** After so many transactions an actor steps only when no other can: or retries would never end. */
  readonly transactionsMax: number;
  /** Resolves when something moved. */
  stirred(): Promise<void>;
}

/** One interleaving: every step is somebody's choice, and is over or blocked before the next. */
export class Play {
  readonly #actors: readonly Actor[];
  readonly #given: Playing;
  readonly #moments: Moment[] = [];
  readonly #choices: Choice[] = [];
  readonly #outcomes: unknown[] = [];
  readonly #done = new Set<number>();
  readonly #waitedFor = new Set<number>();
  #blocked = 0;

  constructor(actors: readonly Actor[], given: Playing) {
    this.#actors = actors;
    this.#given = given;
  }

  async run(choose: Choose): Promise<Run> {
    const { ways, grain } = this.#given;
    const acting = this.#actors.map(async (act, actor) => {
      const way = this.#way(actor);
      way.step(grain);
      try {
        this.#outcomes[actor] = await act(way);
      } catch (error) {
        this.#outcomes[actor] = error;
      }
      this.#done.add(actor);
      this.#moments.push({ actor, did: answered });
      way.stirred();
    });
    while (await this.#someMayStep()) this.#step(choose);
    await Promise.all(acting);
    for (const way of ways) way.stepping = false;
    return {
      outcomes: this.#outcomes,
      moments: this.#moments,
      choices: this.#choices,
      blocked: this.#blocked,
    };
  }

  #step(choose: Choose): void {
    const waiting = this.#open().filter((actor) => this.#way(actor).waiting !== undefined);
    const young = waiting.filter(
      (actor) => this.#way(actor).transactions <= this.#given.transactionsMax,
    );
    const open = young.length > 0 ? young : waiting;
    const taken = choose(open, this.#choices.length);
    this.#choices.push({ open, taken });
    const way = this.#way(taken);
    this.#moments.push({ actor: taken, did: way.waiting ?? "" });
    way.release();
  }

  /** Waits until all stand still; false when all have their answer. */
  async #someMayStep(): Promise<boolean> {
    const giveUpAt = performance.now() + 20_000;
    for (;;) {
      const stirred = this.#given.stirred();
      const open = this.#open();
      if (open.length === 0) return false;
      const standing = open.filter((actor) => this.#way(actor).waiting !== undefined);
      const others = open.filter((actor) => this.#way(actor).waiting === undefined);
      const blocked = await this.#blockedOf(others);
      // Who is blocked by a circle is let go by the database itself.
      if (blocked === others.length && standing.length > 0) return true;
      if (performance.now() > giveUpAt) throw new Error(`stuck after ${this.#told()}`);
      await Promise.race([stirred, sleep(2)]);
    }
  }

  async #blockedOf(actors: readonly number[]): Promise<number> {
    const working = actors.map((actor) => this.#way(actor).working);
    if (actors.length === 0 || working.some((pids) => pids.length === 0)) return 0;
    const rows = await query<{ pid: number }>(
      this.#given.observer,
      "select distinct pid from pg_locks where not granted and pid = any($1)",
      [working.flat()],
    );
    const waiting = new Set(rows.map(({ pid }) => pid));
    // What moved while we looked is no longer what we saw.
    const blocked = actors.filter((actor) =>
      this.#way(actor).working.some((pid) => waiting.has(pid)),
    );
    for (const actor of blocked) if (!this.#waitedFor.has(actor)) this.#blocked += 1;
    this.#waitedFor.clear();
    for (const actor of blocked) this.#waitedFor.add(actor);
    return blocked.length;
  }

  #open(): number[] {
    return this.#actors
      .keys()
      .filter((actor) => !this.#done.has(actor))
      .toArray();
  }

  #way(actor: number): Way {
    const way = this.#given.ways[actor];
    if (!way) throw new Error("every actor has a way of its own");
    return way;
  }

  #told(): string {
    return this.#moments.map(({ actor, did }) => `${actor}: ${did.slice(0, 40)}`).join(" | ");
  }
}
