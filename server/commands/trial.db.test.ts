import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { startApi, type TestApi } from "../testing/api.ts";
import { runCommand, startCommand } from "../testing/command-line.ts";
import { emptyDatabase } from "../testing/database.ts";
import { expectProven } from "../testing/expect-proven.ts";
import { migrate } from "../db/migrate.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const run = (...args: string[]) => runCommand(args, { ZERORACE_DATABASE_URL: api.database.url });

it("a trial buys over HTTP what there is and no more, gets one answer to a key, and proves it", async () => {
  const tried = await run("trial", "--at", api.url, "--asks", "60", "--units", "20", "--json");
  expect(tried, tried.err).toMatchObject({ code: 0 });
  expect(JSON.parse(tried.out)).toEqual({
    ok: true,
    asks: 60,
    units: 20,
    sold: 20,
    declined: 40,
    oversells: 0,
    duplicateSettlements: 0,
    ledgerDrift: 0,
    mandateBreaches: 0,
    complaints: [],
  });
  await expectProven(api.database.db);
  const { rows } = await api.database.db.pool.query(
    "select count(*)::integer as alive from api_keys where revoked_at is null",
  );
  expect(rows).toEqual([{ alive: 0 }]);
});

it("a trial of a server that answers wrongly says so and ends with 1", async () => {
  const liar = createServer((_req, res) => {
    res.writeHead(200, { "Content-Type": "application/json" });
    res.end('{"outcome":"COMMITTED","intentId":"always the same"}');
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void liar.close());
  await once(liar, "listening");
  const url = `http://127.0.0.1:${(liar.address() as AddressInfo).port}`;
  const tried = await run("trial", "--at", url, "--asks", "3", "--units", "1");
  expect(tried.code).toBe(1);
  expect(tried.out).toContain("3 were sold, and 1 should have been.");
  expect(tried.out).toContain("3 sales have 1 purchases.");
});

it("a trial without a server's address says what it needs", async () => {
  const tried = await run("trial");
  expect(tried).toMatchObject({ code: 2 });
  expect(tried.err).toContain("zerorace trial needs --at URL");
});

it("waiting ends when the schema is there, and in vain when nobody makes it", async () => {
  const empty = await emptyDatabase();
  onTestFinished(() => empty.close());
  const env = { ZERORACE_DATABASE_URL: empty.url };
  expect((await runCommand(["wait", "--for", "database"], env)).code).toBe(0);
  const inVain = await runCommand(["wait", "--seconds", "0"], env);
  expect(inVain.code).toBe(1);
  expect(inVain.err).toMatch(/Waited 0 s in vain\. \d+ steps of the schema are missing/);
  const waiting = startCommand(["wait"], env);
  const ended = once(waiting, "close");
  await once(waiting.stderr, "data");
  await migrate(empty.db);
  expect(await ended).toEqual([0, null]);
}, 60_000);

it("waiting for a database that is newer than this version ends at once", async () => {
  const newer = await emptyDatabase();
  onTestFinished(() => newer.close());
  await migrate(newer.db);
  await newer.db.pool.query(
    "insert into schema_migrations (version, step, checksum) values (9999, 1, 'x')",
  );
  const waited = await runCommand(["wait"], { ZERORACE_DATABASE_URL: newer.url });
  expect(waited.code).toBe(1);
  expect(waited.err).not.toContain("Waiting");
});
