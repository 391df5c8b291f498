import type { Account } from "../kernel/plan.ts";
import { openFastRedis, scriptOf, type FastRedis } from "../redis/fast.ts";
import type { Addition, Snapshot } from "./snapshot.ts";

/**
 * Balances of merchants and tenants in Redis: a hash per owner, read without adding anything up. Beside each
 * balance stands how far it has come: the version of every slice of `account_totals` that is in it. An
 * addition counts only as the very next version of its slice, so it counts once, however often it comes;
 * where one is missing nothing is added until a snapshot replaces the whole.
 */
export interface BalanceCopies {
  readonly isAway: boolean;
  /** Returns false when something is missing before them: then a snapshot is needed. */
  add(ownerId: string, additions: readonly Addition[]): Promise<boolean>;
  /**
   * Returns false when neither is newer than the other in everything: look again. By force it is written
   * whatever is there, such as what is left of books that were restored since.
   */
  put(snapshot: Snapshot, options?: { readonly force?: boolean }): Promise<boolean>;
  read(ownerId: string): Promise<CopiedBalances | undefined>;
  /** Resolves when Redis is there, or not worth waiting for any longer. */
  settled(patienceMs: number): Promise<void>;
  close(): void;
}

export interface CopiedBalances {
  /** All that was committed before is in it. */
  readonly asOf: Date;
  readonly accounts: readonly CopiedAccount[];
  /** The version of each slice that is in it. */
  readonly versions: ReadonlyMap<string, bigint>;
}

export interface CopiedAccount {
  readonly account: Account;
  readonly currency: string;
  readonly balanceMinor: bigint;
  readonly legs: bigint;
}

/** ARGV: slice, version, account and currency, amount and legs of each addition. */
const adding = scriptOf(`
local key, whole = KEYS[1], true
if redis.call('EXISTS', key) == 0 then return 0 end
for at = 1, #ARGV, 5 do
  local known = tonumber(redis.call('HGET', key, 'v ' .. ARGV[at]) or '0')
  local version = tonumber(ARGV[at + 1])
  if version == known + 1 then
    redis.call('HINCRBY', key, 'b ' .. ARGV[at + 2], ARGV[at + 3])
    redis.call('HINCRBY', key, 'n ' .. ARGV[at + 2], ARGV[at + 4])
    redis.call('HSET', key, 'v ' .. ARGV[at], ARGV[at + 1])
    if known == 0 then redis.call('HINCRBY', key, 'slices', 1) end
  elseif version > known + 1 then
    whole = false
  end
end
return whole and 1 or 0
`);

/** ARGV: as of when, whether by force, and then as above, for every slice that there is. */
const putting = scriptOf(`
local key, asOf = KEYS[1], ARGV[1]
local behind, ahead, there = 0, 0, 0
for at = 3, #ARGV, 5 do
  local known = tonumber(redis.call('HGET', key, 'v ' .. ARGV[at]) or '0')
  local version = tonumber(ARGV[at + 1])
  if known > 0 then there = there + 1 end
  if known < version then behind = behind + 1 end
  if known > version then ahead = ahead + 1 end
end
if tonumber(redis.call('HGET', key, 'slices') or '0') > there then ahead = ahead + 1 end
local forced = ARGV[2] == '1'
if not forced then
  if ahead > 0 and behind > 0 then return 0 end
  local before = tonumber(redis.call('HGET', key, 'asOf') or '0')
  if before > tonumber(asOf) then asOf = string.format('%.0f', before) end
end
if behind > 0 or forced then
  redis.call('DEL', key)
  for at = 3, #ARGV, 5 do
    redis.call('HINCRBY', key, 'b ' .. ARGV[at + 2], ARGV[at + 3])
    redis.call('HINCRBY', key, 'n ' .. ARGV[at + 2], ARGV[at + 4])
    redis.call('HSET', key, 'v ' .. ARGV[at], ARGV[at + 1])
    redis.call('HINCRBY', key, 'slices', 1)
  end
end
redis.call('HSET', key, 'asOf', asOf)
return 1
`);

const reading = scriptOf("return redis.call('HGETALL', KEYS[1])");

const keyOf = (ownerId: string): string => `zr:balance:${ownerId}`;

export function openBalances(url: string, { timeoutMs = 50 } = {}): BalanceCopies {
  const redis = openFastRedis(url, { timeoutMs });
  return balancesIn(redis);
}

export function balancesIn(redis: FastRedis): BalanceCopies {
  return {
    get isAway() {
      return redis.isAway;
    },
    async add(ownerId, additions) {
      return (await redis.run(adding, [keyOf(ownerId)], additions.flatMap(argsOf))) === 1;
    },
    async put({ ownerId, asOf, additions }, { force = false } = {}) {
      const args = [String(asOf.getTime()), force ? "1" : "0", ...additions.flatMap(argsOf)];
      return (await redis.run(putting, [keyOf(ownerId)], args)) === 1;
    },
    async read(ownerId) {
      return copyOf((await redis.run(reading, [keyOf(ownerId)], [])) as string[]);
    },
    settled: (patienceMs) => redis.settled(patienceMs),
    close: () => redis.close(),
  };
}

export const sliceOf = ({ account, kind, currency, slice }: Addition): string =>
  `${account} ${kind} ${currency} ${slice}`;

function argsOf(addition: Addition): string[] {
  const { version, account, currency, amountMinor, legs } = addition;
  const name = `${account} ${currency}`;
  return [sliceOf(addition), String(version), name, String(amountMinor), String(legs)];
}

/** Fields by their first letter: `b` a balance, `n` its legs, `v` the version of a slice. */
function copyOf(flat: readonly string[]): CopiedBalances | undefined {
  const fields = new Map<string, string>();
  for (let at = 0; at < flat.length; at += 2) fields.set(flat[at] ?? "", flat[at + 1] ?? "");
  const asOf = fields.get("asOf");
  if (asOf === undefined) return undefined;
  const named = (letter: string) =>
    [...fields].filter(([name]) => name.startsWith(`${letter} `)).toSorted(byName);
  return {
    asOf: new Date(Number(asOf)),
    accounts: named("b").map(([name, balance]) => {
      const [, account = "", currency = ""] = name.split(" ");
      const legs = BigInt(fields.get(`n ${account} ${currency}`) ?? "0");
      return { account: account as Account, currency, balanceMinor: BigInt(balance), legs };
    }),
    versions: new Map(named("v").map(([name, version]) => [name.slice(2), BigInt(version)])),
  };
}

const byName = ([a]: readonly [string, string], [b]: readonly [string, string]): number =>
  a < b ? -1 : 1;
