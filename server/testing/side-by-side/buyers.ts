import { setTimeout as sleep } from "node:timers/promises";
import type { commitBodyOf } from "../api.ts";

export interface Stage {
  readonly name: string;
  /** What was answered as it had to be. */
  readonly answered: number;
  /** Requests that were sent again, by what became of them: a word of the network, or a status. */
  readonly again: Readonly<Record<string, number>>;
  /** Longest time without an answer to anybody. */
  readonly longestGapMs: number;
}

export interface Buyers {
  readonly stages: readonly Stage[];
  /** What was answered otherwise than it had to be, or never. */
  readonly failed: readonly string[];
  /** From here on it counts under this name. */
  begin(name: string): void;
  /** Until so much more was answered. */
  more(count: number): Promise<void>;
  /** Everything that was begun is finished. */
  stop(): Promise<void>;
}

export interface Given {
  /** Where somebody serves just now; it changes. */
  readonly urls: () => readonly string[];
  readonly key: string;
  readonly ask: ReturnType<typeof commitBodyOf>;
  readonly seed: number;
  readonly buyers?: number;
}

interface Counting {
  name: string;
  answered: number;
  again: Record<string, number>;
  longestGapMs: number;
}

interface Reply {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

const patienceMs = 30_000;

/** What is counted, under the name of the stage that it fell into. */
class Counted {
  readonly stages: Counting[] = [];
  readonly failed: string[] = [];
  #lastAt = performance.now();

  begin(name: string): Counting {
    const next = { name, answered: 0, again: {}, longestGapMs: 0 };
    this.stages.push(next);
    return next;
  }

  get answered(): number {
    return this.stages.reduce((sum, one) => sum + one.answered, 0);
  }

  expect(says: string, holds: boolean, { status, body }: Reply): void {
    if (!holds) {
      this.failed.push(`${says}: ${status} ${JSON.stringify(body)}`);
      return;
    }
    const now = performance.now();
    const stage = this.#stage();
    stage.answered += 1;
    stage.longestGapMs = Math.max(stage.longestGapMs, Math.round(now - this.#lastAt));
    this.#lastAt = now;
  }

  again(why: string): void {
    const { again } = this.#stage();
    again[why] = (again[why] ?? 0) + 1;
  }

  #stage(): Counting {
    return this.stages.at(-1) ?? this.begin("before");
  }
}

/** Too late, too many, not just now: the same again may go through. */
const isPassing = ({ status }: Reply): boolean => [408, 429].includes(status) || status >= 500;

/** Asks one server after the other, until one answers. */
function insisting({ urls }: Given, counted: Counted) {
  let turn = 0;
  return async (path: string, init: RequestInit): Promise<Reply> => {
    for (const giveUpAt = performance.now() + patienceMs; ; await sleep(5)) {
      const all = urls();
      const reply = await request(`${all[turn++ % all.length]}${path}`, init);
      if (typeof reply !== "string" && !isPassing(reply)) return reply;
      if (performance.now() > giveUpAt) return { status: 0, body: { reply } };
      counted.again(typeof reply === "string" ? reply : String(reply.status));
    }
  };
}

/**
 * Buyers who talk to all servers in turn, so that a purchase that one made is asked for at another: sent
 * again under its key, read, held here and captured there. What is refused is sent to the next one.
 */
export function startBuyers(given: Given): Buyers {
  const counted = new Counted();
  const insist = insisting(given, counted);
  const headers = { Authorization: `Bearer ${given.key}`, "Content-Type": "application/json" };
  const post = (path: string, body: object, key: string): Promise<Reply> => {
    const own = { ...headers, "Idempotency-Key": key };
    return insist(path, { method: "POST", headers: own, body: JSON.stringify(body) });
  };
  const buyOnce = async (key: string): Promise<void> => {
    const path = "/v1/purchases/commit";
    const first = await post(path, given.ask, key);
    counted.expect(`commit ${key}`, first.body.outcome === "COMMITTED", first);
    const again = await post(path, given.ask, key);
    const isSame = again.body.replayed === true && again.body.intentId === first.body.intentId;
    counted.expect(`the same key ${key}`, isSame, again);
    const read = await insist(`/v1/purchases/${String(first.body.intentId)}`, { headers });
    counted.expect(`read ${key}`, read.status === 200, read);
  };
  const holdAndCapture = async (key: string): Promise<void> => {
    const held = await post("/v1/holds", given.ask, key);
    counted.expect(`hold ${key}`, held.body.outcome === "HELD", held);
    const to = `/v1/holds/${String(held.body.intentId)}/capture`;
    const captured = await post(to, { merchantId: given.ask.merchantId }, `${key}-capture`);
    counted.expect(`capture ${key}`, captured.body.outcome === "CAPTURED", captured);
  };
  const draw = drawing(given.seed);
  let stopping = false;
  const one = async (buyer: number): Promise<void> => {
    for (let nth = 0; !stopping; nth++) {
      const key = `side-${given.seed}-${buyer}-${nth}`;
      await (draw() < 0.7 ? buyOnce(key) : holdAndCapture(key));
    }
  };
  const all = Promise.all(Array.from({ length: given.buyers ?? 4 }, (_, buyer) => one(buyer)));
  all.catch(() => undefined);
  return {
    stages: counted.stages,
    failed: counted.failed,
    begin: (name) => void counted.begin(name),
    async more(wanted) {
      const enough = counted.answered + wanted;
      for (const giveUpAt = performance.now() + 4 * patienceMs; counted.answered < enough;) {
        if (counted.failed.length > 0 || performance.now() > giveUpAt) break;
        await Promise.race([all, sleep(20)]);
      }
    },
    async stop() {
      stopping = true;
      await all;
    },
  };
}

/** Requests that somebody had taken, and did not answer. */
export function cutOff({ stages }: Buyers): number {
  const words = ["ECONNRESET", "UND_ERR_SOCKET", "TimeoutError"];
  return stages.reduce(
    (sum, { again }) => words.reduce((cut, word) => cut + (again[word] ?? 0), sum),
    0,
  );
}

/** The answer, or the network's word for why there is none. */
async function request(url: string, init: RequestInit): Promise<Reply | string> {
  try {
    const reply = await fetch(url, { ...init, signal: AbortSignal.timeout(10_000) });
    return { status: reply.status, body: (await reply.json()) as Reply["body"] };
  } catch (error) {
    const { cause, name } = error as { cause?: { code?: string }; name: string };
    return cause?.code ?? name;
  }
}

/** Numbers below 1 that come from a seed. */
function drawing(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
