import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sql } from "../db/sql.ts";
import { transact } from "../db/transact.ts";
import { freshDatabase, type TestDatabase } from "../testing/database.ts";
import { query } from "../testing/look.ts";
import type { NewEntry } from "./entry.ts";
import { record } from "./record.ts";
import { verifyChain } from "./verify-chain.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

function entry(tenantId: string, given: Partial<NewEntry> = {}): NewEntry {
  return {
    tenantId,
    actor: { kind: "person", id: "p1", role: "owner", sessionId: "s1" },
    action: "item.close",
    object: { kind: "item", id: randomUUID() },
    before: { open: true },
    after: { open: false },
    reason: "sold elsewhere",
    ip: "192.0.2.1",
    requestId: randomUUID(),
    ...given,
  };
}

const log = (given: NewEntry): Promise<void> =>
  transact(database.db, "test", (tx) => record(tx, given));

async function chainOf(length: number): Promise<string> {
  const tenantId = randomUUID();
  for (let written = 0; written < length; written += 20) {
    await transact(database.db, "test", async (tx) => {
      const upTo = Math.min(length, written + 20);
      for (let seq = written + 1; seq <= upTo; seq++) await record(tx, entry(tenantId));
    });
  }
  return tenantId;
}

/** As somebody would who owns the database. */
async function tamper(
  ...statements: readonly (readonly [string, readonly unknown[]])[]
): Promise<void> {
  const client = await database.db.pool.connect();
  try {
    await client.query("set session_replication_role = replica");
    for (const [text, values] of statements) await client.query(text, [...values]);
    await client.query("set session_replication_role = origin");
  } finally {
    client.release(true);
  }
}

const verdict = (tenantId: string) => verifyChain(database.db, tenantId);

describe("the audit log", () => {
  it("is a chain that verifies, over more than a page, each tenant by itself", async () => {
    const tenantId = await chainOf(1_003);
    const other = await chainOf(2);
    expect(await verdict(tenantId)).toEqual({ entries: 1_003 });
    expect(await verdict(other)).toEqual({ entries: 2 });
    expect(await verdict(randomUUID())).toEqual({ entries: 0 });
  });

  it("verifies whatever text it is given", async () => {
    const tenantId = randomUUID();
    const text = fc.string({ unit: "binary", maxLength: 40 });
    const broken = ["\0", "\ud800", "\udc00x", "a\nb", "\u2028", '"\\'];
    const texts = [...fc.sample(text, { numRuns: 60, seed: 7 }), ...broken];
    for (const odd of texts) {
      await log(
        entry(tenantId, { reason: odd, before: { odd }, after: { [odd]: 1 }, action: odd }),
      );
    }
    await log({
      tenantId,
      actor: { kind: "system", id: "" },
      action: "x",
      object: { kind: "", id: "" },
    });
    expect(await verdict(tenantId)).toEqual({ entries: texts.length + 1 });
  });

  it("has no entry of a change that did not happen", async () => {
    const tenantId = randomUUID();
    const work = transact(database.db, "test", async (tx) => {
      await record(tx, entry(tenantId));
      throw new Error("no");
    });
    await expect(work).rejects.toThrow("no");
    expect(await verdict(tenantId)).toEqual({ entries: 0 });
  });

  it("is gap-free after 50 actions at once", async () => {
    const tenantId = randomUUID();
    await Promise.all(Array.from({ length: 50 }, () => log(entry(tenantId))));
    expect(await verdict(tenantId)).toEqual({ entries: 50 });
    const rows = await query<{ seq: bigint }>(
      database.db,
      "select seq from audit_entries where tenant_id = $1 order by seq",
      [tenantId],
    );
    expect(rows.map(({ seq }) => Number(seq))).toEqual(
      Array.from({ length: 50 }, (_, at) => at + 1),
    );
  });

  it("is refused every change by the database itself", async () => {
    const tenantId = await chainOf(1);
    const refused = { code: "23514", constraint: "audit_entries_append_only" };
    const run = (change: ReturnType<typeof sql>) =>
      transact(database.db, "test", (tx) => tx.run(change));
    const change = sql`update audit_entries set reason = '' where tenant_id = ${tenantId}`;
    await expect(run(change)).rejects.toMatchObject(refused);
    const removal = sql`delete from audit_entries where tenant_id = ${tenantId}`;
    await expect(run(removal)).rejects.toMatchObject(refused);
    await expect(run(sql`truncate audit_entries`)).rejects.toMatchObject(refused);
  });
});

