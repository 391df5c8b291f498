import { afterAll, beforeAll, expect, it } from "vitest";
import { readConfig } from "../base/config.ts";
import { makeLog } from "../base/log.ts";
import { makeMetrics } from "../base/metrics.ts";
import { checkDurability } from "./check-durability.ts";
import { freshDatabase, type TestDatabase } from "../testing/database.ts";
import { query } from "../testing/look.ts";
import { durabilityFaults } from "../db/durability.ts";
import { openDb } from "../db/open.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

/** On a connection of its own, which knows what the database is set to now. */
async function checked(durability: "required" | "warn"): Promise<readonly string[]> {
  const db = openDb({ url: database.backingUrl }, makeMetrics());
  const logged: string[] = [];
  const log = makeLog("test", { logLevel: "warn" }, { write: (line) => logged.push(line) });
  try {
    await checkDurability(db, { ...readConfig({}), durability }, log);
    return logged;
  } finally {
    await db.close();
  }
}

it("a PostgreSQL that keeps what it acknowledges is sold from", async () => {
  expect(await durabilityFaults(database.db)).toEqual([]);
  expect(await checked("required")).toEqual([]);
});

it("one that acknowledges before it has written is refused, or warned of where that was asked for", async () => {
  const [{ name } = { name: "" }] = await query<{ name: string }>(
    database.db,
    "select current_database() as name",
  );
  await query(database.db, `alter database ${name} set synchronous_commit = off`);
  await expect(checked("required")).rejects.toThrow(
    "A crash of this PostgreSQL loses acknowledged purchases: synchronous_commit = off.",
  );
  const logged = await checked("warn");
  expect(logged.join()).toContain("synchronous_commit = off");
  await query(database.db, `alter database ${name} set synchronous_commit = local`);
  expect(await checked("required")).toEqual([]);
});
