import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readConfig } from "../../server/base/config.ts";
import { makeLog } from "../../server/base/log.ts";
import { findSandbox, openSandbox } from "../../server/sandbox/world.ts";
import { tellsNobody } from "../../server/live/announce.ts";
import { call, startApi, type TestApi } from "../../server/testing/api.ts";
import { query } from "../../server/testing/look.ts";
import type { Round, RoundContext } from "../round.ts";
import { forget } from "./forget.ts";
import { resetSandbox } from "./reset-sandbox.ts";

let api: TestApi;
let ctx: RoundContext;
beforeAll(async () => {
  api = await startApi();
  const { db } = api.database;
  const log = makeLog("test", { logLevel: "silent" });
  const config = readConfig({ ZERORACE_SANDBOX_HOURS: "24", ZERORACE_SANDBOX_UNITS: "10" });
  ctx = { config, log, metrics: db.metrics, db, tells: tellsNobody };
});
afterAll(() => api.close());

const run = (round: Round): Promise<number> => round.run(ctx, new AbortController().signal);

it("a sandbox in use is replaced once when its time is over, and says when that is", async () => {
  const { db } = api.database;
  const world = await openSandbox(db, 10);
  const buy = async () =>
    call(`${api.url}/v1/sandbox/commit`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "Idempotency-Key": "mine" },
      body: "{}",
    });
  const { body } = await call(`${api.url}/v1/sandbox`);
  expect(body).toMatchObject({ tenantId: world.tenantId, itemId: world.itemId, priceMinor: 2500 });
  expect(Date.parse(String(body.resetsAt)) - Date.parse(String(body.openedAt))).toBe(86_400_000);
  const age = (hours: number) =>
    query(
      db,
      "update tenants set created_at = now() - $2 * interval '1 hour' where tenant_id = $1",
      [world.tenantId, hours],
    );
  await age(25);
  expect(await run(resetSandbox), "nobody has bought anything").toBe(0);
  expect((await buy()).status).toBe(201);
  await age(23);
  expect(await run(resetSandbox)).toBe(0);
  await age(25);
  const done = await Promise.all([run(resetSandbox), run(resetSandbox), run(resetSandbox)]);
  expect(done.reduce((sum, count) => sum + count)).toBe(1);
  const next = await findSandbox(db);
  expect(next?.tenantId).not.toBe(world.tenantId);
  expect(await query(db, "select tenant_id, next_tenant_id from sandbox_resets")).toEqual([
    { tenant_id: world.tenantId, next_tenant_id: next?.tenantId },
  ]);
  await expect.poll(async () => (await buy()).body.replayed, { timeout: 5_000 }).toBe(false);
});

it("sessions, links and failed attempts go when they are over, and no sooner", async () => {
  const { db } = api.database;
  const hash = (): string => randomUUID().replaceAll("-", "").repeat(2);
  for (const [name, hours] of [
    ["over", -1],
    ["alive", 1],
  ] as const) {
    await query(
      db,
      `insert into sessions (session_id, token_hash, person_id, ip, user_agent, expires_at)
       values (gen_random_uuid(), $1, gen_random_uuid(), '', $2, now() + $3 * interval '1 hour')`,
      [hash(), name, hours],
    );
    await query(
      db,
      `insert into links (kind, subject, link_id, token_hash, created_by, expires_at)
       values ('claim', $1, gen_random_uuid(), $2, 'test', now() + $3 * interval '1 hour')`,
      [name, hash(), hours],
    );
    await query(
      db,
      `insert into sign_in_failures (subject, failures, last_at)
       values ($1, 3, now() - interval '24 hours' + $2 * interval '1 hour')`,
      [name, hours],
    );
  }
  await query(
    db,
    `insert into sign_in_failures (subject, failures, last_at, blocked_until)
     values ('blocked', 99, now() - interval '2 days', now() + interval '1 minute')`,
  );
  expect(await run(forget)).toBe(3);
  expect(await query(db, "select user_agent from sessions")).toEqual([{ user_agent: "alive" }]);
  expect(await query(db, "select subject from links")).toEqual([{ subject: "alive" }]);
  expect(await query(db, "select subject from sign_in_failures order by subject")).toEqual([
    { subject: "alive" },
    { subject: "blocked" },
  ]);
  expect(await run(forget)).toBe(0);
});
