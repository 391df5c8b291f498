import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { aborted, dsqlWith, lost, type Peer, type Running } from "../server/testing/dsql.ts";

let dsql: Running;

beforeAll(async () => {
  dsql = await dsqlWith({}, [
    "create table stock (id int primary key, units int, name text unique)",
  ]);
});
afterAll(() => dsql.close());

/** Two in the middle of a transaction each, over five items of 100 units. */
async function two(): Promise<[Peer, Peer]> {
  const [a, b] = [await dsql.connect(), await dsql.connect()];
  onTestFinished(async () => {
    for (const { client } of [a, b]) await client.end();
  });
  await a.rows("delete from stock");
  await a.rows("insert into stock select g, 100, 'item ' || g from generate_series(1, 5) g");
  for (const peer of [a, b]) await peer.rows("begin");
  return [a, b];
}

describe("of two that update one row", () => {
  const take = (units: number): string =>
    `update stock set units = units - ${units} where id = 1 returning units`;

  it("neither waits, and the first to commit wins although the other wrote first", async () => {
    const [a, b] = await two();
    expect(await a.rows(take(1))).toEqual([{ units: 99 }]);
    expect(await b.rows(take(10))).toEqual([{ units: 90 }]);
    expect(await b.ask("commit")).toBe("COMMIT");
    expect(await a.rows("select units from stock where id = 1")).toEqual([{ units: 99 }]);
    expect(await a.ask("commit")).toEqual(lost);
    expect(await a.rows("select units from stock where id = 1")).toEqual([{ units: 90 }]);
  });

  it("the one that wrote first wins when it commits first", async () => {
    const [a, b] = await two();
    await a.rows(take(1));
    expect(await b.rows(take(10))).toEqual([{ units: 90 }]);
    expect(await a.ask("commit")).toBe("COMMIT");
    expect(await b.ask("commit")).toEqual(lost);
  });

  it("a loser's statements are answered from its snapshot until it commits", async () => {
    const [a, b] = await two();
    await a.rows(take(1));
    await a.ask("commit");
    expect(await b.rows(take(10))).toEqual([{ units: 90 }]);
    expect(await b.rows("select units from public.stock where id = $1", [1])).toEqual([
      { units: 90 },
    ]);
    expect(await b.rows("update public.stock set units = 5 where id = 1 returning units")).toEqual([
      { units: 5 },
    ]);
    expect(await b.ask("insert into stock values (9, 1, 'new')")).toBe("INSERT");
    expect(await b.rows("select count(*)::int as n from stock")).toEqual([{ n: 6 }]);
    expect(await b.ask("commit")).toEqual(lost);
    expect(await b.rows("select units from stock where id = 1")).toEqual([{ units: 99 }]);
  });

  it("nobody loses to one that rolled back", async () => {
    const [a, b] = await two();
    await a.rows(take(1));
    await b.rows(take(10));
    expect(await b.ask("rollback")).toBe("ROLLBACK");
    expect(await a.rows(take(1))).toEqual([{ units: 98 }]);
    expect(await a.ask("commit")).toBe("COMMIT");
    expect(await a.rows("select units from stock where id = 1")).toEqual([{ units: 98 }]);
  });

  it("a statement without BEGIN is first when it is done", async () => {
    const [a, b] = await two();
    await b.ask("rollback");
    await a.rows(take(1));
    expect(await b.rows(take(10))).toEqual([{ units: 90 }]);
    expect(await a.ask("commit")).toEqual(lost);
  });

  it("there is no deadlock when they cross", async () => {
    const [a, b] = await two();
    const touch = (id: number): string =>
      `update stock set units = 0 where id = ${id} returning id`;
    await a.rows(touch(1));
    await b.rows(touch(2));
    const crossed = Promise.all([a.rows(touch(2)), b.rows(touch(1))]);
    expect(await crossed).toEqual([[{ id: 2 }], [{ id: 1 }]]);
    expect(await a.ask("commit")).toBe("COMMIT");
    expect(await b.ask("commit")).toEqual(lost);
  });

  it("values that were handed out stay, or the transaction loses", async () => {
    const [a, b] = await two();
    const drawn = "update stock set name = gen_random_uuid()::text where id = 1 returning name";
    const [row] = await a.rows<{ name: string }>(drawn);
    await b.rows(take(1));
    await b.ask("rollback");
    // It stepped aside, and running again it drew another value than the client holds.
    expect(row?.name).toHaveLength(36);
    expect(await a.ask("commit")).toEqual(lost);
  });
});

