import { assert } from "../base/assert.ts";
import type { Facts, PurchaseLine } from "./facts.ts";
import { booking } from "./ledger.ts";
import type { AnswerRow, Leg, OutboxEvent, Plan, RecentGrant } from "./plan.ts";
import { RunningMandate } from "./running-mandate.ts";
import { RunningPool } from "./running-pool.ts";
import type { Entry } from "./types.ts";

/** An agent is a name, and means somebody within its tenant only. */
export interface Agent {
  readonly tenantId: string;
  readonly agentId: string;
}

export function agentKey({ tenantId, agentId }: Agent): string {
  return `${tenantId}\n${agentId}`;
}

/** A grant as the duplicate window knows it. */
export function grantKey(grant: Omit<RecentGrant, "tenantId">): string {
  return `${grant.mandateId}\n${grant.agentId}\n${grant.itemId}\n${grant.amountMinor}`;
}

/**
 * The books as one batch leaves them: facts at first, then changed by one ask after the other.
 * `plan()` says what is to be written.
 */
export class Books {
  readonly facts: Facts;
  readonly attempt: number;
  readonly #pools = new Map<string, RunningPool>();
  readonly #mandates = new Map<string, RunningMandate>();
  readonly #changed = new Map<string, readonly PurchaseLine[]>();
  readonly #granted = new Map<string, RecentGrant>();
  readonly #answers: AnswerRow[] = [];
  readonly #newLines: PurchaseLine[] = [];
  readonly #legs: Leg[] = [];
  readonly #events: OutboxEvent[] = [];

  constructor(facts: Facts, attempt: number) {
    this.facts = facts;
    this.attempt = attempt;
  }

  pool(poolId: string): RunningPool {
    let running = this.#pools.get(poolId);
    if (running === undefined) {
      const fact = this.facts.pools.get(poolId);
      assert(fact !== undefined, "every pool that a batch touches is loaded");
      running = new RunningPool(fact);
      this.#pools.set(poolId, running);
    }
    return running;
  }

  mandate(mandateId: string): RunningMandate {
    let running = this.#mandates.get(mandateId);
    if (running === undefined) {
      const fact = this.facts.mandates.get(mandateId);
      assert(fact !== undefined, "every mandate that a batch touches is loaded");
      running = new RunningMandate(fact);
      this.#mandates.set(mandateId, running);
    }
    return running;
  }

  purchase(purchaseId: string): readonly PurchaseLine[] | undefined {
    return this.#changed.get(purchaseId) ?? this.facts.purchases.get(purchaseId);
  }

  /** When this agent last bought the same, an earlier ask of this batch included. */
  lastGrantMs(grant: Omit<RecentGrant, "tenantId">): number | undefined {
    const key = grantKey(grant);
    return this.#granted.has(key) ? this.facts.nowMs : this.facts.recentGrants.get(key);
  }

  rememberGrant(grant: RecentGrant): void {
    this.#granted.set(grantKey(grant), grant);
  }

  addLines(lines: readonly PurchaseLine[]): void {
    this.#newLines.push(...lines);
  }

  /** New state for every line of a purchase, under a guard on the version it had in the snapshot. */
  change(lines: readonly PurchaseLine[], to: (line: PurchaseLine) => Partial<PurchaseLine>): void {
    const changed = lines.map((line) => ({ ...line, ...to(line), version: line.version + 1n }));
    const [first] = changed;
    if (first) this.#changed.set(first.purchaseId, changed);
  }

  book(...legs: readonly Leg[]): void {
    booking(legs);
    this.#legs.push(...legs);
  }

  announce(event: OutboxEvent): void {
    this.#events.push(event);
  }

  /** The answer to an ask, to be stored under its key. */
  answer(entry: Entry, granted: boolean, purchaseId: string, text: string): void {
    const { tenantId, merchantId, key, kind, by = null } = entry.ask;
    const { id: askId, body, fingerprint } = entry;
    const row = { askId, tenantId, merchantId, key, kind, purchaseId, fingerprint, body, granted };
    this.#answers.push({ ...row, text, by });
  }

  plan(): Plan {
    const versionBefore = (purchaseId: string) =>
      this.facts.purchases.get(purchaseId)?.[0]?.version ?? 0n;
    return {
      nowMs: this.facts.nowMs,
      answers: this.#answers,
      newLines: this.#newLines,
      changedLines: [...this.#changed].flatMap(([purchaseId, lines]) =>
        lines.map((line) => ({ line, versionBefore: versionBefore(purchaseId) })),
      ),
      stock: [...this.#pools.values()].flatMap((pool) => pool.writes()),
      mandates: [...this.#mandates.values()].flatMap((mandate) => mandate.writes()),
      legs: this.#legs,
      events: this.#events,
      recentGrants: [...this.#granted.values()],
    };
  }
}
