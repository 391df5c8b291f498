import { setTimeout as sleep } from "node:timers/promises";
import type { Asked, Attempt, Command } from "./history.ts";
import { Luck } from "./luck.ts";
import type { Recorder } from "./recorder.ts";
import type { Target } from "./target.ts";
import { askedBy, changed, commandBy, styleOf, type Market } from "./workload.ts";

export interface LoadOptions {
  readonly seed: number;
  /** Who ask at the same time, each one operation after the other. */
  readonly clients: number;
  readonly operations: number;
  /** One command of the operator to so many operations. */
  readonly operationsPerCommand: number;
  /** For how long an ask without an answer is sent again. */
  readonly patienceMs: number;
}

export const loadDefaults = { clients: 16, operationsPerCommand: 12, patienceMs: 60_000 };

const pauseMaxMs = 250;

/** The clients and the operator of one world. Every attempt goes through the recorder. */
export class Play {
  /** Operations that have their answer. */
  done = 0;
  /** When the latest of those asked who then got their answer. */
  lastAnswered = -Infinity;
  readonly #target: Target;
  readonly #recorder: Recorder;
  readonly #options: LoadOptions;
  readonly #market: Market;
  readonly #owed: Command[] = [];
  #commands = 0;
  #storms = 0;
  #operator: Promise<void> = Promise.resolve();
  #next = 0;

  constructor(target: Target, recorder: Recorder, market: Market, options: LoadOptions) {
    this.#target = target;
    this.#recorder = recorder;
    this.#market = market;
    this.#options = options;
  }

  async run(signal?: AbortSignal): Promise<void> {
    const { clients, operations, operationsPerCommand } = this.#options;
    const client = async (): Promise<void> => {
      while (this.#next < operations && signal?.aborted !== true) {
        const op = this.#next++;
        if (op % operationsPerCommand === operationsPerCommand - 1) this.#callOperator(op);
        await this.#operation(op);
        this.done++;
      }
    };
    await Promise.all(Array.from({ length: clients }, client));
    await this.#operator;
    while (this.#owed.length > 0) await this.#command(this.#owed.shift());
  }

  /** Many at once under one key, beside everything else. */
  async storm(count: number): Promise<void> {
    const op = this.#options.operations + this.#storms++;
    const asked = askedBy(op, new Luck(this.#options.seed, op), this.#market);
    const key = `s${this.#options.seed}-${op}`;
    await Promise.all(Array.from({ length: count }, () => this.#untilKnown(op, key, asked)));
  }

  /** Once more what has no answer yet, now that nothing is in the way. */
  async settle(): Promise<void> {
    const byKey = Map.groupBy(this.#recorder.attempts, ({ key }) => key);
    for (const [key, attempts] of byKey) {
      const [first] = attempts;
      const doubted = attempts.find(({ outcome }) => outcome === "info");
      if (doubted && first && attempts.every(({ outcome }) => outcome !== "ok"))
        await this.#untilKnown(doubted.op, key, doubted.asked);
    }
  }

  async #operation(op: number): Promise<void> {
    const luck = new Luck(this.#options.seed, op);
    const style = styleOf(luck);
    const asked = askedBy(op, luck, this.#market);
    const key = `h${this.#options.seed}-${op}`;
    const ask = (again = key): Promise<void> => this.#untilKnown(op, again, asked);
    switch (style) {
      case "once":
        return ask();
      case "storm":
        await Promise.all([ask(), ask(), ask(), ask(), ask()]);
        return;
      case "bothKeys":
        await Promise.all([ask(), isOnce(asked) ? ask(`${key}-b`) : ask()]);
        return;
      case "again":
        await ask();
        return ask();
      case "secondKey":
        await ask();
        return ask(isOnce(asked) ? `${key}-b` : key);
      case "changed":
        await ask();
        await this.#recorder.ask(this.#target, op, key, changed(asked));
        return ask();
    }
  }

  /** Sends it again for as long as nobody can tell what became of it. */
  async #untilKnown(op: number, key: string, asked: Asked): Promise<void> {
    const until = performance.now() + this.#options.patienceMs;
    for (let tries = 1; ; tries++) {
      const attempt = await this.#recorder.ask(this.#target, op, key, asked);
      if (attempt.outcome === "ok") {
        this.lastAnswered = Math.max(this.lastAnswered, attempt.inv);
        this.#notice(attempt);
      }
      if (isKnown(attempt) || performance.now() > until) return;
      await sleep(Math.min(pauseMaxMs, 2 ** tries));
    }
  }

  #notice({ what, id, asked, replayed }: Attempt): void {
    if (what !== "granted" || replayed === true || id === undefined || !("lines" in asked)) return;
    const lines = asked.lines.map(({ itemId, quantity }) => ({
      quantity,
      amountMinor: (this.#market.prices.get(itemId) ?? 1) * quantity,
    }));
    this.#market.notice({ purchaseId: id, held: asked.kind === "hold", lines });
  }

  /** One command after the other: the next waits until the one before has ended. */
  #callOperator(op: number): void {
    const luck = new Luck(this.#options.seed, -1 - op);
    const late = op > this.#options.operations * 0.7;
    this.#operator = this.#operator.then(() =>
      this.#command(commandBy(luck, this.#market, this.#owed, late)),
    );
  }

  async #command(command: Command | undefined): Promise<void> {
    if (command === undefined) return;
    const key = `c${this.#options.seed}-${this.#commands++}`;
    const until = performance.now() + this.#options.patienceMs;
    for (let tries = 1; ; tries++) {
      const { outcome, what } = await this.#recorder.command(this.#target, key, command);
      if (outcome === "ok" && command.kind === "price")
        this.#market.prices.set(command.itemId, command.priceMinor);
      const again = outcome === "info" ? command.kind !== "topUp" : what === "BUSY";
      if (!again || performance.now() > until) return;
      await sleep(Math.min(pauseMaxMs, 2 ** tries));
    }
  }
}

/** Things of which a second key must not make a second one; a refund may well be meant twice. */
const isOnce = ({ kind }: Asked): boolean => kind === "commit" || kind === "hold";

export function isKnown({ outcome, what }: Attempt): boolean {
  if (outcome === "ok") return true;
  return outcome === "fail" && what !== "exhausted" && what !== "overloaded";
}
