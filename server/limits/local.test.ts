import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { costOf, type Check, type Policy } from "./gcra.ts";
import { LocalLimiter } from "./local.ts";

const policy = (name: string, quota: number, windowS: number): Policy => ({ name, quota, windowS });
const check = (of: Policy, subject = "a"): Check => ({ policy: of, subject });

function limiterAt() {
  const clock = { us: 1_000_000 };
  return { clock, limiter: new LocalLimiter(() => clock.us) };
}

it("admits a quota at once, then one for each interval, and tells how long to wait", () => {
  const { clock, limiter } = limiterAt();
  const ten = check(policy("p", 50, 5));
  const take = (times: number): number =>
    Array.from({ length: times }, () => limiter.take([ten])).filter((v) => v?.admitted).length;
  expect(limiter.take([ten])).toEqual({
    admitted: true,
    policy: ten.policy,
    remaining: 49,
    resetS: 1,
    waitS: 0,
  });
  expect(take(80)).toBe(49);
  expect(limiter.take([ten])).toMatchObject({
    admitted: false,
    remaining: 0,
    resetS: 5,
    waitS: 0.1,
  });
  clock.us += 100_000;
  expect(take(5)).toBe(1);
  clock.us += 60_000_000;
  expect(take(80)).toBe(50);
});

it("keeps subjects and policies apart", () => {
  const { limiter } = limiterAt();
  const [one, other] = [policy("one", 1, 60), policy("other", 1, 60)];
  for (const each of [check(one, "a"), check(one, "b"), check(other, "a")]) {
    expect(limiter.take([each])?.admitted).toBe(true);
    expect(limiter.take([each])?.admitted).toBe(false);
  }
});

it("counts nothing of what one of several policies refuses, and names the tightest", () => {
  const { limiter } = limiterAt();
  const [wide, narrow] = [policy("wide", 10, 60), policy("narrow", 2, 60)];
  const both = [check(wide), check(narrow)];
  expect(limiter.take(both)).toMatchObject({ admitted: true, policy: narrow, remaining: 1 });
  expect(limiter.take(both)).toMatchObject({ admitted: true, policy: narrow, remaining: 0 });
  for (let more = 0; more < 5; more++) {
    expect(limiter.take(both)).toMatchObject({ admitted: false, policy: narrow, waitS: 30 });
  }
  expect(limiter.take([check(wide)])).toMatchObject({ admitted: true, remaining: 7 });
});

describe("over any sequence of requests", () => {
  const policies = fc.record({
    name: fc.constant("p"),
    quota: fc.integer({ min: 1, max: 40 }),
    windowS: fc.integer({ min: 1, max: 10 }),
  });
  const gapsUs = fc.array(
    fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3_000_000 }), fc.integer({ max: 50_000 })),
    { maxLength: 120 },
  );

  it("admits in no stretch of time more than a quota and what that time regains", () => {
    fc.assert(
      fc.property(policies, gapsUs, (of, gaps) => {
        const { clock, limiter } = limiterAt();
        const admittedAt: number[] = [];
        for (const gap of gaps) {
          clock.us += Math.max(0, gap);
          if (limiter.take([check(of)])?.admitted) admittedAt.push(clock.us);
        }
        for (const [first, from] of admittedAt.entries()) {
          for (const [last, to] of admittedAt.entries()) {
            if (last < first) continue;
            const most = of.quota + Math.floor((to - from) / costOf(of));
            expect(last - first + 1).toBeLessThanOrEqual(most);
          }
        }
      }),
    );
  });

  it("admits whoever waits as long as it was told, and nobody a moment sooner", () => {
    fc.assert(
      fc.property(policies, gapsUs, (of, gaps) => {
        const { clock, limiter } = limiterAt();
        for (const gap of gaps) {
          clock.us += Math.max(0, gap);
          const verdict = limiter.take([check(of)]);
          if (!verdict || verdict.admitted) continue;
          const waitUs = Math.round(verdict.waitS * 1_000_000);
          clock.us += waitUs - 1;
          expect(limiter.take([check(of)])?.admitted).toBe(false);
          clock.us += 1;
          expect(limiter.take([check(of)])?.admitted).toBe(true);
        }
      }),
    );
  });
});

it("forgets those that were not seen for longest before memory runs out", () => {
  const { limiter } = limiterAt();
  const once = policy("p", 1, 3_600);
  for (let other = 0; other <= 100_000; other++) limiter.take([check(once, `${other}`)]);
  expect(limiter.take([check(once, "100000")])?.admitted).toBe(false);
  expect(limiter.take([check(once, "0")])?.admitted).toBe(true);
});
