import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { dsqlWith, lost, stale, type Peer, type Running } from "../server/testing/dsql.ts";

let dsql: Running;

beforeAll(async () => {
  dsql = await dsqlWith({ controlPort: 0 }, ["create table orders (id int primary key)"]);
});
afterAll(() => dsql.close());

async function peer(): Promise<Peer> {
  const one = await dsql.connect();
  onTestFinished(async () => {
    dsql.dsql.injections.clear();
    await one.client.end();
  });
  return one;
}

const unavailable = { code: "XX000", message: "server unavailable" };
const there = async (one: Peer, id: number): Promise<boolean> =>
  (await one.rows("select 1 from orders where id = $1", [id])).length === 1;

describe("an injected fault", () => {
  it.each([
    ["OC000", lost, false],
    ["OC001", stale, false],
    ["XX000-before", unavailable, false],
    ["XX000-after", unavailable, true],
    ["rollback", "ROLLBACK", false],
  ])("%s answers one COMMIT, and the session goes on", async (fault, answer, isThere) => {
    const [one, id] = [await peer(), Math.floor(Math.random() * 1e9)];
    await one.rows(`select dsql_local.inject('fault=${fault} nth=1')`);
    await one.ask("begin");
    await one.rows("insert into orders values ($1) returning id", [id]);
    expect(await one.ask("commit")).toEqual(answer);
    expect(await there(one, id)).toBe(isThere);
    expect(await one.ask("insert into orders values ($1) on conflict do nothing", [id])).toBe(
      "INSERT",
    );
  });

  it.each([
    ["cut-before", false],
    ["cut-after", true],
  ])("%s closes the socket in place of an answer", async (fault, isThere) => {
    const [one, other] = [await peer(), await peer()];
    const id = Math.floor(Math.random() * 1e9);
    dsql.dsql.injections.add(`fault=${fault} nth=1 table=orders`);
    await one.ask("begin");
    await one.ask(`insert into orders values (${id})`);
    expect(await one.ask("commit")).toMatchObject({ message: /^Connection terminated/ });
    expect(await there(other, id)).toBe(isThere);
  });

  it("strikes a statement that commits by itself, which then has no other answer", async () => {
    const one = await peer();
    await one.rows("select dsql_local.inject('fault=OC000 nth=1')");
    expect(await one.ask("insert into orders values (-1) returning id")).toEqual(lost);
    expect(await there(one, -1)).toBe(false);
  });

  it("leaves reads alone, and those of another label", async () => {
    const [one, other] = [await peer(), await dsql.connect({ application_name: "other" })];
    await one.rows("select dsql_local.inject('fault=OC000 label=other')");
    expect(await one.ask("insert into orders values (-2)")).toBe("INSERT");
    expect(await other.ask("select 1")).toBe("SELECT");
    expect(await other.ask("delete from orders where id = -2")).toEqual(lost);
    await other.client.end();
  });

  it("is ordered, seen and taken back over HTTP", async () => {
    const control = `http://127.0.0.1:${dsql.dsql.controlPort}`;
    const send = async (path: string, body?: string): Promise<[number, string]> => {
      const response = await fetch(
        control + path,
        body === undefined ? {} : { method: "POST", body },
      );
      return [response.status, await response.text()];
    };
    const one = await peer();
    expect(await send("/inject", "fault=OC000 nth=1")).toEqual([
      200,
      "fault=OC000 nth=1: 0 of 0 commits\n",
    ]);
    expect(await one.ask("delete from orders")).toEqual(lost);
    expect(await send("/status")).toEqual([200, "fault=OC000 nth=1: 1 of 1 commits\n"]);
    expect(await send("/clear", "")).toEqual([200, "\n"]);
    expect((await send("/inject", "fault=what"))[0]).toBe(400);
  });

  it("that makes no sense is an error of the statement", async () => {
    const one = await peer();
    expect(await one.ask("select dsql_local.inject('fault=what')")).toMatchObject({
      code: "22023",
    });
  });
});

describe("a change of the catalog", () => {
  it("costs a transaction in the middle its COMMIT, also when it only reads", async () => {
    const [one, other] = [await peer(), await peer()];
    await one.ask("begin read only");
    await one.ask("select count(*) from orders");
    await other.ask("alter table orders add column if not exists note text");
    expect(await one.ask("select count(*) from orders")).toBe("SELECT");
    expect(await one.ask("commit")).toEqual(stale);
    expect(await one.ask("select count(*) from orders")).toBe("SELECT");
  });

  it("costs a session that was idle through it one statement, and its author none", async () => {
    const [one, other, fresh] = [await peer(), await peer(), await peer()];
    for (const each of [one, other]) await each.ask("select 1");
    await other.ask("grant select on orders to admin");
    expect(await one.ask("select 1")).toEqual(stale);
    for (const each of [one, other, fresh]) expect(await each.ask("select 1")).toBe("SELECT");
  });
});