describe("a chain names the place", () => {
  const columns = [
    ["at", "at + interval '1 microsecond'"],
    ["actor_kind", "'system'"],
    ["actor_id", "'p2'"],
    ["actor_role", "null"],
    ["session_id", "'s2'"],
    ["action", "'item.open'"],
    ["object_kind", "'mandate'"],
    ["object_id", "'x'"],
    ["before", "'{\"open\": true}'"],
    ["after", "null"],
    ["reason", "reason || ' '"],
    ["ip", "'192.0.2.2'"],
    ["request_id", "null"],
    ["previous_hash", "repeat('a', 64)"],
    ["hash", "repeat('a', 64)"],
  ] as const;
  it.each(columns)("where %s was changed", async (column, value) => {
    const tenantId = await chainOf(4);
    await tamper([
      `update audit_entries set ${column} = ${value} where tenant_id = $1 and seq = 3`,
      [tenantId],
    ]);
    const brokenAt = { seq: 3, fault: "altered" };
    expect(await verdict(tenantId)).toEqual({ entries: 2, brokenAt });
  });

  it.each([1, 3, 4])("where entry %i of 4 was removed", async (seq) => {
    const tenantId = await chainOf(4);
    const removal = "delete from audit_entries where tenant_id = $1 and seq = $2";
    await tamper([removal, [tenantId, seq]]);
    const brokenAt = { seq, fault: "missing" };
    expect(await verdict(tenantId)).toEqual({ entries: seq - 1, brokenAt });
  });

  it("where two entries changed places", async () => {
    const tenantId = await chainOf(5);
    const move = "update audit_entries set seq = $3 where tenant_id = $1 and seq = $2";
    const moves = [
      [2, 99],
      [3, 2],
      [99, 3],
    ];
    await tamper(...moves.map(([from, to]) => [move, [tenantId, from, to]] as const));
    const brokenAt = { seq: 2, fault: "altered" };
    expect(await verdict(tenantId)).toEqual({ entries: 1, brokenAt });
  });

  it("where another tenant's entry was put in", async () => {
    const [tenantId, other] = [await chainOf(2), await chainOf(3)];
    const move = "update audit_entries set tenant_id = $1 where tenant_id = $2 and seq = 3";
    await tamper([move, [tenantId, other]]);
    expect(await verdict(tenantId)).toEqual({ entries: 2, brokenAt: { seq: 3, fault: "altered" } });
    expect(await verdict(other)).toEqual({ entries: 2, brokenAt: { seq: 3, fault: "missing" } });
  });

  it("where the head was set back or removed", async () => {
    const tenantId = await chainOf(3);
    const back = `update audit_heads h set seq = 2, hash = e.hash from audit_entries e
                   where h.tenant_id = $1 and e.tenant_id = $1 and e.seq = 2`;
    await tamper([back, [tenantId]]);
    expect(await verdict(tenantId)).toEqual({ entries: 2, brokenAt: { seq: 3, fault: "head" } });
    await tamper(["delete from audit_heads where tenant_id = $1", [tenantId]]);
    expect(await verdict(tenantId)).toEqual({ entries: 0, brokenAt: { seq: 1, fault: "head" } });
  });

  it("where an entry with a hash of its own does not follow on the one before", async () => {
    const [tenantId, other] = [await chainOf(3), randomUUID()];
    await log(entry(other));
    const rewritten = `update audit_heads set hash = repeat('b', 64) where tenant_id = $1`;
    await tamper([rewritten, [tenantId]]);
    await log(entry(tenantId));
    expect(await verdict(tenantId)).toEqual({
      entries: 3,
      brokenAt: { seq: 4, fault: "unlinked" },
    });
  });
});
