import { connect as connectTcp } from "node:net";
import { connect as connectTls } from "node:tls";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from "vitest";
import { databaseAt, onServer } from "../server/testing/server.ts";
import { makeCertificate } from "./certificate.ts";
import { bindFrame, executeFrame, frame, noValues, parseFrame, syncFrame } from "./frames.ts";
import { aborted, dsqlWith, type Peer, type Running } from "../server/testing/dsql.ts";

let dsql: Running;
const tls = makeCertificate(["cluster.dsql.local", "127.0.0.1"]);

beforeAll(async () => {
  dsql = await dsqlWith({}, ["create table t (id int primary key, n int)"]);
});
afterAll(() => dsql.close());

async function peer(options: pg.ClientConfig = {}): Promise<Peer> {
  const one = await dsql.connect(options);
  onTestFinished(() => one.client.end());
  return one;
}

describe("the simple protocol", () => {
  it("runs several statements as one transaction", async () => {
    const one = await peer();
    expect(await one.ask("insert into t values (1); insert into t values (1)")).toMatchObject({
      code: "23505",
    });
    expect(await one.rows("select 1 from t")).toEqual([]);
    const results = await one.client.query(
      "insert into t values (1); select n from t; delete from t",
    );
    const list = results as unknown as pg.QueryResult[];
    expect(list.map(({ command, rowCount }) => [command, rowCount])).toEqual([
      ["INSERT", 1],
      ["SELECT", 1],
      ["DELETE", 1],
    ]);
  });

  it("knows the empty statement", async () => {
    const one = await peer();
    expect(await one.ask("")).toBeNull();
    expect(await one.ask(" ; -- nothing")).toBeNull();
  });

  it("stays in a failed transaction until its end", async () => {
    const one = await peer();
    await one.ask("begin");
    expect(await one.ask("truncate t")).toMatchObject({ code: "0A000" });
    expect(await one.ask("select 1")).toEqual(aborted);
    expect(await one.ask("rollback")).toBe("ROLLBACK");
    expect(await one.ask("select 1")).toBe("SELECT");
  });

  it("copies rows in and out", async () => {
    const one = await peer();
    const socket = connectTcp(dsql.dsql.port, "127.0.0.1");
    onTestFinished(() => void socket.destroy());
    const said = await conversation(socket, dsql.database);
    const copy = [frame(0x51, "copy t from stdin\0"), frame(0x64, "7\t8\n9\t10\n"), frame(0x63)];
    expect(tagsIn(await said(Buffer.concat(copy)))).toEqual(["COPY 2"]);
    const out = await said(frame(0x51, "copy (select n from t order by n) to stdout\0"));
    expect(out.toString("latin1")).toMatch(/8\n.*10\n/s);
    expect(await one.rows("delete from t returning n")).toEqual([{ n: 8 }, { n: 10 }]);
  });
});

describe("the extended protocol", () => {
  it("prepares once and runs often, also across transactions", async () => {
    const one = await peer();
    const insert = (id: number) => ({
      name: "insert",
      text: "insert into t values ($1, $2) returning n",
      values: [id, id],
    });
    for (const id of [1, 2]) expect((await one.client.query(insert(id))).rows).toEqual([{ n: id }]);
    await one.ask("begin");
    expect((await one.client.query(insert(3))).rowCount).toBe(1);
    await one.ask("rollback");
    expect(await one.rows("delete from t returning id")).toEqual([{ id: 1 }, { id: 2 }]);
  });

  it("refuses what is refused, and goes on after it", async () => {
    const one = await peer();
    for (let twice = 0; twice < 2; twice++) {
      const query = { name: "bad", text: "select * from t where id = $1 for share", values: [1] };
      await expect(one.client.query(query)).rejects.toMatchObject({ code: "0A000" });
    }
    expect(await one.rows("select $1::int as one", [1])).toEqual([{ one: 1 }]);
  });

  it("takes several statements before one Sync as one transaction, with BEGIN among them or not", async () => {
    const one = await peer();
    const socket = connectTcp(dsql.dsql.port, "127.0.0.1");
    onTestFinished(() => void socket.destroy());
    const said = await conversation(socket, dsql.database);
    const run = (sql: string): Buffer[] => [
      parseFrame("", sql),
      bindFrame("", "", noValues),
      executeFrame(""),
    ];
    const both = [
      ...run("insert into t values (1)"),
      ...run("insert into t values (1)"),
      syncFrame,
    ];
    expect(tagsIn(await said(Buffer.concat(both)))).toEqual(["INSERT 0 1", "23505"]);
    expect(await one.rows("select 1 from t")).toEqual([]);
    const begun = [
      ...run("begin"),
      ...run("insert into t values (1)"),
      ...run("select 1"),
      syncFrame,
    ];
    expect(tagsIn(await said(Buffer.concat(begun)))).toEqual(["BEGIN", "INSERT 0 1", "SELECT 1"]);
    expect(tagsIn(await said(Buffer.concat([...run("commit"), syncFrame])))).toEqual(["COMMIT"]);
    const refused = [...run("delete from t"), ...run("truncate t"), ...run("select 1"), syncFrame];
    expect(tagsIn(await said(Buffer.concat(refused)))).toEqual(["DELETE 1", "0A000"]);
    expect(await one.rows("delete from t returning id")).toEqual([{ id: 1 }]);
  });

  it("answers in order when many are sent at once", async () => {
    const one = await peer();
    const all = Array.from({ length: 50 }, (_, n) => one.rows("select $1::int as n", [n]));
    expect((await Promise.all(all)).flat()).toEqual(Array.from({ length: 50 }, (_, n) => ({ n })));
  });
});

