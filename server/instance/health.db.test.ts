import { access } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, expect, inject, it } from "vitest";
import { verifyChain } from "../audit/verify-chain.ts";
import { instanceChain } from "../audit/instance-chain.ts";
import { freePort } from "../base/free-port.ts";
import { startApi, type TestApi } from "../testing/api.ts";
import { send, verdict } from "../testing/browser.ts";
import { query } from "../testing/look.ts";
import { makePerson, type SignedIn } from "../testing/people.ts";
import { hasRedis, startPlainRedis, type PlainRedis } from "../testing/redis-servers.ts";
import { lineIds, type LineId } from "./lines.ts";
import type { HealthView, ParkedView, SettingsView } from "./wire.ts";

let api: TestApi;
let redis: PlainRedis | undefined;
let operator: SignedIn;
const port = await freePort();
beforeAll(async () => {
  redis = hasRedis ? await startPlainRedis(port) : undefined;
  api = await startApi({
    ZERORACE_RUNS: "off",
    ...(redis && { ZERORACE_REDIS_URL: redis.url }),
  });
  operator = await makePerson(api.database.db, { role: "viewer", isInstanceOperator: true });
});
beforeEach(() => query(api.database.db, "delete from parked_events"));
afterAll(async () => {
  await api.close();
  await redis?.stop();
});

const ask = (path: string, body?: object) =>
  send(api, `/v1/instance/${path}`, { cookie: operator.cookie, ...(body && { body }) });
const health = async (): Promise<HealthView> => (await ask("health")).body as unknown as HealthView;
const within = { timeout: 10_000, interval: 100 };
const stateOf = async (id: LineId) => (await health()).lines.find((line) => line.id === id)?.state;

it("says how every part does, and what was built", async () => {
  // On a busy machine the database may take longer than a look waits: the next one finds it.
  const isSeen = async () => (await stateOf("database")) === "ok" && (await stateOf("indexes"));
  await expect.poll(isSeen, within).toBe("ok");
  const seen = await health();
  expect(seen.lines.map(({ id }) => id)).toEqual([...lineIds]);
  const engine = inject("testEngine") === "dsql" ? "Aurora DSQL" : /^PostgreSQL \d+/;
  expect(seen.build.database).toMatch(engine);
  expect(seen.build.migration).toBeGreaterThanOrEqual(119);
  // There is no worker in this test.
  expect(seen).toMatchObject({ state: "bad", rounds: [] });
  expect(await stateOf("worker")).toBe("bad");
});

it("every line has its page among the runbooks", async () => {
  for (const id of lineIds) {
    const page = fileURLToPath(new URL(`../../docs/runbooks/${id}.md`, import.meta.url));
    await expect(access(page), id).resolves.toBeUndefined();
  }
});

it.runIf(hasRedis)(
  "Redis that is stopped turns its line red within seconds, and back",
  async () => {
    await expect.poll(() => stateOf("redis"), within).toBe("ok");
    await redis?.stop();
    await expect.poll(() => stateOf("redis"), within).toBe("bad");
    redis = await startPlainRedis(port);
    await expect.poll(() => stateOf("redis"), within).toBe("ok");
  },
);

it("shows what workers noted of their rounds", async () => {
  await query(
    api.database.db,
    `insert into round_turns (name, every_ms, ended_at, done_at, ms, did, reason)
     values ('forget', 60000, now(), now() - interval '1 hour', 12, 0, 'the disk is full')`,
  );
  const { rounds } = await health();
  expect(rounds).toMatchObject([
    { name: "forget", everySeconds: 60, state: "failed", reason: "the disk is full" },
  ]);
  await query(api.database.db, "delete from round_turns");
});

const park = (id: string) =>
  query(
    api.database.db,
    `insert into parked_events (event_id, tenant_id, kind, subject_id, tries, reason, created_at)
     values ($1, $2, 'purchase.committed', $1, 8, '<b>no such purchase</b>', now())`,
    [id, operator.liveTenantId],
  );
const parked = async (): Promise<ParkedView> =>
  (await ask("parked-events")).body as unknown as ParkedView;

it("parked events are listed with the reason, told again one or all, once, and it is on record", async () => {
  const ids = ["a", "b", "c"].map((digit) => `00000000-0000-4000-8000-00000000000${digit}`);
  for (const id of ids) await park(id);
  expect(await parked()).toMatchObject({
    total: 3,
    data: [{ id: ids[0], kind: "purchase.committed", reason: "<b>no such purchase</b>" }, {}, {}],
  });
  expect(await stateOf("parked-events")).toBe("bad");
  const replay = async (body: object) =>
    (await ask("parked-events/replay", body)).body.replayed as number;
  expect(await replay({ eventId: ids[1] })).toBe(1);
  expect(await replay({ eventId: ids[1] })).toBe(0);
  expect(await replay({})).toBe(2);
  expect(await parked()).toEqual({ total: 0, data: [] });
  const { db } = api.database;
  const due = await query(db, "select event_id from outbox where event_id = any($1::uuid[])", [
    ids,
  ]);
  expect(due).toHaveLength(3);
  const said = await query(
    db,
    "select after from audit_entries where action = 'parked_events.replay' order by seq",
  );
  expect(said).toEqual([{ after: '{"count":1}' }, { after: '{"count":2}' }]);
  expect((await verifyChain(db, instanceChain)).brokenAt).toBeUndefined();
  expect(verdict(await ask("parked-events/replay", { eventId: "no" }))).toBe(
    "422 VALIDATION_FAILED",
  );
});

it("settings are shown with where they come from, and no secret", async () => {
  const { data } = (await ask("settings")).body as unknown as SettingsView;
  const of = (name: string) => data.find((one) => one.name === name);
  expect(of("ZERORACE_LANES")).toMatchObject({ value: "4", source: "default" });
  expect(of("ZERORACE_SEALING_KEY")?.value).toBe("********");
  expect(of("ZERORACE_RUNS")).toMatchObject({ value: "off", source: "command" });
  if (redis) expect(JSON.stringify(data)).not.toContain(redis.url);
});

it("nobody else sees any of it, in whatever role", async () => {
  const owner = await makePerson(api.database.db);
  for (const path of ["health", "settings", "parked-events", "organisations"]) {
    const reply = await send(api, `/v1/instance/${path}`, { cookie: owner.cookie });
    expect(verdict(reply)).toBe("403 INSUFFICIENT_SCOPE");
  }
});
