import { setTimeout as sleep } from "node:timers/promises";
import type { HttpFate } from "../bad-http.ts";
import { onStage, spellMs, type Fault } from "./fault.ts";
import { Luck } from "./luck.ts";
import type { Stage } from "./stage.ts";

/** What is done to those who keep copies and hints. No purchase may notice any of it. */
export const copyFaults: readonly Fault[] = [
  onDynamo(
    "dynamodb-throttles",
    "DynamoDB throttles 30 % of two seconds' requests and loses answers, and then throttles all for two.",
    async ({ caches }, luck) => {
      const drawn = new Luck(luck.from(1, 2 ** 31), 0);
      caches.dynamo?.fate((): HttpFate => {
        const share = drawn.next();
        if (share < 0.3) return "throttle";
        return share < 0.35 ? "cutAfter" : "pass";
      });
      await sleep(spellMs);
      caches.dynamo?.fate(() => "throttle");
      await sleep(spellMs);
      caches.dynamo?.fate(() => "pass");
    },
  ),
  onDynamo(
    "dynamodb-hangs",
    "For three seconds DynamoDB takes requests and answers none.",
    async ({ caches }) => {
      caches.dynamo?.fate(() => "hang");
      await sleep(1.5 * spellMs);
      caches.dynamo?.fate(() => "pass");
    },
  ),
  onDynamo(
    "dynamodb-gone",
    "DynamoDB is killed, stays away for two seconds, and is started again on its data.",
    ({ caches }) => caches.killDynamo(spellMs),
  ),
  onStage("redis-flushed", "Everything in Redis is deleted.", ({ caches }) => caches.flushRedis()),
  onStage("redis-killed", "Redis is killed and started again, empty.", ({ caches }) =>
    caches.killRedis(),
  ),
  {
    ...onStage("redis-full", "For two seconds Redis has no room for a write.", async (stage) => {
      await stage.caches.fillRedis(true);
      await sleep(spellMs);
      await stage.caches.fillRedis(false);
    }),
    lacks: ({ caches }) =>
      caches.hasRealRedis ? undefined : "a redis-server or valkey-server on the PATH",
  },
];

function onDynamo(...args: Parameters<typeof onStage>): Fault {
  const lacks = ({ caches }: Stage): string | undefined =>
    caches.dynamo === undefined ? "an embedded DynamoDB that fits this machine" : undefined;
  return { ...onStage(...args), lacks };
}
