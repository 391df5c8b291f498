import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openFastRedis, scriptOf, type FastRedis } from "../redis/fast.ts";
import { redisPrograms, startTestRedis, type TestRedis } from "../testing/redis-servers.ts";
import { costOf, type Check, type Policy, type Verdict } from "./gcra.ts";
import { LocalLimiter } from "./local.ts";
import { SharedLimiter } from "./shared.ts";

let fresh = 0;
/** So wide a window that nothing is regained while a test runs: the clock does not matter. */
const slow = (quota: number): Policy => ({ name: `s${fresh++}`, quota, windowS: 100_000 * quota });

describe.each(redisPrograms)("limits counted in %s", (_name, program) => {
  let server: TestRedis;
  let redis: FastRedis;
  let limiter: SharedLimiter;
  beforeAll(async () => {
    server = await startTestRedis(program);
    // Machines that run tests are busy: what is late is no matter here.
    redis = openFastRedis(server.url, { timeoutMs: 10_000 });
    await redis.settled(10_000);
    limiter = new SharedLimiter(redis);
  });
  afterAll(async () => {
    redis.close();
    await server.close();
  });

  it("come to what the model in memory says, request for request, over any ticks", async () => {
    const subjects = fc.constantFrom("a", "b", "c");
    const ticks = fc.array(fc.array(fc.tuple(subjects, subjects), { maxLength: 12 }), {
      maxLength: 8,
    });
    const quotas = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 30 }));
    await fc.assert(
      fc.asyncProperty(quotas, ticks, async ([narrow, wide], rounds) => {
        const model = new LocalLimiter(() => 0);
        const policies = [slow(narrow), slow(wide)] as const;
        for (const round of rounds) {
          const asks = inGroups(round).map(([one, other]): Check[] => [
            { policy: policies[0], subject: one },
            { policy: policies[1], subject: other },
          ]);
          const told = await Promise.all(asks.map((checks) => limiter.take(checks)));
          const expected = asks.map((checks) => model.take(checks));
          expect(told.map(essence)).toEqual(expected.map(essence));
        }
      }),
      { numRuns: 60 },
    );
  });

  it("admit a quota and what the time regains, and no more", async () => {
    const policy = { name: `t${fresh++}`, quota: 20, windowS: 1 };
    const startedAt = performance.now();
    let admitted = 0;
    while (performance.now() - startedAt < 400) {
      const verdicts = await Promise.all(
        Array.from({ length: 5 }, () => limiter.take([{ policy, subject: "a" }])),
      );
      admitted += verdicts.filter((verdict) => verdict?.admitted).length;
    }
    const regained = ((performance.now() - startedAt) * 1_000) / costOf(policy);
    expect(admitted).toBeLessThanOrEqual(policy.quota + Math.floor(regained) + 1);
    expect(admitted).toBeGreaterThanOrEqual(policy.quota + 4);
  });

  it("share one call for all requests of a tick", async () => {
    let calls = 0;
    const counted: FastRedis = {
      ...redis,
      run: (...call) => {
        calls += 1;
        return redis.run(...call);
      },
    };
    const counting = new SharedLimiter(counted);
    const [mine, all] = [slow(100), slow(100)];
    const verdicts = await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        counting.take([
          { policy: mine, subject: `${index % 7}` },
          { policy: all, subject: "all" },
        ]),
      ),
    );
    expect(calls).toBe(1);
    expect(Math.min(...verdicts.map((verdict) => verdict?.remaining ?? -1))).toBe(40);
  });

  it("make nobody wait longer than for a quota, also after the clock was set back", async () => {
    const policy = { name: `back${fresh++}`, quota: 2, windowS: 10 };
    const lua = "return redis.call('SET', KEYS[1], '9000000000000000')";
    await redis.run(scriptOf(lua), [`zr:limit:${policy.name}:a`], []);
    const verdict = await limiter.take([{ policy, subject: "a" }]);
    expect(verdict).toMatchObject({ admitted: false, waitS: 5, resetS: 10 });
  });

  it("leave nothing behind once a debt is paid", async () => {
    const policy = { name: `gone${fresh++}`, quota: 1_000, windowS: 1 };
    const other = openFastRedis(server.url, { timeoutMs: 10_000 });
    await other.settled(10_000);
    await new SharedLimiter(other).take([{ policy, subject: "a" }]);
    const count = scriptOf("return redis.call('EXISTS', KEYS[1])");
    await expect
      .poll(() => other.run(count, [`zr:limit:${policy.name}:a`], []), { timeout: 5_000 })
      .toBe(0);
    other.close();
  });
});

/** As the limiter sees them: those that are held against the same come one after the other. */
function inGroups<T extends readonly string[]>(round: readonly T[]): T[] {
  const groups = new Map<string, T[]>();
  for (const one of round) {
    const group = groups.get(one.join()) ?? [];
    group.push(one);
    groups.set(one.join(), group);
  }
  return [...groups.values()].flat();
}

/** Between two calls of Redis some microseconds pass. */
function essence(verdict: Verdict | undefined) {
  const { admitted, policy, remaining } = verdict ?? {};
  return { admitted, remaining, policy: remaining === 0 ? undefined : policy?.name };
}
