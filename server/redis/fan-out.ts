import type { Redis } from "ioredis";
import { connectRedis } from "./connect.ts";

/** Texts from every process to every other one that has joined their channel; what nobody hears is gone. */
export interface FanOut {
  /** Whether texts of others may pass unheard just now. */
  readonly isAway: boolean;
  /** Costs the caller nothing; lost while Redis is away. */
  publish(channel: string, text: string): void;
  /** Resolves when it is heard, or when Redis is away: then as soon as it is back. */
  join(channel: string): Promise<void>;
  leave(channel: string): void;
  close(): void;
}

/** For those who only tell: costs the caller nothing; lost while Redis is away. */
export type Sender = Pick<FanOut, "publish" | "close">;

export function openSender(url: string): Sender {
  const client = connectRedis(url);
  client.on("error", () => undefined);
  return {
    publish(channel, text) {
      if (client.status === "ready") client.publish(channel, text).catch(() => undefined);
    },
    close: () => client.disconnect(),
  };
}

export interface FanOutOptions {
  readonly onText: (channel: string, text: string) => void;
  /** Heard again, after a time in which nothing was. */
  readonly onBack: () => void;
  readonly probeMs?: number;
}

export function openFanOut(url: string, options: FanOutOptions): FanOut {
  const { onText, onBack, probeMs = 2_000 } = options;
  const channels = new Set<string>();
  const sender = openSender(url);
  // The channels are our own to remember: one that was left while Redis was away stays left.
  const hearer = connectRedis(url, { autoResubscribe: false });
  let isAway = true;
  hearer.on("error", () => undefined);
  hearer.on("close", () => (isAway = true));
  hearer.on("message", onText);
  hearer.on("ready", () => {
    void joinAll(hearer, channels).then((joined) => {
      if (!joined) return;
      isAway = false;
      onBack();
    });
  });
  const timer = setInterval(() => isAway || void probe(hearer, probeMs), probeMs);
  timer.unref();
  return {
    get isAway() {
      return isAway;
    },
    publish: (channel, text) => sender.publish(channel, text),
    async join(channel) {
      channels.add(channel);
      if (hearer.status === "ready") await joinAll(hearer, [channel]);
    },
    leave(channel) {
      channels.delete(channel);
      if (hearer.status === "ready") hearer.unsubscribe(channel).catch(() => undefined);
    },
    close() {
      clearInterval(timer);
      sender.close();
      hearer.disconnect();
    },
  };
}

/** A connection that could not join is made anew, and joins then. */
async function joinAll(hearer: Redis, channels: Iterable<string>): Promise<boolean> {
  const names = [...channels];
  try {
    if (names.length > 0) await hearer.subscribe(...names);
    return true;
  } catch {
    hearer.disconnect(true);
    return false;
  }
}

/** Who only listens does not notice that the other end has gone: so it asks now and then. */
async function probe(hearer: Redis, timeoutMs: number): Promise<void> {
  const late = setTimeout(() => hearer.disconnect(true), timeoutMs);
  late.unref();
  await hearer.ping().catch(() => undefined);
  clearTimeout(late);
}
