import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openKernel, type Kernel } from "../kernel/gather.ts";
import { call, commitBodyOf, makeKey, post, startApi, type TestApi } from "../testing/api.ts";
import { openTest } from "../testing/database.ts";
import { about, commitAsk, granted, holdAsk, makeShop, type Shop } from "../testing/factories.ts";
import { query } from "../testing/look.ts";
import { unreliable, type Policy, type Unreliable } from "../proof/unreliable.ts";
import { countReplays, openReplayCounter } from "./replays.ts";
import { rollUp } from "./roll-up.ts";
import { readUsage } from "./store.ts";
import type { DayView, UsageView } from "./wire.ts";

let api: TestApi;
let kernel: Kernel;
beforeAll(async () => {
  api = await startApi();
  kernel = openKernel(api.database.db);
});
afterAll(async () => {
  await kernel.close();
  await api.close();
});

const dayMs = 86_400_000;
const dayAt = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** Asks of every kind, granted and declined, at random times around the midnights of some days. */
async function traffic(shop: Shop, asks: number): Promise<void> {
  const { db } = api.database;
  const all = Array.from({ length: asks }, async (_, n) => {
    if (n % 5 === 0) return kernel.ask(commitAsk(shop, { quantity: 1_000n }));
    if (n % 5 === 1) {
      const holdId = await granted(kernel.ask(holdAsk(shop)));
      const settle = { kind: n % 2 === 0 ? "capture" : "release", ...about(shop, holdId) } as const;
      return kernel.ask(settle);
    }
    return kernel.ask(commitAsk(shop));
  });
  await Promise.all(all);
  const old = await query<{ ask_id: string }>(
    db,
    "select ask_id from asks where tenant_id = $1 and random() < 0.9",
    [shop.tenantId],
  );
  const midnight = Math.floor(Date.now() / dayMs) * dayMs;
  const edges = [0, 1, -1, 999, -999, 12 * 3_600_000];
  for (const [n, { ask_id: askId }] of old.entries()) {
    const at = midnight - (n % 4) * dayMs + (edges[n % edges.length] ?? 0) - 600_000;
    await query(
      db,
      "update asks set created_at = to_timestamp($2::float8 / 1000) where ask_id = $1",
      [askId, Math.min(at, Date.now() - 1)],
    );
  }
}

interface Truth {
  readonly day: string;
  readonly commits: number;
  readonly declines: number;
  readonly others: number;
}

/** Ask by ask, and by another clock than the one that is tested. */
async function bruteForce({ tenantId }: Shop): Promise<Truth[]> {
  const rows = await query<{ kind: string; granted: boolean; created_at: Date }>(
    api.database.db,
    "select kind, granted, created_at from asks where tenant_id = $1",
    [tenantId],
  );
  const days = new Map<string, Truth>();
  for (const { kind, granted: isGranted, created_at: at } of rows) {
    const day = at.toISOString().slice(0, 10);
    const { commits, declines, others } = days.get(day) ?? { commits: 0, declines: 0, others: 0 };
    days.set(day, {
      day,
      commits: commits + Number(isGranted && kind === "commit"),
      declines: declines + Number(!isGranted),
      others: others + Number(isGranted && kind !== "commit"),
    });
  }
  return [...days.values()].toSorted((a, b) => (a.day < b.day ? -1 : 1));
}

async function counted({ tenantId }: Shop): Promise<Truth[]> {
  const [from, to] = [dayAt(Date.now() - 9 * dayMs), dayAt(Date.now())];
  const { days } = await readUsage(api.database.db, tenantId, { from, to });
  return days
    .map(({ day, commits, declines, ...rest }) => {
      const others = rest.holds + rest.captures + rest.extensions + rest.releases + rest.refunds;
      const some = { commits: Number(commits), declines: Number(declines) };
      return { day, ...some, others: Number(others) };
    })
    .filter(({ commits, declines, others }) => commits + declines + others > 0);
}

const rolled = async ({ tenantId }: Shop): Promise<number> => {
  const text =
    "select coalesce(sum(asks), 0)::integer as asks from usage_days where tenant_id = $1";
  const [row] = await query<{ asks: number }>(api.database.db, text, [tenantId]);
  return row?.asks ?? 0;
};
const asksOf = async ({ tenantId }: Shop): Promise<number> => {
  const text = "select count(*)::integer as asks from asks where tenant_id = $1";
  const [row] = await query<{ asks: number }>(api.database.db, text, [tenantId]);
  return row?.asks ?? 0;
};