describe("a unique key", () => {
  it("that two insert at once costs the second one 40001 at its COMMIT, not 23505", async () => {
    const [a, b] = await two();
    expect(await a.ask("insert into stock values (6, 1, 'six')")).toBe("INSERT");
    expect(await b.rows("insert into stock values (6, 2, 'other') returning name")).toEqual([
      { name: "other" },
    ]);
    expect(await b.ask("commit")).toBe("COMMIT");
    expect(await a.ask("commit")).toEqual(lost);
    expect(await a.ask("insert into stock values (6, 1, 'six')")).toMatchObject({ code: "23505" });
  });

  it("that was committed since the snapshot is not seen until COMMIT", async () => {
    const [a, b] = await two();
    await b.ask("insert into stock values (7, 1, 'a, (strange) \"name\"')");
    await b.ask("commit");
    expect(await a.ask("insert into stock values (8, 1, 'a, (strange) \"name\"')")).toBe("INSERT");
    expect(await a.ask("commit")).toEqual(lost);
  });

  it("that the snapshot shows is a plain duplicate, whatever others commit meanwhile", async () => {
    const [a, b] = await two();
    await b.ask("insert into stock values (7, 1, 'seven')");
    await b.ask("commit");
    expect(await a.ask("insert into stock values (1, 1, 'one')")).toMatchObject({ code: "23505" });
    expect(await a.ask("select 1")).toEqual(aborted);
    expect(await a.ask("commit")).toBe("ROLLBACK");
  });

  it("raced for with ON CONFLICT costs the second one its COMMIT too", async () => {
    const [a, b] = await two();
    const upsert =
      "insert into stock values (6, 1, 'six') on conflict (id) do update set units = 9";
    expect(await a.ask(upsert)).toBe("INSERT");
    expect(await b.ask(`${upsert} returning units`)).toBe("INSERT");
    expect(await a.ask("commit")).toBe("COMMIT");
    expect(await b.ask("commit")).toEqual(lost);
  });
});

describe("FOR UPDATE", () => {
  const guard = "select * from stock where id = 1 for update";
  const change = (id: number): string => `update stock set units = 0 where id = ${id}`;

  it("on a common row lets only one of two commit", async () => {
    const [a, b] = await two();
    for (const peer of [a, b]) expect(await peer.ask(guard)).toBe("SELECT");
    await a.ask(change(2));
    await b.ask(change(3));
    expect(await b.ask("commit")).toBe("COMMIT");
    expect(await a.ask("commit")).toEqual(lost);
  });

  it("is remembered after its transaction has committed", async () => {
    const [a, b] = await two();
    await b.rows("select * from stock where id = $1 for update", [1]);
    await b.ask("commit");
    expect(await a.ask(guard)).toBe("SELECT");
    expect(await a.ask("commit")).toEqual(lost);
  });

  it("skips nothing, and waits for nobody: both pick the same row", async () => {
    const [a, b] = await two();
    const pick = "select id from stock order by id limit 1 for update skip locked";
    expect(await a.rows(pick)).toEqual([{ id: 1 }]);
    expect(await b.rows(pick)).toEqual([{ id: 1 }]);
    expect(await a.ask("commit")).toBe("COMMIT");
    expect(await b.ask("commit")).toEqual(lost);
  });

  it("FOR KEY SHARE meets a delete, and passes a change of other columns by", async () => {
    const [a, b] = await two();
    await a.ask("select * from stock where id = 1 for key share");
    await b.ask(change(1));
    expect(await b.ask("commit")).toBe("COMMIT");
    expect(await a.ask("commit")).toBe("COMMIT");
    for (const peer of [a, b]) await peer.ask("begin");
    await a.ask("select * from stock where id = 2 for key share");
    await b.ask("delete from stock where id = 2");
    expect(await a.ask("commit")).toBe("COMMIT");
    expect(await b.ask("commit")).toEqual(lost);
  });
});

