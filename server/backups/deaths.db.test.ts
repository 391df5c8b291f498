import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import type { Db } from "../db/open.ts";
import { holds, prove } from "../proof/prove.ts";
import { makeBooks } from "../testing/books.ts";
import { runCommand } from "../testing/command-line.ts";
import { inTurn, restoreCrashes } from "../testing/crash-plan.ts";
import { emptyDatabase, freshDatabase } from "../testing/database.ts";
import { countEveryRow } from "../testing/every-row.ts";
import { createBackup, type Created } from "./create.ts";

let dir: string;
let backup: Created;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "zerorace-deaths-"));
  const shop = await freshDatabase();
  await makeBooks(shop.db);
  backup = await createBackup(shop.db, { dir, version: "1.2.3", sealingKey: "0a1b2c3d" });
  await shop.close();
});
afterAll(() => rm(dir, { recursive: true }));

async function rowsIn(db: Db): Promise<number> {
  const { schema_migrations: _, ...counts } = await countEveryRow(db);
  return Object.values(counts).reduce((sum, one) => sum + one, 0);
}

it.each(inTurn(restoreCrashes, inject("testFaults").crashes))(
  "a %s that dies (%j) leaves nothing or all of it, and can be gone on with",
  { timeout: 300_000 },
  async (_, points) => {
    for (const at of points) {
      const target = await emptyDatabase();
      try {
        const env = { ZERORACE_DATABASE_URL: target.url };
        const restore = ["backup", "restore", "--file", backup.path];
        const dead = await runCommand(restore, { ...env, ZERORACE_CRASH_AT: at });
        expect(dead.err).toContain(`dies at ${at.replace(/#\d+$/, "")}`);
        const isThere = at === "restore.after";
        expect(await rowsIn(target.db), at).toBe(isThere ? backup.rows : 0);
        // What is there is not loaded over; what is not there is loaded as if nothing had been.
        const again = await runCommand(restore, env);
        expect(again.code, again.err).toBe(isThere ? 1 : 0);
        if (isThere) expect(again.err).toContain("the database is not empty");
        const migrated = await runCommand(["migrate"], env);
        expect(migrated.code, migrated.err).toBe(0);
        expect(await rowsIn(target.db)).toBe(backup.rows);
        expect(holds(await prove(target.db))).toBe(true);
      } finally {
        await target.close();
      }
    }
  },
);