describe("the roll-up", () => {
  it.each([3, 17, 50_000])(
    "is what a count ask by ask gives, before, while and after, in slices of %i",
    async (sliceAsks) => {
      const { db } = api.database;
      const shop = await makeShop(db, { item: { stock: 10_000n } });
      await traffic(shop, 150);
      const truth = await bruteForce(shop);
      expect(truth.length).toBeGreaterThan(3);
      expect(await counted(shop)).toEqual(truth);
      const options = { marginSeconds: 0, behindSeconds: 0, sliceAsks };
      // Several at once, one of which stops after its first slice, and readers beside them.
      const many = Array.from({ length: 4 }, () => rollUp(db, shop.tenantId, options));
      const first = rollUp(db, shop.tenantId, { ...options, deadlineAt: 0 });
      const seen = await Promise.all(Array.from({ length: 8 }, async () => counted(shop)));
      await Promise.all([...many, first]);
      for (const one of seen) expect(one).toEqual(truth);
      expect(await counted(shop)).toEqual(truth);
      expect(await rolled(shop)).toBe(await asksOf(shop));
      await rollUp(db, shop.tenantId, options);
      expect(await rolled(shop)).toBe(await asksOf(shop));
      await granted(kernel.ask(commitAsk(shop)));
      const later = await bruteForce(shop);
      expect(await counted(shop)).toEqual(later);
      await rollUp(db, shop.tenantId, options);
      expect(await counted(shop)).toEqual(later);
    },
  );

  it("waits for what may still be committed", async () => {
    const { db } = api.database;
    const shop = await makeShop(db);
    const purchaseId = await granted(kernel.ask(commitAsk(shop)));
    // Older than the margin, but for the one that comes late.
    await query(
      db,
      "update asks set created_at = created_at - interval '1 hour' where ask_id = $1",
      [purchaseId],
    );
    await granted(kernel.ask(commitAsk(shop)));
    expect(await rollUp(db, shop.tenantId)).toBe(true);
    expect(await rolled(shop)).toBe(1);
    await query(
      db,
      `insert into asks select gen_random_uuid(), tenant_id, merchant_id, 'late', kind, purchase_id,
              fingerprint, body, granted, answer, now() - interval '90 seconds'
         from asks where ask_id = $1`,
      [purchaseId],
    );
    expect(await rollUp(db, shop.tenantId, { behindSeconds: 0 })).toBe(true);
    const total = (await counted(shop)).reduce((sum, { commits }) => sum + commits, 0);
    expect(total).toBe(3);
  });

  it("has nothing to do for a tenant without asks", async () => {
    const { db } = api.database;
    const shop = await makeShop(db);
    expect(await rollUp(db, shop.tenantId, { marginSeconds: 0 })).toBe(true);
    expect(await counted(shop)).toEqual([]);
  });
});

describe("replays", () => {
  const replaysOf = async ({ tenantId }: Shop): Promise<Record<string, number>> => {
    const [from, to] = [dayAt(Date.now() - 9 * dayMs), dayAt(Date.now())];
    const { days } = await readUsage(api.database.db, tenantId, { from, to });
    const some = days.filter(({ replays }) => replays > 0n);
    return Object.fromEntries(some.map(({ day, replays }) => [day, Number(replays)]));
  };

  it("are added up over processes and days, and counted once however often they are written", async () => {
    const { db } = api.database;
    const shop = await makeShop(db);
    const log = { warn: () => expect.unreachable() } as never;
    let nowMs = Date.now() - dayMs;
    const now = () => new Date(nowMs);
    const counters = [0, 1].map(() => openReplayCounter(db, log, { flushMs: 60_000, now }));
    for (const counter of counters) {
      const counting = countReplays(openKernel(db), counter);
      nowMs = Date.now() - dayMs;
      const ask = commitAsk(shop);
      for (let n = 0; n < 4; n++) await counting.ask(ask);
      await counter.flush();
      await counter.flush();
      await counting.ask(ask);
      nowMs = Date.now();
      await counting.ask(ask);
      await counting.close();
    }
    const [yesterday, today] = [dayAt(Date.now() - dayMs), dayAt(Date.now())];
    expect(await replaysOf(shop)).toEqual({ [yesterday]: 8, [today]: 2 });
    expect((await counted(shop)).map(({ commits }) => commits)).toEqual([2]);
  });

  it("are counted once when the connection dies at the COMMIT that writes them", async () => {
    const shop = await makeShop(api.database.db);
    let cuts = 0;
    const policy: Policy = () => (++cuts % 2 === 1 ? "cutAfter" : "pass");
    const network: Unreliable = await unreliable(api.database.url, policy);
    const db = openTest(network.url);
    const log = { warn: () => expect.unreachable() } as never;
    const counter = openReplayCounter(db, log, { flushMs: 60_000 });
    for (let n = 1; n <= 3; n++) {
      counter.note(shop.tenantId);
      await counter.flush();
    }
    await counter.close();
    await db.close();
    await network.close();
    expect(network.counts.cutsAfter).toBeGreaterThan(0);
    expect(Object.values(await replaysOf(shop))).toEqual([3]);
  });
});

