import { hash } from "node:crypto";
import type { Redis } from "ioredis";
import { connectRedis } from "./connect.ts";

/** A Lua program, known to Redis by its hash. */
export interface Script {
  readonly lua: string;
  readonly sha: string;
}

export const scriptOf = (lua: string): Script => ({ lua, sha: hash("sha1", lua, "hex") });

/**
 * Redis for what must not wait. Behind a breaker: after some failures in a row nobody asks it any
 * more, and it is tried out apart from all traffic, until it answers and takes writes again.
 */
export interface FastRedis {
  /** Costs nothing to look at. */
  readonly isAway: boolean;
  /** Rejects within the time limit. */
  run(
    script: Script,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<unknown>;
  /** Resolves when it is there, or when it is not worth waiting any longer. */
  settled(patienceMs: number): Promise<void>;
  close(): void;
}

export interface FastOptions {
  readonly timeoutMs?: number;
  readonly probeMs?: number;
  readonly onChange?: (isAway: boolean, why?: string) => void;
}

const failuresMax = 3;

/** A write: one that is full, loading or a replica answers, but is of no use. */
const probing = scriptOf("return redis.call('SET', KEYS[1], '1', 'PX', 1000)");

export function openFastRedis(url: string, options: FastOptions = {}): FastRedis {
  const { timeoutMs = 50, probeMs = 500, onChange } = options;
  const client = connectRedis(url);
  const there = Promise.withResolvers<void>();
  let isAway = true;
  let failures = 0;
  let why = "it was not reached yet";

  const change = (away: boolean): void => {
    failures = 0;
    if (!away) there.resolve();
    if (away === isAway) return;
    isAway = away;
    onChange?.(away, why);
  };
  const failed = (error: unknown): void => {
    why = error instanceof Error ? error.message : String(error);
    failures += 1;
    if (failures < failuresMax || isAway) return;
    change(true);
    // What still waits for an answer is given up with the connection.
    if (error instanceof Late) client.disconnect(true);
  };
  const probe = async (): Promise<void> => {
    if (client.status !== "ready") return;
    try {
      // With time to spare: the first script of a server takes longer than all that come after it.
      await within(10 * timeoutMs, runScript(client, probing, ["zr:probe"], []));
      change(false);
    } catch (error) {
      why = error instanceof Error ? error.message : String(error);
    }
  };
  client.on("ready", () => void probe());
  client.on("error", (error: Error) => (why = error.message));
  client.on("close", () => change(true));
  const timer = setInterval(() => isAway && void probe(), probeMs);
  timer.unref();
  return {
    get isAway() {
      return isAway;
    },
    async run(script, keys, args) {
      try {
        const answer = await within(timeoutMs, runScript(client, script, keys, args));
        failures = 0;
        return answer;
      } catch (error) {
        failed(error);
        throw error;
      }
    },
    async settled(patienceMs) {
      const late = setTimeout(() => there.resolve(), patienceMs);
      await there.promise;
      clearTimeout(late);
    },
    close() {
      clearInterval(timer);
      client.removeAllListeners("close");
      client.disconnect();
    },
  };
}

async function runScript(
  client: Redis,
  { lua, sha }: Script,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> {
  try {
    return await client.evalsha(sha, keys.length, ...keys, ...args);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith("NOSCRIPT")) throw error;
    return client.eval(lua, keys.length, ...keys, ...args);
  }
}

class Late extends Error {}

/** Judged after one more look at the sockets: a process that was busy itself blames nobody else. */
async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const timer = setTimeout(() => {
    setImmediate(() => reject(new Late(`no answer within ${timeoutMs} ms`)));
  }, timeoutMs);
  work.then(resolve, reject);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}
