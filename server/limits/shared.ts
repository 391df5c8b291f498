import { scriptOf, type FastRedis } from "../redis/fast.ts";
import { costOf, roomOf, verdictOn, type Check, type Verdict } from "./gcra.ts";

/**
 * ARGV: for each key what a request costs and how much room there is; then for each group of requests
 * that are held against the same keys how many they are, how many keys, and which. The answer: for
 * each group how many were admitted, and what each of its keys owed before. The clock is Redis's, so
 * those of the servers do not matter.
 */
const script = scriptOf(`
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local debt, cost, room, spent, answer = {}, {}, {}, {}, {}
for k = 1, #KEYS do
  cost[k] = tonumber(ARGV[2 * k - 1])
  room[k] = tonumber(ARGV[2 * k])
  local paid = tonumber(redis.call('GET', KEYS[k]) or 0)
  debt[k] = math.min(math.max(paid - now, 0), room[k])
end
local at = 2 * #KEYS + 1
while at <= #ARGV do
  local admitted, keys = tonumber(ARGV[at]), tonumber(ARGV[at + 1])
  local slot = #answer + 1
  for i = 1, keys do
    local k = tonumber(ARGV[at + 1 + i])
    admitted = math.min(admitted, math.floor((room[k] - debt[k]) / cost[k]))
    answer[slot + i] = debt[k]
    answer[slot] = 0
  end
  answer[slot] = admitted
  if admitted > 0 then
    for i = 1, keys do
      local k = tonumber(ARGV[at + 1 + i])
      debt[k] = debt[k] + admitted * cost[k]
      spent[k] = true
    end
  end
  at = at + 2 + keys
end
for k in pairs(spent) do
  redis.call('SET', KEYS[k], string.format('%.0f', now + debt[k]), 'PX', math.ceil(debt[k] / 1000) + 1)
end
return answer
`);

interface Group {
  readonly checks: readonly Check[];
  readonly waiting: ((verdict: Verdict | undefined) => void)[];
}

/** Limits that all servers count in one Redis. The requests of one tick share a call. */
export class SharedLimiter {
  readonly #redis: FastRedis;
  #groups = new Map<string, Group>();

  constructor(redis: FastRedis) {
    this.#redis = redis;
  }

  /** Undefined: Redis did not say. */
  take(checks: readonly Check[]): Promise<Verdict | undefined> {
    if (this.#groups.size === 0) setImmediate(() => void this.#flush());
    const name = checks.map(nameOf).join(" ");
    const group = this.#groups.get(name) ?? { checks, waiting: [] };
    if (group.waiting.length === 0) this.#groups.set(name, group);
    const { promise, resolve } = Promise.withResolvers<Verdict | undefined>();
    group.waiting.push(resolve);
    return promise;
  }

  async #flush(): Promise<void> {
    const groups = [...this.#groups.values()];
    this.#groups = new Map();
    try {
      const { keys, args } = callFor(groups);
      const answer = (await this.#redis.run(script, keys, args)) as number[];
      let at = 0;
      for (const group of groups) {
        const end = at + 1 + group.checks.length;
        tell(group, answer[at] ?? 0, answer.slice(at + 1, end));
        at = end;
      }
    } catch {
      for (const { waiting } of groups) for (const resolve of waiting) resolve(undefined);
    }
  }
}

const nameOf = ({ policy, subject }: Check): string => `zr:limit:${policy.name}:${subject}`;

function callFor(groups: readonly Group[]) {
  const indexes = new Map<string, number>();
  const terms: number[] = [];
  const asked: number[] = [];
  for (const { checks, waiting } of groups) {
    asked.push(waiting.length, checks.length);
    for (const check of checks) {
      const name = nameOf(check);
      let index = indexes.get(name);
      if (index === undefined) {
        index = indexes.size + 1;
        indexes.set(name, index);
        terms.push(costOf(check.policy), roomOf(check.policy));
      }
      asked.push(index);
    }
  }
  return { keys: [...indexes.keys()], args: [...terms, ...asked] };
}

/** The first ones are those that were admitted; each owes what those before it added. */
function tell({ checks, waiting }: Group, admitted: number, debts: readonly number[]): void {
  for (const [place, resolve] of waiting.entries()) {
    const before = Math.min(place, admitted);
    resolve(
      verdictOn(
        checks,
        checks.map(({ policy }, index) => (debts[index] ?? 0) + before * costOf(policy)),
      ),
    );
  }
}
