import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Answered } from "./shop.ts";

/** One request for a purchase under a key. */
export type Commit = (key: string) => Promise<Answered>;

/** A purchase in the sandbox, as the log of a start shows it with curl. */
export const inSandbox =
  (url: string): Commit =>
  async (key) => {
    const reply = await fetch(`${url}/v1/sandbox/commit`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "Idempotency-Key": key },
      body: "{}",
      signal: AbortSignal.timeout(15_000),
    });
    return (await reply.json()) as Answered;
  };

/** Whatever happens to the request, and however often it is told to wait: it is sent until it is answered. */
export async function insist(commit: Commit, key: string): Promise<Answered> {
  let last: unknown;
  for (const giveUpAt = performance.now() + 120_000; performance.now() < giveUpAt;) {
    const answer = await commit(key).catch((error: unknown) => void (last = error));
    if (answer?.outcome === "COMMITTED") return answer;
    last = answer ?? last;
    await sleep(100);
  }
  throw new Error(`no answer for ${key}: ${JSON.stringify(last)}`);
}

export interface Traffic {
  /** What each key was answered: its purchase. */
  readonly answers: ReadonlyMap<string, string>;
  /** When somebody was answered last. */
  readonly lastAt: () => number;
  /** Longest time without an answer to anybody. */
  readonly longestGapMs: () => number;
  /** Every key that was begun is asked for until it has its answer. */
  stop(): Promise<void>;
}

/** Buyers who never give a key up. */
export function keepBuying(commit: Commit, buyers = 4): Traffic {
  const answers = new Map<string, string>();
  let stopping = false;
  let lastAt = performance.now();
  let longest = 0;
  const one = async (): Promise<void> => {
    while (!stopping) {
      const key = randomUUID();
      const { intentId = "" } = await insist(commit, key);
      answers.set(key, intentId);
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
    lastAt: () => lastAt,
    longestGapMs: () => Math.round(longest),
    async stop() {
      stopping = true;
      await all;
    },
  };
}

/** Asks for each of these keys once more: the same purchase, and nothing was sold twice. */
export async function findDifferent(
  commit: Commit,
  answers: ReadonlyMap<string, string>,
): Promise<string[]> {
  const waiting = [...answers];
  const different: string[] = [];
  const one = async (): Promise<void> => {
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const [key, intentId] = next;
      const again = await insist(commit, key);
      if (again.intentId !== intentId || again.replayed !== true) {
        different.push(`${key}: ${intentId}, then ${JSON.stringify(again)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: 8 }, one));
  return different;
}