describe("a foreign key", () => {
  const child = "insert into boxes values (1, 1)";
  const orphan = "delete from stock where id = 1";

  async function withBoxes(): Promise<[Peer, Peer]> {
    const [a, b] = await two();
    for (const peer of [a, b]) await peer.ask("rollback");
    await a.rows(
      "create table if not exists boxes (id int primary key, item int references stock)",
    );
    await a.rows("delete from boxes");
    await b.ask("select 1");
    for (const peer of [a, b]) await peer.ask("begin");
    return [a, b];
  }

  it("makes a child and its parent's end a race, which the parent's end may win", async () => {
    const [a, b] = await withBoxes();
    expect(await a.ask(child)).toBe("INSERT");
    expect(await b.ask(orphan)).toBe("DELETE");
    expect(await b.ask("commit")).toBe("COMMIT");
    expect(await a.ask("commit")).toEqual(lost);
    await a.rows("insert into stock values (1, 100, 'item 1')");
  });

  it("or the child", async () => {
    const [a, b] = await withBoxes();
    await a.rows(child);
    expect(await b.ask(orphan)).toBe("DELETE");
    expect(await a.ask("commit")).toBe("COMMIT");
    expect(await b.ask("commit")).toEqual(lost);
    await a.rows("delete from boxes");
  });

  it("does not mind a change of the parent's other columns", async () => {
    const [a, b] = await withBoxes();
    await a.rows(child);
    expect(await b.ask("update stock set units = 1 where id = 1")).toBe("UPDATE");
    expect(await b.ask("commit")).toBe("COMMIT");
    expect(await a.ask("commit")).toBe("COMMIT");
    await a.rows("delete from boxes");
  });
});

describe("a snapshot", () => {
  it("is taken by BEGIN", async () => {
    const [a, b] = await two();
    await b.rows("update stock set units = 1 where id = 1");
    await b.ask("commit");
    expect(await a.rows("select units from stock where id = 1")).toEqual([{ units: 100 }]);
    expect(await a.ask("update stock set units = 2 where id = 1")).toBe("UPDATE");
    expect(await a.ask("commit")).toEqual(lost);
  });
});

describe("plain reads", () => {
  it("never lose", async () => {
    const [a, b] = await two();
    await a.rows("select * from stock");
    await b.ask("update stock set units = 0");
    await b.ask("commit");
    expect(await a.rows("select units from stock where id = 1")).toEqual([{ units: 100 }]);
    expect(await a.ask("commit")).toBe("COMMIT");
  });

  it("allow write skew", async () => {
    const [a, b] = await two();
    for (const peer of [a, b]) await peer.rows("select sum(units) from stock");
    await a.ask("update stock set units = 0 where id = 1");
    await b.ask("update stock set units = 0 where id = 2");
    expect(await a.ask("commit")).toBe("COMMIT");
    expect(await b.ask("commit")).toBe("COMMIT");
  });
});

describe("what a race is lost on", () => {
  it("may be a view, or a table whose rows nobody reads", async () => {
    const [a, b] = await two();
    for (const peer of [a, b]) await peer.ask("rollback");
    await b.ask("select 1");
    await a.rows("create or replace view shelf as select * from stock");
    for (const peer of [a, b]) await peer.ask("begin");
    expect(await a.rows("select units from shelf where id = 1 for update")).toEqual([
      { units: 100 },
    ]);
    expect(
      await a.rows("update shelf set units = repeat('7', 2)::int where id = 1 returning units"),
    ).toEqual([{ units: 77 }]);
    expect(await b.ask("select 1")).toMatchObject({ code: "40001" });
    await b.ask("rollback");
    expect(await b.rows("update stock set units = 1 where id = 1 returning id")).toEqual([
      { id: 1 },
    ]);
    expect(await a.rows("select units from shelf where id = 1")).toEqual([{ units: 77 }]);
    expect(await a.ask("commit")).toEqual(lost);
  });

  it("may have any name, in any schema", async () => {
    const [a, b] = await two();
    for (const peer of [a, b]) await peer.ask("rollback");
    await a.rows('create schema if not exists "Ü b"');
    await a.rows('create table if not exists "Ü b"."select" ("Ä" int primary key, n numeric)');
    await a.rows('insert into "Ü b"."select" values (1, 1)');
    await b.ask("select 1");
    for (const peer of [a, b]) await peer.ask("begin");
    const change = 'update "Ü b"."select" as s set n = n + $1 where "Ä" = 1 returning n';
    expect(await b.rows(change, [1])).toEqual([{ n: "2.000000" }]);
    await b.ask("commit");
    await a.ask("rollback");
    await a.ask("begin");
    await a.rows("select 1");
    await b.rows(change, [1]);
    expect(await a.rows(change, [5])).toEqual([{ n: "7.000000" }]);
    expect(await a.rows(change, [5])).toEqual([{ n: "12.000000" }]);
    expect(await a.ask("commit")).toEqual(lost);
    await b.rows('drop schema "Ü b" cascade');
  });
});