describe("GET /v1/usage", () => {
  const read = async (path: string, key: string) =>
    call(`${api.url}/v1/usage${path}`, { headers: { Authorization: `Bearer ${key}` } });

  it("tells each day of the span, its totals, and the same as a CSV", async () => {
    const shop = await makeShop(api.database.db);
    const key = await makeKey(api, shop, ["usage:read", "purchases:write"]);
    for (const idempotencyKey of ["a", "a", "b", "b", "b"]) {
      await post(api, "/v1/purchases/commit", commitBodyOf(shop), { key, idempotencyKey });
    }
    const many = { ...commitBodyOf(shop), quantity: 101, amountMinor: 10_100 };
    await post(api, "/v1/purchases/commit", many, { key, idempotencyKey: "c" });
    const { status, body } = await read("", key);
    expect(status).toBe(200);
    const view = body as unknown as UsageView;
    expect(view.data).toHaveLength(30);
    expect(view.mode).toBe("run");
    expect(view.totals).toMatchObject({ commits: 2, declines: 1, holds: 0 });
    expect(view.data.at(-1)).toMatchObject({ day: view.to, commits: 2, declines: 1 });
    const csv = await read(`?from=${view.to}&to=${view.to}&format=csv`, key);
    expect(csv.text.split("\r\n")).toEqual([
      "day,mode,commits,holds,captures,extensions,releases,refunds,declines,replays",
      expect.stringMatching(`^${view.to},run,2,0,0,0,0,0,1,\\d+$`),
      "",
    ]);
    const long = await read("?from=2023-12-01&to=2024-11-30", key);
    expect((long.body.data as DayView[]).map(({ day }) => day)).toContain("2024-02-29");
    expect(long.body.data).toHaveLength(366);
  });

  it.each([
    ["?from=2026-11-22&to=2026-11-21", "422 VALIDATION_FAILED"],
    ["?from=2023-12-01&to=2024-12-01", "422 VALIDATION_FAILED"],
    ["?from=2026-02-30", "422 VALIDATION_FAILED"],
    ["?to=now", "422 VALIDATION_FAILED"],
    ["?to=0001-01-01", "422 VALIDATION_FAILED"],
    ["?from=2026-11-21T00:00:00Z", "422 VALIDATION_FAILED"],
    ["?format=pdf", "422 VALIDATION_FAILED"],
    ["?day=2026-11-21", "422 UNKNOWN_PARAMETER"],
  ])("does not answer %s: %s", async (search, expected) => {
    const key = await makeKey(api, await makeShop(api.database.db), ["usage:read"]);
    const { status, body } = await read(search, key);
    expect(`${status} ${String(body.code)}`).toBe(expected);
  });

  it("was never our fault", () => {
    expect(api.logged).toEqual([]);
  });
});

describe("by caller", () => {
  it("counts who sent the asks of some days, and nobody else's", async () => {
    const shop = await makeShop(api.database.db, { item: { stock: 2n } });
    const [first, second] = [await makeKey(api, shop), await makeKey(api, shop)];
    for (const [key, idempotencyKey] of [
      [first, "1"],
      [second, "2"],
      [second, "2"],
      [second, "3"],
    ] as const) {
      await post(api, "/v1/purchases/commit", commitBodyOf(shop), { key, idempotencyKey });
    }
    const reader = await makeKey(api, shop, ["usage:read"]);
    const read = (span: string) =>
      call(`${api.url}/v1/usage/callers${span}`, {
        headers: { Authorization: `Bearer ${reader}` },
      });
    const none = { holds: 0, others: 0, name: "test" };
    const { status, body } = await read("");
    expect(status).toBe(200);
    expect(body.data).toMatchObject([
      { ...none, commits: 1, declines: 1 },
      { ...none, commits: 1, declines: 0 },
    ]);
    expect((await read("?from=2020-01-01&to=2020-01-02")).body.data).toEqual([]);
    expect((await read("?from=2020-01-02&to=2020-01-01")).status).toBe(422);
  });
});
