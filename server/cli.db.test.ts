import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommand, startCommand } from "./testing/command-line.ts";
import { emptyDatabase, freshDatabase, type TestDatabase } from "./testing/database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

const settings = (url = database.url) => ({ ZERORACE_DATABASE_URL: url });
const start = (args: readonly string[], url?: string) => startCommand(args, settings(url));
const run = (args: readonly string[], url?: string) => runCommand(args, settings(url));

describe("zerorace", () => {
  it("prints one JSON object, and nothing else, on standard output", async () => {
    const proof = await run(["prove", "--json"]);
    expect(proof).toMatchObject({ code: 0, err: "" });
    expect(JSON.parse(proof.out)).toMatchObject({ holds: true, oversells: 0 });

    const args = ["--agents", "500", "--units", "20", "--mandates", "10", "--seed", "3"];
    const swarm = await run(["swarm", ...args, "--lanes", "2", "--json"]);
    expect(swarm.code).toBe(0);
    const report = JSON.parse(swarm.out) as Record<string, unknown>;
    expect(report).toMatchObject({ ok: true, agents: 500, units: 20, sold: 20, declined: 480 });
    for (const name of ["replays", "lostRaces", "p50Ms", "p99Ms", "peakMb", "seconds"]) {
      expect(report[name]).toBeTypeOf("number");
    }
    expect(report.invariants).toEqual({
      oversells: 0,
      duplicateSettlements: 0,
      ledgerDrift: 0,
      mandateBreaches: 0,
    });
    const again = await run(["prove", "--tenant", String(report.tenantId)]);
    expect(again.code).toBe(0);
    expect(again.out).toContain(String(report.tenantId));
  });

  it("ends with 1 when the books are wrong", async () => {
    const broken = await freshDatabase();
    const shop = [
      "swarm",
      "--agents",
      "50",
      "--units",
      "5",
      "--mandates",
      "5",
      "--concurrency",
      "9",
    ];
    expect((await run(shop, broken.url)).code).toBe(0);
    await broken.db.pool.query("update stock_buckets set available = 7 where bucket = 0");
    const { code, out } = await run(["prove"], broken.url);
    await broken.close();
    expect(code).toBe(1);
    expect(out).toContain("BROKEN");
  });

  it.each([
    [["swarm", "--agent", "5"], "did you mean --agents?"],
    [["swarms"], "did you mean swarm?"],
    [["swarm", "--agents", "--units", "3"], "--agents needs a value"],
    [["swarm", "--agents", "many"], "must be a whole number"],
    [["prove", "everything"], 'takes no argument "everything"'],
    [["prove", "--tenant", "acme"], "must be a tenant's id"],
  ])("answers %j with a sentence and 2", async (args, says) => {
    const { code, out, err } = await run(args);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(says);
    expect(err).not.toContain("    at ");
  });

  it("lists its commands, and explains each of them by name", async () => {
    const { out: overview } = await run([]);
    const names = [...overview.matchAll(/^ {2}([a-z][a-z -]*?) {2,}/gm)].map(([, name]) => name);
    expect(names).toContain("keys create");
    const explain = async (name = ""): Promise<void> => {
      const { code, out } = await run(["help", ...name.split(" ")]);
      expect({ code, name: /^Usage: zerorace (.*?)(?: \[options\])?$/m.exec(out)?.[1] }).toEqual({
        code: 0,
        name,
      });
      expect(out).toContain("Examples:");
    };
    for (let at = 0; at < names.length; at += 4) {
      await Promise.all(names.slice(at, at + 4).map(explain));
    }
    expect((await run(["swarm", "--help"])).out).toBe((await run(["help", "swarm"])).out);
  });

  it("shows the settings without their secrets", async () => {
    const { out } = await run(["config", "--json"]);
    expect(JSON.parse(out)).toMatchObject({ ZERORACE_DATABASE_URL: "********" });
  });

  it("refuses a database that is behind, until it is migrated", async () => {
    const empty = await emptyDatabase();
    const before = await run(["prove"], empty.url);
    expect(before.code).toBe(1);
    expect(before.err).toContain("zerorace migrate");
    expect((await run(["migrate"], empty.url)).out).toMatch(/steps taken/);
    expect((await run(["migrate"], empty.url)).out).toContain("up to date");
    expect((await run(["prove"], empty.url)).code).toBe(0);
    await empty.close();
  });

  it("stops when it is told to, in the middle of a swarm", async () => {
    const own = await freshDatabase();
    const child = start(["swarm", "--agents", "10000000", "--mandates", "10"], own.url);
    const ended = once(child, "close");
    const sold = async () => (await own.db.pool.query("select from asks limit 1")).rowCount;
    await expect.poll(sold, { timeout: 10_000 }).toBe(1);
    child.kill("SIGTERM");
    expect(await ended).toEqual([143, null]);
    await own.close();
  });
});
