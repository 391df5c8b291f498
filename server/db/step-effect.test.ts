import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { parseMigration, readMigrations, type Migration } from "./migration-files.ts";
import { readEffects, type StepEffect } from "./step-effect.ts";

const shops = parseMigration(
  "0001_shops.sql",
  `create table if not exists shops (id bigint, name text);

-- step
create or replace function noop() returns trigger language plpgsql as $$ begin return null; end $$`,
);

async function effectOf(text: string): Promise<StepEffect | undefined> {
  return (await readEffects([shops, parseMigration("0002_next.sql", text)])).at(-1);
}

/** What a migration does to servers of before that its header does not own up to. */
async function silentIn(migrations: readonly Migration[], texts: ReadonlyMap<string, string>) {
  const effects = await readEffects(migrations);
  return effects
    .filter(({ kind, name, version }) => {
      if (kind === "expand") return false;
      const contracts = (migrations.find((one) => one.version === version)?.needs ?? 0) > 0;
      const expands = /^-- Expands: \S/m.test(texts.get(name) ?? "");
      return !contracts && !(expands && kind === "unclear");
    })
    .map(({ name, step, does }) => `${name}, step ${step} ${does}`);
}

describe("what servers of before can live with", () => {
  it.each([
    ["create table if not exists desks (id bigint)", "nobody", "makes the table desks"],
    ["create index /*async*/ if not exists shops_by_id on shops (id)", "build", "builds the index"],
    ["alter table shops add column if not exists city text", "moment", "adds city to shops"],
    ["alter table shops add column if not exists n int not null default 0", "moment", "adds n"],
    [
      "alter table shops add column if not exists key uuid default gen_random_uuid()",
      "whole",
      "adds key",
    ],
    ["alter table shops set (fillfactor = 80)", "nobody", "sets an option of shops"],
    ["alter table shops alter name drop not null", "moment", "lets be empty name of shops"],
    ["drop index if exists shops_by_id", "moment", "drops a index"],
  ])("%s", async (text, waiting, does) => {
    const effect = await effectOf(text);
    expect(effect).toMatchObject({ kind: "expand", waiting });
    expect(effect?.does).toContain(does);
  });
});

describe("what they may miss, or be refused", () => {
  it.each([
    ["drop table if exists shops", "moment"],
    ["alter table shops drop column if exists name", "moment"],
    ["alter table shops rename column name to title", "moment"],
    ["alter table shops rename to stores", "moment"],
    ["alter table shops add column if not exists city text not null", "whole"],
    ["alter table shops add column if not exists code text unique", "whole"],
    ["alter table shops alter name set not null", "whole"],
    ["alter table shops alter id type text", "whole"],
    ["alter table shops add constraint positive check (id > 0)", "whole"],
    ["create unique index /*async*/ if not exists shops_once on shops (name)", "build"],
    ["alter table shops add column if not exists a int, drop column if exists name", "moment"],
  ])("%s", async (text, waiting) => {
    expect(await effectOf(text)).toMatchObject({ kind: "contract", waiting });
  });
});

describe("what the statement alone does not tell", () => {
  it.each([
    "create or replace function noop() returns trigger language plpgsql as $$ begin end $$",
    "create or replace trigger guard before delete on shops for each statement execute function noop()",
    "update shops set name = ''",
    "insert into shops values (1) on conflict do nothing",
    "vacuum shops",
    "alter table shops alter name set default 'x'",
  ])("%s", async (text) => {
    expect(await effectOf(text)).toMatchObject({ kind: "unclear" });
  });
});

it("nobody can miss what the same migration has made", async () => {
  const own = parseMigration(
    "0002_desks.sql",
    "create table if not exists desks (id bigint);\n-- step\nalter table desks drop column if exists id;\n" +
      "-- step\ncreate unique index /*async*/ if not exists desks_once on desks (id)",
  );
  const effects = await readEffects([shops, own]);
  expect(effects.slice(2).map(({ kind }) => kind)).toEqual(["expand", "expand", "expand"]);
});

it("our own migrations own up to everything that takes something away", async () => {
  const migrations = await readMigrations();
  const texts = new Map<string, string>();
  for (const { name } of migrations) {
    const file = new URL(`../../migrations/${name}.sql`, import.meta.url);
    texts.set(name, await readFile(file, "utf8"));
  }
  expect(await silentIn(migrations, texts)).toEqual([]);
});

it("one that drops a column and says nothing is found, and one that says since when is not", async () => {
  const drop = "alter table shops drop column if exists name";
  const silent = parseMigration("0002_drop.sql", drop);
  const found = ["0002_drop, step 1 drops name of shops"];
  expect(await silentIn([shops, silent], new Map())).toEqual(found);
  // That it expands nobody can say of it.
  expect(await silentIn([shops, silent], new Map([["0002_drop", "-- Expands: x"]]))).toEqual(found);
  const owned = parseMigration(
    "0002_drop.sql",
    `-- Contract: since 0001: nobody reads it.\n${drop}`,
  );
  expect(owned.needs).toBe(1);
  expect(await silentIn([shops, owned], new Map())).toEqual([]);
  for (const header of [
    "-- Contract: it is old",
    "-- Contract: since 0003: later",
    "-- Contract:",
  ]) {
    const read = () => parseMigration("0002_drop.sql", `${header}\n${drop}`);
    expect(read, header).toThrow("0002_drop.sql must say since when");
  }
});
