import type { Config } from "../base/config.ts";
import type { Log } from "../base/log.ts";
import type { Metrics } from "../base/metrics.ts";
import { openFastRedis, type FastRedis } from "../redis/fast.ts";
import type { Check, Policy, Verdict } from "./gcra.ts";
import { LocalLimiter } from "./local.ts";
import { SharedLimiter } from "./shared.ts";

/** What a server admits how often. A policy that is undefined is switched off. */
export interface Policies {
  readonly key: Policy | undefined;
  readonly tenant: Policy | undefined;
  readonly ip: Policy | undefined;
  readonly wrongKeys: Policy | undefined;
  readonly signIn: Policy;
  readonly newKeys: Policy;
}

export interface Limits {
  readonly policies: Policies;
  /** Counted in this process, if it cannot be in Redis. Undefined when there is nothing to check. */
  take(checks: readonly Check[]): Promise<Verdict | undefined> | Verdict | undefined;
  /** Refused rather than counted in this process alone: "away" when Redis should be there and is not. */
  takeStrictly(checks: readonly Check[]): Promise<Verdict | undefined | "away">;
  close(): void;
}

type LimitSettings = Pick<
  Config,
  | "redisUrl"
  | "redisTimeoutMs"
  | "replicas"
  | "ratePerKey"
  | "ratePerTenant"
  | "ratePerIp"
  | "signInsPerMinute"
  | "newKeysPerMinute"
>;

/** A start waits this long for Redis, and then goes on without. */
const patienceMs = 1_000;

export async function openLimits(
  config: LimitSettings,
  metrics: Metrics,
  log: Pick<Log, "warn" | "info">,
): Promise<Limits> {
  const { redisUrl, redisTimeoutMs: timeoutMs, replicas } = config;
  const local = new LocalLimiter();
  const here = (checks: readonly Check[]) =>
    note(metrics, local.take(checks.map((check) => partOf(check, replicas))));
  const policies = policiesOf(config);
  if (redisUrl === undefined) {
    return {
      policies,
      take: here,
      takeStrictly: (checks) => Promise.resolve(here(checks)),
      close: () => undefined,
    };
  }
  const redis = await reach(redisUrl, timeoutMs, metrics, log);
  const shared = new SharedLimiter(redis);
  const ask = async (checks: readonly Check[]) => note(metrics, await shared.take(checks));
  return {
    policies,
    take(checks) {
      if (redis.isAway || checks.length === 0) return here(checks);
      return ask(checks).then((verdict) => verdict ?? here(checks));
    },
    async takeStrictly(checks) {
      if (checks.length === 0) return undefined;
      const verdict = redis.isAway ? undefined : await ask(checks);
      if (verdict === undefined) metrics.limitDecisions.inc({ result: "away" });
      return verdict ?? "away";
    },
    close: () => redis.close(),
  };
}

const burstS = 5;

export function policiesOf(
  config: Omit<LimitSettings, "redisUrl" | "redisTimeoutMs" | "replicas">,
): Policies {
  const { ratePerKey, ratePerTenant, ratePerIp, signInsPerMinute, newKeysPerMinute } = config;
  return {
    key: bySecond("key", ratePerKey),
    tenant: bySecond("tenant", ratePerTenant),
    ip: bySecond("ip", ratePerIp),
    wrongKeys: bySecond("wrong-keys", ratePerIp),
    signIn: { name: "sign-in", quota: signInsPerMinute, windowS: 60 },
    newKeys: { name: "new-keys", quota: newKeysPerMinute, windowS: 60 },
  };
}

function bySecond(name: string, rate: number): Policy | undefined {
  return rate === 0 ? undefined : { name, quota: rate * burstS, windowS: burstS };
}

function partOf(check: Check, replicas: number): Check {
  if (replicas === 1) return check;
  const quota = Math.max(1, Math.floor(check.policy.quota / replicas));
  return { ...check, policy: { ...check.policy, quota } };
}

async function reach(
  url: string,
  timeoutMs: number,
  metrics: Metrics,
  log: Pick<Log, "warn" | "info">,
): Promise<FastRedis> {
  metrics.limiterDegraded.set(1);
  let wasAway = false;
  const redis = openFastRedis(url, {
    timeoutMs,
    onChange(isAway, why) {
      metrics.limiterDegraded.set(isAway ? 1 : 0);
      if (isAway) log.warn({ why }, "Redis is away: limits are counted in this process");
      else if (wasAway) log.info("Redis is back: limits are counted in it");
      wasAway ||= isAway;
    },
  });
  await redis.settled(patienceMs);
  if (redis.isAway) log.warn("Redis cannot be reached: limits are counted in this process");
  return redis;
}

function note(metrics: Metrics, verdict: Verdict | undefined): Verdict | undefined {
  if (verdict) metrics.limitDecisions.inc({ result: verdict.admitted ? "admitted" : "refused" });
  return verdict;
}
