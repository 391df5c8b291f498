import { describe, expect, it, onTestFinished } from "vitest";
import { dsqlWith, type Peer, type Running } from "../server/testing/dsql.ts";
import type { Settings } from "./settings.ts";

async function running(
  settings: Partial<Settings>,
  setup: readonly string[] = [],
): Promise<Running> {
  const dsql = await dsqlWith(settings, setup);
  onTestFinished(() => dsql.close());
  return dsql;
}

async function peerOf(dsql: Running): Promise<Peer> {
  const one = await dsql.connect();
  onTestFinished(() => one.client.end());
  return one;
}

/** An error comes first: the driver is told nothing. */
const ended = ({ client }: Peer): Promise<void> =>
  new Promise((resolve) => client.once("end", () => resolve()));

const table = ["create table t (id int primary key, text text)"];

describe("a transaction", () => {
  it("changes 3,000 rows and not one more, wherever they are counted", async () => {
    const one = await peerOf(
      await running({}, [...table, "create table c (id int references t on delete cascade)"]),
    );
    const fill = (from: number, to: number): string =>
      `insert into t select g from generate_series(${from}, ${to}) g`;
    const tooMany = { code: "54000", message: "transaction row limit exceeded" };
    expect(await one.ask(fill(1, 3_000))).toBe("INSERT");
    expect(await one.ask(fill(4_001, 7_001))).toEqual(tooMany);
    await one.ask("begin");
    expect(await one.ask("update t set text = 'x' where id <= 1500 returning id")).toBe("UPDATE");
    expect(await one.ask("delete from t where id <= 1501")).toEqual(tooMany);
    expect(await one.ask("commit")).toBe("ROLLBACK");
    expect(await one.rows("select count(*)::int as n from t where text is null")).toEqual([
      { n: 3_000 },
    ]);
    for (let once = 0; once < 2; once++) {
      expect(await one.ask("insert into c select 1 from generate_series(1, 1600)")).toBe("INSERT");
    }
    expect(await one.ask("delete from t where id = 1")).toEqual(tooMany);
    expect(await one.ask("delete from t where id = 2")).toBe("DELETE");
  });

  it("of more than 10 MiB fails at COMMIT, and says how large it was", async () => {
    const one = await peerOf(await running({}, table));
    await one.ask("begin");
    for (let id = 1; id <= 12; id++) {
      expect(await one.ask("insert into t values ($1, $2)", [id, "x".repeat(1_000_000)])).toBe(
        "INSERT",
      );
    }
    const wrong = await one.client.query("commit").catch((error: unknown) => error);
    expect(wrong).toMatchObject({
      code: "54000",
      message: "transaction size limit 10mb exceeded",
      detail: "Current transaction size 12mb > 10mb",
    });
    expect(await one.rows("select 1 from t")).toEqual([]);
  });

  it("puts no key of more than 1,981 bytes into a table, or of two that an index carries together", async () => {
    const keys = "create table keys (id text primary key, name text unique, note text)";
    const one = await peerOf(await running({}, [keys]));
    const tooLarge = { code: "54000", message: "key size too large" };
    const insert = "insert into keys values ($1, $2, $3)";
    const x = (length: number): string => "x".repeat(length);
    expect(await one.ask(insert, [x(1_982), null, null])).toEqual(tooLarge);
    expect(await one.ask(insert, [x(1_500), x(1_500), null])).toEqual(tooLarge);
    expect(await one.ask(insert, [x(1_900), null, x(5_000)])).toBe("INSERT");
    expect(await one.ask("update keys set name = $1", [x(300)])).toEqual(tooLarge);
    expect(await one.ask("update keys set name = $1, note = $2", ["a", x(9_000)])).toBe("UPDATE");
  });

  it("that is too old fails at its next statement", async () => {
    const one = await peerOf(await running({ transactionMs: 1_000 }));
    await one.ask("begin");
    await one.ask("select pg_sleep(1.1)");
    expect(await one.ask("select 1")).toEqual({
      code: "54000",
      message: "transaction age limit of 300s exceeded",
    });
  });

  it("that is too old fails at COMMIT", async () => {
    const one = await peerOf(await running({ transactionMs: 1_000 }, table));
    await one.ask("begin");
    await one.ask("insert into t values (1)");
    await one.ask("select pg_sleep(1.1)");
    expect(await one.ask("commit")).toMatchObject({ code: "54000" });
    expect(await one.rows("select 1 from t")).toEqual([]);
  });
});

describe("a session", () => {
  it("ends after its hour without a word", async () => {
    const dsql = await running({ sessionMs: 1_500 });
    const one = await dsql.connect();
    await ended(one);
    expect(await one.ask("select 1")).toMatchObject({ message: /connection|closed/i });
  });

  it("may finish the transaction that it is in", async () => {
    const one = await (await running({ sessionMs: 1_500 })).connect();
    await one.ask("begin");
    expect(await one.ask("select pg_sleep(1.6)")).toBe("SELECT");
    expect(await one.ask("commit")).toBe("COMMIT");
    await ended(one);
  });

  it("is one of so many", async () => {
    const dsql = await running({ connectionsMax: 2 });
    await peerOf(dsql);
    await peerOf(dsql);
    await expect(dsql.connect()).rejects.toMatchObject({
      code: "53300",
      message: "Unable to accept connection, too many open connections.",
    });
  });

  it("does not come faster than the bucket fills", async () => {
    const dsql = await running({ connectBurst: 3, connectRate: 0.001 });
    for (let nth = 0; nth < 3; nth++) await peerOf(dsql);
    await expect(dsql.connect()).rejects.toMatchObject({
      code: "53400",
      message: "Unable to accept connection, rate exceeded.",
    });
  });

  it("that sends a message of more than 10 MiB is closed without an error", async () => {
    const one = await (await running({})).connect();
    const wrong = await one.ask("select length($1)", ["x".repeat(10 * 1024 * 1024)]);
    expect(wrong).toMatchObject({ message: /^Connection terminated|EPIPE|ECONNRESET/ });
  });

  it("asks for none of the settings that the service does not know", async () => {
    const dsql = await running({});
    await expect(dsql.connect({ statement_timeout: 1_000 })).rejects.toMatchObject({
      code: "0A000",
      message: 'setting configuration parameter "statement_timeout" not supported',
    });
  });

  it("cannot be interrupted from another connection", async () => {
    const one = await peerOf(await running({}));
    const slow = one.rows("select pg_sleep(0.2), 1 as done");
    const { processID, secretKey } = one.client as unknown as {
      processID: number;
      secretKey: number;
    };
    expect(processID).toBeGreaterThan(0);
    expect(secretKey).toBeGreaterThan(0);
    expect(await slow).toMatchObject([{ done: 1 }]);
  });
});
