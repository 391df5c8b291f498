import { Agent } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { readConfig } from "./base/config.ts";
import { makeLog } from "./base/log.ts";
import { AddressError, checkAddresses, startServer } from "./main.ts";
import {
  call,
  commitBodyOf,
  makeStore,
  startApi,
  type Store,
  type TestApi,
} from "./testing/api.ts";
import { expectProven } from "./testing/expect-proven.ts";
import { shopUntilClosed } from "./testing/shop-until-closed.ts";
import { unreliable, type Policy, type Unreliable } from "./proof/unreliable.ts";

let api: TestApi;
afterEach(() => api.close());

const commit = async ({ shop, key }: Store, idempotencyKey: string) =>
  call(`${api.url}/v1/purchases/commit`, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${key}`,
      "Idempotency-Key": idempotencyKey,
      "Content-Type": "application/json",
    },
    body: JSON.stringify(commitBodyOf(shop)),
  });

describe("a server that is told to stop", () => {
  it("answers everybody who is inside and resets nobody", async () => {
    api = await startApi({ ZERORACE_DRAIN_DELAY_MS: "400" });
    const store = await makeStore(api);
    const agent = new Agent({ keepAlive: true });
    const clients = Array.from({ length: 20 }, (_, index) =>
      shopUntilClosed(agent, api.url, store, index),
    );
    await sleep(300);
    const drained = api.server.drain();
    await expect
      .poll(async () => (await call(`${api.url}/readyz`)).body.code, { timeout: 300 })
      .toBe("NOT_READY");
    const told = (await Promise.all(clients)).flat();
    await drained;
    agent.destroy();
    expect(told.filter((status) => status !== 201 && status !== 200)).toEqual([]);
    const { rowCount } = await api.database.db.pool.query("select from asks");
    expect(rowCount).toBe(told.length);
    await expect(fetch(`${api.url}/livez`)).rejects.toThrow();
    await expectProven(api.database.db);
  });
});

async function startBehindNetwork(policy?: Policy): Promise<Unreliable> {
  let network: Unreliable | undefined;
  api = await startApi({ ZERORACE_ASK_DEADLINE_MS: "500" }, async (url) => {
    network = await unreliable(url, policy);
    return network.url;
  });
  const inner = api;
  api = {
    ...inner,
    async close() {
      await inner.close();
      await network?.close();
    },
  };
  return network as unknown as Unreliable;
}

describe("a server whose database is away", () => {
  it("lives, is not ready, records nothing, and sells again when it is back", async () => {
    const away = await startBehindNetwork();
    const store = await makeStore(api);
    expect((await commit(store, "before")).status).toBe(201);
    expect((await call(`${api.url}/readyz`)).status).toBe(200);
    away.refuse(true);
    const refused = await commit(store, "during");
    expect(refused.body).toMatchObject({ code: "RETRY_EXHAUSTED", outcome: "none" });
    expect(refused.headers.get("retry-after")).toBe("1");
    const startedAt = performance.now();
    const ready = await call(`${api.url}/readyz`);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(ready.body).toMatchObject({ status: 503, code: "NOT_READY" });
    expect((await call(`${api.url}/livez`)).status).toBe(200);
    away.refuse(false);
    await expect.poll(async () => (await call(`${api.url}/readyz`)).status).toBe(200);
    expect((await commit(store, "during")).body).toMatchObject({ replayed: false });
  });

  it("is not ready within a second or so when the database is silent", async () => {
    const away = await startBehindNetwork();
    expect((await call(`${api.url}/readyz`)).status).toBe(200);
    away.blackHole(true);
    const startedAt = performance.now();
    expect((await call(`${api.url}/readyz`)).status).toBe(503);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    away.blackHole(false);
    await expect.poll(async () => (await call(`${api.url}/readyz`)).status).toBe(200);
  });

  it("says that it does not know, never that nothing happened, when an answer is late", async () => {
    let commitsAreLost = false;
    await startBehindNetwork(() => (commitsAreLost ? "cutAfter" : "pass"));
    const store = await makeStore(api);
    await commit(store, "before");
    commitsAreLost = true;
    const late = await commit(store, "k");
    commitsAreLost = false;
    expect(late.status).toBe(503);
    expect(late.body).toMatchObject({
      code: "OUTCOME_UNKNOWN",
      outcome: "unknown",
      retryable: true,
      detail: expect.stringContaining("send the same ask and key again") as string,
    });
    expect(late.headers.get("retry-after")).toBe("1");
    const again = await commit(store, "k");
    expect(again.status).toBe(201);
    expect(again.body.replayed).toBe(true);
    await expectProven(api.database.db);
  });

  it("refuses at once what no longer fits into its queue", async () => {
    api = await startApi({ ZERORACE_QUEUE_MAX: "1", ZERORACE_LANES: "1", ZERORACE_BATCH_MAX: "1" });
    const store = await makeStore(api);
    const replies = await Promise.all(
      Array.from({ length: 60 }, (_, index) => commit(store, `k${index}`)),
    );
    const codes = new Set(replies.map(({ body }) => body.code ?? body.outcome));
    expect(codes).toEqual(new Set(["COMMITTED", "OVERLOADED"]));
  });
});

describe("a bug", () => {
  it("is told with a request id and without details, and logged with both", async () => {
    api = await startApi();
    const store = await makeStore(api);
    await api.database.db.pool.query("alter table merchants rename column tenant_id to gone");
    const { status, text, body } = await commit(store, "k");
    await api.database.db.pool.query("alter table merchants rename column gone to tenant_id");
    expect(status).toBe(500);
    expect(body).toMatchObject({ code: "INTERNAL_ERROR", retryable: false });
    expect(text).not.toMatch(/column|select|\.ts|42703/);
    expect(api.logged).toHaveLength(1);
    expect(api.logged[0]).toContain(String(body.requestId));
    expect(api.logged[0]).not.toContain(store.key);
  });
});

it("a taken port is told with what to do about it", async () => {
  api = await startApi();
  const config = readConfig({ ZERORACE_PORT: String(api.port), ZERORACE_METRICS_PORT: "0" });
  await expect(checkAddresses(config)).rejects.toThrow(
    `Port ${api.port} on 127.0.0.1 is taken: stop what listens there, or set ZERORACE_PORT`,
  );
  const log = makeLog("test", { logLevel: "silent" });
  await expect(startServer(config, api.database.db, log)).rejects.toThrow(AddressError);
  const port = String(api.port);
  const beside = {
    ZERORACE_PORT: "0",
    ZERORACE_METRICS_PORT: "0",
    ZERORACE_WORKER_METRICS_PORT: port,
  };
  await expect(checkAddresses(readConfig(beside))).resolves.toBeUndefined();
  await expect(checkAddresses(readConfig(beside), true)).rejects.toThrow(
    "or set ZERORACE_WORKER_METRICS_PORT",
  );
});
