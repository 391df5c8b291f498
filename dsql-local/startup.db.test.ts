import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { dsqlWith, type Running } from "../server/testing/dsql.ts";

let dsql: Running;
beforeAll(async () => {
  dsql = await dsqlWith({}, ["create table t (a int)", "create role plain with login"]);
});
afterAll(() => dsql.close());

/** Everything that is said to a client that comes with these parameters, until the first query's end. */
async function welcomed(parameters: Record<string, string>, sql = ""): Promise<string> {
  const socket = connect(dsql.dsql.port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  const pairs = Object.entries({ user: "admin", database: dsql.database, ...parameters });
  const body = Buffer.from(`${pairs.map(([name, value]) => `${name}\0${value}\0`).join("")}\0`);
  const head = Buffer.alloc(8);
  head.writeInt32BE(8 + body.length, 0);
  head.writeInt32BE(196_608, 4);
  socket.write(Buffer.concat([head, body]));
  let heard = "";
  let isReady = false;
  for await (const chunk of socket) {
    heard += (chunk as Buffer).toString("latin1");
    if (heard.endsWith("Z\0\0\0\x05I")) {
      if (isReady || sql === "") break;
      isReady = true;
      heard = "";
      const query = Buffer.alloc(5);
      query.write("Q");
      query.writeInt32BE(5 + sql.length, 1);
      socket.write(Buffer.concat([query, Buffer.from(`${sql}\0`)]));
    }
  }
  return heard;
}

describe("a client that comes with parameters", () => {
  it("is told why it may not", async () => {
    const told = (code: string, message: string): RegExp =>
      new RegExp(`^E.{4}SFATAL\\0VFATAL\\0C${code}\\0M${message}`, "s");
    expect(await welcomed({ TimeZone: "Nowhere" })).toMatch(
      told("22023", 'invalid value for parameter "TimeZone": "Nowhere"'),
    );
    expect(await welcomed({ role: "nosuch" })).toMatch(
      told("22023", 'role "nosuch" does not exist'),
    );
  });

  it("has them", async () => {
    const role = { user: "admin", role: "admin", TimeZone: "Asia/Tokyo" };
    expect(await welcomed(role, "select current_setting('timezone')")).toMatch(/Asia\/Tokyo/);
    const own = { disable_sync_create_index: "on" };
    expect(await welcomed(own, "show disable_sync_create_index")).toContain("\0\u0002onC");
    expect(await welcomed({}, "show disable_sync_create_index")).toContain("\0\u0003offC");
  });
});

describe("a role other than admin", () => {
  it("has no use of the schema public, whatever it was granted there", async () => {
    const admin = await dsql.connect();
    onTestFinished(() => admin.client.end());
    await admin.rows("create schema own");
    await admin.rows("create table own.t (a int)");
    await admin.rows("grant usage on schema own to plain");
    for (const table of ["public.t", "own.t"]) {
      expect(await admin.ask(`grant select on ${table} to plain`)).toBe("GRANT");
    }
    const plain = await dsql.connect({ user: "plain" });
    onTestFinished(() => plain.client.end());
    expect(await plain.ask("select * from own.t")).toBe("SELECT");
    expect(await plain.ask("select * from public.t")).toMatchObject({
      code: "42501",
      message: "permission denied for schema public",
    });
    expect(await plain.ask("create table public.x (a int)")).toMatchObject({ code: "42501" });
  });
});
