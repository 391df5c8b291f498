import type { CommitAsk } from "../kernel/types.ts";
import type { World } from "./world.ts";

/** An agent's ask. Sent again, it is the same in every byte. */
export interface AgentAsk extends CommitAsk {
  readonly agent: number;
}

export interface CrowdOptions {
  readonly seed: number;
  readonly agents: number;
  /** The share of asks that are sent a second time under the same key. */
  readonly duplicates: number;
}

export interface Shelf extends World {
  readonly itemId: string;
  readonly mandateIds: readonly string[];
  readonly priceMinor: bigint;
  readonly currency: string;
}

/** How many other asks may go between an ask and its repetition, unless it waits for the end. */
const soonMax = 20_000;

/**
 * Everything that the agents do, made from the seed while it is needed: a million agents are a
 * number to count up to, not a million objects.
 */
export class Crowd {
  /** Repetitions that were sent. */
  resent = 0;
  /** Agents that have sent their ask. */
  sent = 0;
  readonly #options: CrowdOptions;
  readonly #shelf: Shelf;
  readonly #lines: AgentAsk["lines"];
  /** Repetitions that are due when so many agents have asked; never more than `soonMax` moments. */
  readonly #due = new Map<number, number[]>();
  #ready: number[] = [];
  #late = 0;

  constructor(options: CrowdOptions, shelf: Shelf) {
    this.#options = options;
    this.#shelf = shelf;
    this.#lines = [{ itemId: shelf.itemId, quantity: 1n }];
  }

  next(): AgentAsk | undefined {
    const again = this.#ready.pop() ?? this.#nextLate();
    if (again !== undefined) {
      this.resent++;
      return this.askOf(again);
    }
    if (this.sent === this.#options.agents) return undefined;
    const agent = this.sent++;
    const gap = this.gapOf(agent);
    if (gap !== undefined && gap !== Infinity)
      this.#enlist(agent, Math.min(agent + gap, this.#last));
    this.#ready = this.#due.get(agent) ?? this.#ready;
    this.#due.delete(agent);
    return this.askOf(agent);
  }

  askOf(agent: number): AgentAsk {
    const { seed } = this.#options;
    const { tenantId, merchantId, mandateIds, priceMinor, currency } = this.#shelf;
    const mandate = Math.floor(draw(seed, agent, 1) * mandateIds.length);
    return {
      kind: "commit",
      tenantId,
      merchantId,
      key: `swarm-${seed}-${agent}`,
      mandateId: mandateIds[mandate] as string,
      agentId: `agent-${agent}`,
      lines: this.#lines,
      amountMinor: priceMinor,
      currency,
      agent,
    };
  }

  /**
   * After how many others an agent sends its ask again: 0 is at once, while the first is still in
   * flight; Infinity is after everybody else; undefined is never.
   */
  gapOf(agent: number): number | undefined {
    const { seed, duplicates } = this.#options;
    if (draw(seed, agent, 2) >= duplicates) return undefined;
    const when = draw(seed, agent, 3);
    if (when < 0.25) return 0;
    if (when >= 0.75) return Infinity;
    // As many short gaps as long ones: most of what can go wrong goes wrong soon.
    return Math.ceil(soonMax ** draw(seed, agent, 4));
  }

  get #last(): number {
    return this.#options.agents - 1;
  }

  #enlist(agent: number, moment: number): void {
    const others = this.#due.get(moment);
    if (others) others.push(agent);
    else this.#due.set(moment, [agent]);
  }

  #nextLate(): number | undefined {
    if (this.sent < this.#options.agents) return undefined;
    while (this.#late < this.#options.agents) {
      const agent = this.#late++;
      if (this.gapOf(agent) === Infinity) return agent;
    }
    return undefined;
  }
}

/** From 0 up to 1, the same for the same numbers: a mixer of integers, so that no state is kept. */
function draw(seed: number, agent: number, purpose: number): number {
  let mixed = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(agent + 1, 0x85ebca77)) | 0;
  mixed = (mixed + Math.imul(purpose, 0xc2b2ae3d)) | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x7feb352d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b);
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
}
