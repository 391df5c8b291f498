import { inject, onTestFinished, it, expect } from "vitest";
import { createKey } from "../../auth/keys.ts";
import { environment } from "../../base/config.ts";
import { migrate } from "../../db/migrate.ts";
import { parseMigration, readMigrations } from "../../db/migration-files.ts";
import { commitBodyOf } from "../api.ts";
import { freshDatabase } from "../database.ts";
import { expectProven } from "../expect-proven.ts";
import { makeShop } from "../factories.ts";
import { cutOff, startBuyers } from "./buyers.ts";
import { Roster, settingsAt } from "./roster.ts";
import { thisVersion } from "./versions.ts";

const extra = parseMigration(
  "9998_extra.sql",
  "alter table purchases add column if not exists extra text",
);

// The same with two versions, forth and back: npm run rehearse.
it("servers of before start on a schema that was added to under traffic, and one that stops cuts nobody off", async () => {
  const database = await freshDatabase();
  onTestFinished(() => database.close());
  const shop = await makeShop(database.db, {
    item: { stock: 1_000_000n },
    mandate: { capMinor: 10n ** 12n },
  });
  const made = await createKey(
    database.db,
    { tenantId: shop.tenantId, name: "test", scopes: ["purchases:read", "purchases:write"] },
    { actor: { kind: "command", id: "test" } },
  );
  if (made.kind !== "done") throw new Error(made.says);
  await using roster = new Roster(settingsAt(database.url, environment().PATH));
  await roster.add(thisVersion);
  const buyers = startBuyers({
    key: made.apiKey,
    ask: commitBodyOf(shop),
    urls: () => roster.urls,
    seed: inject("testSeed"),
    buyers: 8,
  });
  await buyers.more(40);
  const before = await readMigrations();
  expect(await migrate(database.db, { migrations: [...before, extra] })).toHaveLength(1);
  await buyers.more(40);
  await roster.add(thisVersion);
  await buyers.more(40);
  await roster.retireOldest();
  await buyers.more(40);
  await buyers.stop();
  expect(buyers.failed).toEqual([]);
  expect(cutOff(buyers)).toBe(0);
  expect(roster.stopped.map(({ code }) => code)).toEqual([0]);
  await expectProven(database.db);
}, 180_000);
