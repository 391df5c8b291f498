import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshDatabase, type TestDatabase } from "../testing/database.ts";
import { expectProven } from "../testing/expect-proven.ts";
import {
  about,
  commitAsk,
  granted,
  makeShop,
  startKernel,
  tally,
  told,
  type Shop,
} from "../testing/factories.ts";
import { look, query } from "../testing/look.ts";
import { setRules } from "./mandate-commands.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

const periods = [
  ["day", "1 day"],
  ["week", "7 days"],
  ["month", "1 month"],
] as const;

/** Time is turned, not waited for: rooms and purchases move by whole periods on the mandate's clock. */
async function shift(shop: Shop, period: string, by: string): Promise<void> {
  const { tenantId, mandate } = shop;
  const zone = mandate.timeZone ?? "UTC";
  await query(
    database.db,
    `update mandate_buckets set ${period}_start = (${period}_start at time zone $2 + $3::interval) at time zone $2
      where mandate_id = $1`,
    [mandate.mandateId, zone, by],
  );
  await query(
    database.db,
    "update purchases set created_at = created_at + $2::interval where tenant_id = $1",
    [tenantId, by],
  );
}

/** What the buckets leave in the period that runs: an older one counts as full, with its share. */
async function roomOf(shop: Shop, period: string): Promise<{ room: bigint; refilled: bigint }> {
  const { mandateId, timeZone = "UTC" } = shop.mandate;
  const [row] = await query<{ room: bigint; refilled: bigint }>(
    database.db,
    `select count(*) filter (where fresh) as refilled,
            sum(case when fresh then ${period}_left_minor else share end)::bigint as room
       from (select *, coalesce(${period}_start >= date_trunc($3, now() at time zone $2) at time zone $2, false) as fresh
               from (select b.*, m.${period}_limit_minor / m.buckets
                            + case when b.bucket < m.${period}_limit_minor % m.buckets then 1 else 0 end as share
                       from mandate_buckets b join mandates m using (mandate_id)
                      where mandate_id = $1) dealt) aged`,
    [mandateId, timeZone, period],
  );
  return row ?? { room: -1n, refilled: -1n };
}