describe("the door", () => {
  it("takes TLS only where there is a certificate, and wants to know the name", async () => {
    const secure = await dsqlWith({ tls });
    onTestFinished(() => secure.close());
    const ssl = { ca: tls.cert, servername: "cluster.dsql.local" };
    const one = await secure.connect({ host: "127.0.0.1", ssl });
    expect(await one.ask("select 1")).toBe("SELECT");
    await one.client.end();
    await expect(secure.connect()).rejects.toMatchObject({ code: "28000" });
    await expect(secure.connect({ ssl: { ca: tls.cert } })).rejects.toMatchObject({
      code: "08004",
      message: "unable to accept connection, sni was not received",
    });
    const direct = connectTls({
      port: secure.dsql.port,
      host: "127.0.0.1",
      servername: "cluster.dsql.local",
      ca: tls.cert,
      ALPNProtocols: ["postgresql"],
    });
    onTestFinished(() => void direct.destroy());
    const said = await conversation(direct, secure.database);
    expect(tagsIn(await said(frame("Q".charCodeAt(0), "select 1\0")))).toEqual(["SELECT 1"]);
  });

  it("looks at the token, and at the role that it is mapped to", async () => {
    const secure = await dsqlWith({ tls, tokens: true });
    onTestFinished(() => secure.close());
    const ssl = { ca: tls.cert, servername: "cluster.dsql.local" };
    const asAdmin = await secure.connect({ ssl, password: token("DbConnectAdmin") });
    await asAdmin.rows("create role shop with login");
    const asShop = () => secure.connect({ ssl, user: "shop", password: token("DbConnect") });
    await expect(asShop()).rejects.toMatchObject({
      message: "unable to accept connection, access denied",
    });
    await asAdmin.rows("aws iam grant shop to 'arn:aws:iam::1:role/shop'");
    const one = await asShop();
    expect(await one.rows("select current_user")).toEqual([{ current_user: "shop" }]);
    for (const { client } of [one, asAdmin]) await client.end();
    await expect(secure.connect({ ssl, password: token("DbConnect") })).rejects.toMatchObject({
      message: "Wrong user to action mapping. user: admin, action: DbConnect",
    });
    const old = token("DbConnectAdmin", new Date(Date.now() - 1_000_000));
    await expect(secure.connect({ ssl, password: old })).rejects.toMatchObject({
      message: "unable to accept connection, access denied",
      hint: expect.stringMatching(/^Signature expired/) as string,
    });
  });

  it("leads to one database, and to nobody without a role", async () => {
    const strict = await dsqlWith({ anyDatabase: false });
    onTestFinished(() => strict.close());
    await expect(strict.connect()).rejects.toMatchObject({ code: "3D000" });
    await expect(dsql.connect({ user: "nobody" })).rejects.toMatchObject({ code: "28000" });
  });

  it("is a plain relay when nothing is to be judged", async () => {
    const server = inject("testServerUrl");
    const relay = await dsqlWith({ passThrough: true });
    onTestFinished(() => relay.close());
    const url = new URL(databaseAt(server, relay.database));
    url.port = String(relay.dsql.port);
    await onServer(url.href, "create temp table x (a int)");
  });
});

function token(action: string, at = new Date()): string {
  const date = at.toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const scope = encodeURIComponent(`AKIDEXAMPLE/${date.slice(0, 8)}/us-east-1/dsql/aws4_request`);
  return (
    `cluster.dsql.local/?Action=${action}&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${scope}` +
    `&X-Amz-Date=${date}&X-Amz-Expires=900&X-Amz-Signature=${"0".repeat(64)}&X-Amz-SignedHeaders=host`
  );
}

type Stream = Pick<ReturnType<typeof connectTcp>, "write" | "on">;

/** Sends bytes, and gives what came back up to the next ReadyForQuery. */
async function conversation(
  socket: Stream,
  database: string,
): Promise<(bytes: Buffer) => Promise<Buffer>> {
  let heard = Buffer.alloc(0);
  let resolve: (bytes: Buffer) => void = () => undefined;
  socket.on("data", (chunk: Buffer) => {
    heard = Buffer.concat([heard, chunk]);
    if (heard[heard.length - 6] === 0x5a) resolve(heard);
  });
  const say = (bytes: Buffer): Promise<Buffer> => {
    heard = Buffer.alloc(0);
    const answer = new Promise<Buffer>((done) => (resolve = done));
    socket.write(bytes);
    return answer;
  };
  const body = Buffer.from(`user\0admin\0database\0${database}\0\0`);
  const head = Buffer.alloc(8);
  head.writeInt32BE(8 + body.length, 0);
  head.writeInt32BE(196_608, 4);
  await say(Buffer.concat([head, body]));
  return say;
}

/** Command tags and error codes, in order. */
function tagsIn(bytes: Buffer): string[] {
  const tags: string[] = [];
  for (let at = 0; at < bytes.length; at += 1 + bytes.readInt32BE(at + 1)) {
    const body = bytes.toString("utf8", at + 5, at + 1 + bytes.readInt32BE(at + 1));
    if (bytes[at] === 0x43) tags.push(body.slice(0, -1));
    if (bytes[at] === 0x45) tags.push(/\0C(\w{5})\0/.exec(`\0${body}`)?.[1] ?? "");
  }
  return tags;
}
