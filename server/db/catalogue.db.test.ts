import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { emptyDatabase, freshDatabase, type TestDatabase } from "../testing/database.ts";
import { readCatalogue } from "./catalogue.ts";

let migrated: TestDatabase;
let bare: TestDatabase;
beforeAll(async () => {
  [migrated, bare] = await Promise.all([freshDatabase(), emptyDatabase()]);
});
afterAll(() => Promise.all([migrated.close(), bare.close()]));

it("is what migrations/schema.sql shows (else: npm run generate)", async () => {
  const dump = new URL("../../migrations/schema.sql", import.meta.url);
  expect(await readCatalogue(migrated.db)).toBe(readFileSync(dump, "utf8"));
});

it("sees a change of every kind of thing that it lists", async () => {
  const seen = new Set([await readCatalogue(bare.db)]);
  const changes = [
    "create table t (a int not null, b text)",
    "alter table t alter column b set not null",
    "alter table t alter column b set default 'x'",
    "alter table t alter column a type bigint",
    "alter table t add constraint t_pkey primary key (a)",
    "alter table t add constraint t_b check (length(b) > 1)",
    "alter table t add constraint t_b_once unique (b)",
    "create index t_ab on t (a, b) where a > 1",
    "create function f() returns trigger language plpgsql as $$ begin return null; end $$",
    "create or replace function f() returns trigger language plpgsql as $$ begin return new; end $$",
    "create trigger t_f before insert on t for each row execute function f()",
    "alter table t drop column b",
  ];
  for (const change of changes) {
    await bare.db.pool.query(change);
    seen.add(await readCatalogue(bare.db));
  }
  expect(seen.size).toBe(changes.length + 1);
});
