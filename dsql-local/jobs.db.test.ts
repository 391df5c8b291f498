import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { dsqlWith, type Peer, type Running } from "../server/testing/dsql.ts";

let dsql: Running;
let one: Peer;

beforeAll(async () => {
  dsql = await dsqlWith({ jobDelayMs: 100 }, ["create table t (id int primary key, n int)"]);
  one = await dsql.connect();
  await one.rows("insert into t values (1, 1), (2, 1), (3, 3)");
});
afterAll(async () => {
  await one.client.end();
  await dsql.close();
});

const isValid = async (name: string): Promise<unknown> =>
  (await one.rows("select indisvalid from pg_index where indexrelid = to_regclass($1)", [name]))[0];
const begun = async (sql: string, values?: readonly unknown[]): Promise<string> =>
  (await one.rows<{ job_id: string }>(sql, values))[0]?.job_id ?? "";
const wait = (job: string) => one.rows(`call sys.wait_for_job('${job}')`);
const job = async (id: string) =>
  (await one.rows("select status, details, job_type from sys.jobs where job_id = $1", [id]))[0];

describe("an asynchronous index", () => {
  it("answers with a job, and is valid when the job has ended", async () => {
    const id = await begun("create index async t_n on t (n)");
    expect(id).toMatch(/^[a-z2-7]{26}$/);
    expect(await wait(id)).toEqual([{ wait_for_job: true }]);
    expect(await isValid("t_n")).toEqual({ indisvalid: true });
    expect(await job(id)).toEqual({ status: "completed", details: null, job_type: "INDEX_BUILD" });
  });

  it("answers so by the extended protocol too", async () => {
    const query = { text: "create index async t_n_again on t (n)", name: "index", values: [] };
    const result = await one.client.query<{ job_id: string }>(query);
    expect(result.command).toBe("CREATE");
    expect(await wait(result.rows[0]?.job_id ?? "")).toEqual([{ wait_for_job: true }]);
  });

  it("is not valid while it builds, and held to: duplicates are refused, ON CONFLICT does not know it", async () => {
    const slow = await dsqlWith({ jobDelayMs: 3_600_000 }, ["create table u (k int not null)"]);
    onTestFinished(() => slow.close());
    const peer = await slow.connect();
    onTestFinished(() => peer.client.end());
    await peer.rows("create unique index async u_k on u (k)");
    expect(
      await peer.rows("select indisvalid from pg_index where indexrelid = 'u_k'::regclass"),
    ).toEqual([{ indisvalid: false }]);
    expect(await peer.ask("insert into u values (1)")).toBe("INSERT");
    expect(await peer.ask("insert into u values (1)")).toMatchObject({ code: "23505" });
    const upsert = "insert into u values (1) on conflict (k) do nothing";
    expect(await peer.ask(upsert)).toMatchObject({ code: "42P10" });
    expect(
      await peer.ask("alter table u add constraint u_once unique using index u_k"),
    ).toMatchObject({ code: "55000", message: 'index "u_k" is not valid' });
  });

  it("over duplicates fails, stays invalid, and is held to until it is dropped", async () => {
    const id = await begun("create unique index async t_once on t (n)");
    expect(await wait(id)).toEqual([{ wait_for_job: false }]);
    expect(await job(id)).toMatchObject({
      status: "failed",
      details: "Found duplicate key while validating index for UCVs",
    });
    expect(await isValid("t_once")).toEqual({ indisvalid: false });
    expect(await one.ask("insert into t values (4, 3)")).toMatchObject({ code: "23505" });
    expect(await one.ask("create unique index async if not exists t_once on t (n)")).toBe("CREATE");
    expect(await isValid("t_once")).toEqual({ indisvalid: false });
    expect(await one.ask("drop index t_once")).toBe("DROP");
    expect(await one.ask("insert into t values (4, 3)")).toBe("INSERT");
  });

  it("of a table that has gone counts as done, and says so", async () => {
    await one.rows("create table gone (a int)");
    const id = await begun("create index async gone_a on gone (a)");
    await one.rows("drop table gone");
    expect(await wait(id)).toEqual([{ wait_for_job: true }]);
    expect(await job(id)).toMatchObject({
      status: "completed",
      details: 'relation "public.gone_a" does not exist',
    });
  });

  it("makes a constraint, and serves ON CONFLICT, once it is valid", async () => {
    await wait(await begun("create unique index async t_id_n on t (id, n)"));
    expect(await one.ask("alter table t add constraint t_id_n unique using index t_id_n")).toBe(
      "ALTER",
    );
    expect(await one.ask("insert into t values (1, 1) on conflict (id, n) do nothing")).toBe(
      "INSERT",
    );
  });
});

describe("an asynchronous validation", () => {
  it("ends with the constraint valid, or with its job failed", async () => {
    await one.rows("alter table t add constraint positive check (n > 0) not valid");
    await one.rows("alter table t add constraint large check (n > 2) not valid");
    const fine = await begun("alter table async t validate constraint positive");
    const wrong = await begun("alter table async t validate constraint large");
    expect(await wait(fine)).toEqual([{ wait_for_job: true }]);
    expect(await wait(wrong)).toEqual([{ wait_for_job: false }]);
    expect(await job(wrong)).toMatchObject({ status: "failed" });
  });
});

describe("sys.wait_for_job", () => {
  it("is refused inside a transaction", async () => {
    await one.ask("begin");
    expect(await one.ask("call sys.wait_for_job('x')")).toMatchObject({ code: "25001" });
    await one.ask("rollback");
  });
});
