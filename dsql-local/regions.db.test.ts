import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { dsqlWith, lost, stale, type Peer, type Running } from "../server/testing/dsql.ts";

let dsql: Running;

beforeAll(async () => {
  dsql = await dsqlWith({ secondPort: 0, controlPort: 0 }, [
    "create table t (id int primary key, n int)",
  ]);
});
afterAll(() => dsql.close());

async function inRegion(nth: number): Promise<Peer> {
  const peer = await dsql.connect({ port: dsql.dsql.endpoints[nth]?.port ?? 0 });
  onTestFinished(() => peer.client.end());
  return peer;
}

const order = async (what: string): Promise<number> =>
  (await fetch(`http://127.0.0.1:${dsql.dsql.controlPort}/${what}`, { method: "POST" })).status;

describe("two endpoints", () => {
  it("stand before the same rows, and races go over both", async () => {
    const [one, two] = [await inRegion(0), await inRegion(1)];
    await one.rows("insert into t values (1, 0)");
    expect(await two.rows("select n from t where id = 1")).toEqual([{ n: 0 }]);
    for (const peer of [one, two]) await peer.ask("begin");
    await one.rows("update t set n = 1 where id = 1");
    expect(await two.rows("update t set n = 2 where id = 1 returning n")).toEqual([{ n: 2 }]);
    expect(await two.ask("commit")).toBe("COMMIT");
    expect(await one.ask("commit")).toEqual(lost);
  });

  it("hear of each other's changes of the catalog", async () => {
    const [one, two] = [await inRegion(0), await inRegion(1)];
    await two.ask("select 1");
    await one.rows("alter table t add column if not exists note text");
    expect(await two.ask("select 1")).toEqual(stale);
  });

  it("are cut and restored one by one; what was open there is rolled back", async () => {
    const [one, two] = [await inRegion(0), await inRegion(1)];
    await two.ask("begin");
    await two.rows("insert into t values (2, 0)");
    expect(await order("cut/2")).toBe(200);
    expect(await two.ask("commit")).toMatchObject({ message: expect.any(String) as string });
    await expect(inRegion(1)).rejects.toThrow(/ECONNRESET|terminated/);
    expect(await one.ask("insert into t values (2, 1)")).toBe("INSERT");
    expect(await order("restore/2")).toBe(200);
    expect(await (await inRegion(1)).rows("select n from t where id = 2")).toEqual([{ n: 1 }]);
    expect(await order("cut/3")).toBe(404);
  });

  it("are crowded one by one: sessions end between two transactions, and who comes is one too many", async () => {
    const [idle, busy] = [await inRegion(1), await inRegion(1)];
    await busy.ask("begin");
    await busy.rows("insert into t values (3, 0)");
    const gone = [idle, busy].map(
      ({ client }) => new Promise((resolve) => client.once("end", resolve)),
    );
    expect(await order("crowd/2")).toBe(200);
    await gone[0];
    await expect(inRegion(1)).rejects.toMatchObject({ code: "53300" });
    expect(await busy.ask("commit")).toBe("COMMIT");
    await gone[1];
    expect(await (await inRegion(0)).rows("select n from t where id = 3")).toEqual([{ n: 0 }]);
    expect(await order("restore/2")).toBe(200);
    expect(await (await inRegion(1)).ask("select 1")).toBe("SELECT");
  });
});
