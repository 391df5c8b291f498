import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { dsqlWith, lost, type Peer, type Running } from "../server/testing/dsql.ts";

let dsql: Running;

beforeAll(async () => {
  dsql = await dsqlWith({}, [
    "create table stock (id int primary key, units int, name text unique)",
    "create table boxes (id int primary key, item int references stock)",
  ]);
});
afterAll(() => dsql.close());

/** Two in the middle of a transaction each, over five items of 100 units. */
async function two(): Promise<[Peer, Peer]> {
  const [a, b] = [await dsql.connect(), await dsql.connect()];
  onTestFinished(async () => {
    for (const { client } of [a, b]) await client.end();
  });
  for (const table of ["boxes", "stock"]) await a.rows(`delete from ${table}`);
  await a.rows("insert into stock select g, 100, 'item ' || g from generate_series(1, 5) g");
  for (const peer of [a, b]) await peer.rows("begin");
  return [a, b];
}

async function commits(peer: Peer, sql: string): Promise<void> {
  expect(await peer.ask(sql)).not.toMatchObject({ code: expect.anything() });
  expect(await peer.ask("commit")).toBe("COMMIT");
}

describe("a key that another has deleted since the snapshot", () => {
  const insert = "insert into stock values (1, 1, 'one')";

  it("is still there for an INSERT", async () => {
    const [a, b] = await two();
    await commits(a, "delete from stock where id = 1");
    expect(await b.ask(insert)).toMatchObject({
      code: "23505",
      message: 'duplicate key value violates unique constraint "stock_pkey"',
    });
    expect(await b.ask("commit")).toBe("ROLLBACK");
    expect(await b.ask(insert)).toBe("INSERT");
  });

  it("is still there by its other key too", async () => {
    const [a, b] = await two();
    await commits(
      a,
      "with gone as (delete from stock where id = 2 returning id) select * from gone",
    );
    expect(await b.ask("insert into stock values (9, 1, 'item 2')")).toMatchObject({
      code: "23505",
      message: 'duplicate key value violates unique constraint "stock_name_key"',
    });
    await b.ask("rollback");
  });

  it("is lost to ON CONFLICT", async () => {
    const [a, b] = await two();
    await commits(a, "delete from stock where id = 1");
    expect(await b.ask(`${insert} on conflict (id) do update set units = 2`)).toEqual(lost);
    await b.ask("rollback");
  });

  it("does not trouble an INSERT of another", async () => {
    const [a, b] = await two();
    await commits(a, "delete from stock where id = 1");
    await commits(b, "insert into stock values (6, 1, 'six')");
  });
});

describe("a parent and a child of which one was committed first", () => {
  const child = "insert into boxes values (1, 1)";

  it("by the child: the end of the parent is lost at COMMIT", async () => {
    const [a, b] = await two();
    await commits(a, child);
    expect(await b.ask("delete from stock where id = 1 returning name")).toBe("DELETE");
    expect(await b.ask("commit")).toEqual(lost);
  });

  it("by the child: so is another key of the parent", async () => {
    const [a, b] = await two();
    await commits(a, child);
    expect(await b.ask("update stock set id = 7 where id = 1")).toBe("UPDATE");
    expect(await b.ask("commit")).toEqual(lost);
  });

  it("by the end of the parent: the child is lost at COMMIT", async () => {
    const [a, b] = await two();
    await commits(a, "delete from stock where id = 1");
    expect(await b.ask(child)).toBe("INSERT");
    expect(await b.ask("commit")).toEqual(lost);
  });

  it("a child that the snapshot shows is no race, nor is a parent that it does not show", async () => {
    const [a, b] = await two();
    for (const peer of [a, b]) await peer.ask("rollback");
    await a.rows("insert into boxes values (2, 2)");
    for (const peer of [a, b]) await peer.ask("begin");
    await commits(a, "update stock set units = 1 where id = 5");
    expect(await b.ask("delete from stock where id = 2")).toMatchObject({ code: "23503" });
    await b.ask("rollback");
    await a.ask("begin");
    await b.rows("update stock set units = 2 where id = 5");
    expect(await a.ask("insert into boxes values (3, 3000)")).toMatchObject({ code: "23503" });
    await a.ask("rollback");
  });
});
