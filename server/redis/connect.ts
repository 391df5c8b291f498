import { Redis, type RedisOptions } from "ioredis";

/** Without the one that ioredis declares in two ways that do not agree. */
type Options = Omit<RedisOptions, "replyMapping">;

/**
 * Commands fail at once while there is no connection, instead of waiting for one: whoever asks has
 * something better to do.
 */
export function connectRedis(url: string, more: Options = {}): Redis {
  const options: Options = {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    connectTimeout: 1_000,
    // A connection that takes commands and gives no answers is made anew.
    socketTimeout: 2_000,
    retryStrategy: (attempt: number) => Math.min(50 * attempt, 1_000),
    // Spoken by every version, and by whatever stands between.
    protocol: 2,
    connectionName: "zerorace",
    ...more,
  };
  return new Redis(url, options);
}
