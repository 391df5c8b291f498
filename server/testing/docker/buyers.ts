import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

export interface Bought {
  readonly status: number;
  readonly body: {
    readonly outcome?: string;
    readonly intentId?: string;
    readonly replayed?: boolean;
  };
}

/** A purchase in the sandbox, as the log of a start shows it with curl. */
export async function buy(url: string, key: string = randomUUID()): Promise<Bought> {
  const reply = await fetch(`${url}/v1/sandbox/commit`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "Idempotency-Key": key },
    body: "{}",
    signal: AbortSignal.timeout(15_000),
  });
  return { status: reply.status, body: (await reply.json()) as Bought["body"] };
}

export interface Traffic {
  /** What each key was answered at last: its purchase. */
  readonly answers: ReadonlyMap<string, string>;
  /** Longest time without an answer to anybody. */
  readonly longestGapMs: () => number;
  /** Every key that was begun is asked for until it has its answer. */
  stop(): Promise<void>;
}

/** Buyers who never give a key up: whatever happens to their request, they send it again. */
export function keepBuying(url: string, buyers = 4): Traffic {
  const answers = new Map<string, string>();
  let stopping = false;
  let lastAt = performance.now();
  let longest = 0;
  const insist = async (key: string): Promise<string> => {
    for (const giveUpAt = performance.now() + 90_000; ; await sleep(100)) {
      const reply = await buy(url, key).catch(() => undefined);
      const { outcome, intentId = "" } = reply?.body ?? {};
      if (outcome === "COMMITTED") return intentId;
      if (performance.now() > giveUpAt) {
        throw new Error(`no answer for ${key}: ${JSON.stringify(reply)}`);
      }
    }
  };
  const one = async (): Promise<void> => {
    while (!stopping) {
      const key = randomUUID();
      answers.set(key, await insist(key));
      const now = performance.now();
      longest = Math.max(longest, now - lastAt);
      lastAt = now;
    }
  };
  const all = Promise.all(Array.from({ length: buyers }, one));
  // Whoever stops hears of it.
  all.catch(() => undefined);
  return {
    answers,
    longestGapMs: () => Math.round(longest),
    async stop() {
      stopping = true;
      await all;
    },
  };
}