describe.each(periods)("the limit of a %s", (name, step) => {
  const limited = (buckets: number) =>
    makeShop(database.db, {
      mandate: { [`${name}LimitMinor`]: 1_007n, buckets, timeZone: "America/Halifax" },
    });

  it("is spent to what it leaves, and holds again in the next one", async () => {
    const { db } = database;
    const shop = await limited(5);
    const kernels = [startKernel(db), startKernel(db)] as const;
    for (let round = 0; round < 2; round++) {
      const answers = await Promise.all(
        Array.from({ length: 24 }, (_, index) =>
          kernels[index % 2 === 0 ? 0 : 1].ask(commitAsk(shop)),
        ),
      );
      expect(tally(answers)).toEqual({ granted: 10, PERIOD: 14 });
      expect(await roomOf(shop, name)).toMatchObject({ room: 7n });
      await expectProven(db);
      await shift(shop, name, `-${step}`);
      expect(await roomOf(shop, name)).toEqual({ room: 1_007n, refilled: 0n });
    }
    await expectProven(db);
  });

  it("is refilled by the first writer, bucket by bucket, and the shares sum to the limit", async () => {
    const { db } = database;
    const shop = await limited(5);
    const kernel = startKernel(db);
    await granted(kernel.ask(commitAsk(shop, { quantity: 10n })));
    await shift(shop, name, `-${step}`);
    await granted(kernel.ask(commitAsk(shop)));
    const { room, refilled } = await roomOf(shop, name);
    expect(room).toBe(907n);
    expect(refilled).toBeGreaterThan(0n);
    expect(refilled).toBeLessThan(5n);
    await expectProven(db);
  });

  it("never moves back to an older period, where it would be full again", async () => {
    const { db } = database;
    const shop = await limited(1);
    const kernel = startKernel(db);
    await granted(kernel.ask(commitAsk(shop, { quantity: 10n })));
    await shift(shop, name, step);
    const more = told(await kernel.ask(commitAsk(shop)));
    expect(more).toMatchObject({ reason: "PERIOD", period: name, limit: 1_007, used: 1_000 });
    expect(await roomOf(shop, name)).toEqual({ room: 7n, refilled: 1n });
    await expectProven(db);
  });

  it("counts what is bought while the clock is behind in the period whose room it takes", async () => {
    const { db } = database;
    const shop = await limited(1);
    const kernel = startKernel(db);
    await granted(kernel.ask(commitAsk(shop, { quantity: 4n })));
    await shift(shop, name, step);
    const behind = await granted(kernel.ask(commitAsk(shop, { quantity: 3n })));
    expect(await roomOf(shop, name)).toMatchObject({ room: 307n });
    await expectProven(db);
    await granted(kernel.ask({ kind: "refund", ...about(shop, behind), amountMinor: 300n }));
    expect(await roomOf(shop, name)).toMatchObject({ room: 607n });
    await expectProven(db);
    await granted(kernel.ask(commitAsk(shop, { quantity: 3n })));
    const { timeZone = "UTC", tenantId, mandateId } = shop.mandate;
    const rules = { [`${name}LimitMinor`]: 1_007n, timeZone };
    await setRules(db, { tenantId, mandateId, rules });
    expect(await roomOf(shop, name)).toMatchObject({ room: 307n });
    await expectProven(db);
  });

  it("gets room back from a refund in its own period only", async () => {
    const { db } = database;
    const shop = await limited(5);
    const kernel = startKernel(db);
    const before = await granted(kernel.ask(commitAsk(shop, { quantity: 4n })));
    await shift(shop, name, `-${step}`);
    const now = await granted(kernel.ask(commitAsk(shop, { quantity: 6n })));
    await granted(kernel.ask({ kind: "refund", ...about(shop, before), amountMinor: 400n }));
    expect(await roomOf(shop, name)).toMatchObject({ room: 407n });
    await granted(kernel.ask({ kind: "refund", ...about(shop, now), amountMinor: 250n }));
    expect(await roomOf(shop, name)).toMatchObject({ room: 657n });
    expect(await look(db, shop)).toMatchObject({ remaining: 1_000_000n - 350n });
    await expectProven(db);
  });

  it("gets no room back from what was bought under older rules", async () => {
    const { db } = database;
    const shop = await limited(5);
    const kernel = startKernel(db);
    const before = await granted(kernel.ask(commitAsk(shop, { quantity: 4n })));
    const { mandateId } = shop.mandate;
    await query(db, "update mandate_buckets set rules_version = 2 where mandate_id = $1", [
      mandateId,
    ]);
    await query(
      db,
      `update mandates set rules_version = 2, ${name}_carried_minor = 400, ${name}_carried_from =
              (select max(${name}_start) from mandate_buckets where mandate_id = $1) where mandate_id = $1`,
      [mandateId],
    );
    await granted(kernel.ask({ kind: "refund", ...about(shop, before), amountMinor: 400n }));
    expect(await roomOf(shop, name)).toMatchObject({ room: 607n });
    expect(await look(db, shop)).toMatchObject({ remaining: 1_000_000n });
    await expectProven(db);
  });
});

it("periods begin at midnight, on Mondays and on firsts, on the mandate's own clock", async () => {
  const { db } = database;
  for (const timeZone of ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu"]) {
    const limits = { dayLimitMinor: 500n, weekLimitMinor: 500n, monthLimitMinor: 500n };
    const shop = await makeShop(db, { mandate: { ...limits, timeZone, buckets: 1 } });
    await granted(startKernel(db).ask(commitAsk(shop)));
    const [row] = await query(
      db,
      `select to_char(day_start at time zone $2, 'HH24:MI:SS') as day,
              to_char(week_start at time zone $2, 'ID HH24:MI:SS') as week,
              to_char(month_start at time zone $2, 'DD HH24:MI:SS') as month,
              now() - day_start < interval '1 day' as today
         from mandate_buckets where mandate_id = $1`,
      [shop.mandate.mandateId, timeZone],
    );
    expect(row).toEqual({ day: "00:00:00", week: "1 00:00:00", month: "01 00:00:00", today: true });
  }
  await expectProven(db);
});
