import { afterAll, beforeAll, expect, it } from "vitest";
import { sentences } from "../kernel/reasons.ts";
import { closeItem } from "../kernel/item-commands.ts";
import { quote } from "../kernel/quote.ts";
import type { QuoteView } from "./wire.ts";
import {
  commitBodyOf,
  countRows,
  makeKey,
  makeStore,
  post,
  startApi,
  type Store,
  type TestApi,
} from "../testing/api.ts";
import { commitAsk, holdAsk, makeItem, makeMandate, startKernel } from "../testing/factories.ts";
import { look, query, turnBack } from "../testing/look.ts";

let api: TestApi;
let store: Store;
let other: Store;
beforeAll(async () => {
  api = await startApi();
  store = await makeStore(api);
  other = await makeStore(api);
});
afterAll(() => api.close());

const ask = (body: object, key = store.key) => post(api, "/v1/purchases/quote", body, { key });

it("says that it would sell, and sells nothing", async () => {
  const before = await countRows(api);
  const sight = await look(api.database.db, store.shop);
  const { status, body } = await ask(commitBodyOf(store.shop));
  expect(status).toBe(200);
  expect(body).toEqual({ outcome: "WOULD_COMMIT", amountMinor: 100, currency: "USD" });
  expect(await countRows(api)).toEqual(before);
  expect(await look(api.database.db, store.shop)).toEqual(sight);
});

it("names the constraint that binds, with its arithmetic, in the order of a commit", async () => {
  const { db } = api.database;
  const { shop } = store;
  const before = await countRows(api);
  const much = { ...commitBodyOf(shop), quantity: 101, amountMinor: 10_100 };
  expect((await ask(much)).body).toEqual({
    outcome: "WOULD_DECLINE",
    failureCode: "OUT_OF_STOCK",
    detail: sentences.SOLD_OUT,
    reason: "SOLD_OUT",
    limit: 100,
    asked: 101,
  });
  const poor = await makeMandate(db, shop, { capMinor: 150n });
  const two = { ...commitBodyOf(shop), mandateId: poor.mandateId, quantity: 2, amountMinor: 200 };
  expect((await ask(two)).body).toEqual({
    outcome: "WOULD_DECLINE",
    failureCode: "MANDATE_REJECTED",
    detail: sentences.CAP,
    reason: "CAP",
    limit: 150,
    used: 0,
    asked: 200,
  });
  const shut = await makeItem(db, shop);
  await closeItem(db, { tenantId: shop.tenantId, itemId: shut.itemId });
  const closed = { ...commitBodyOf(shop), itemId: shut.itemId };
  expect((await ask(closed)).body).toMatchObject({ reason: "ITEM_CLOSED" });
  const after = await countRows(api);
  expect({ ...after, outbox: 0, stock_moves: 0 }).toEqual({ ...before, outbox: 0, stock_moves: 0 });
});

it("shows every constraint on demand, with what is left of it, and the one that binds", async () => {
  const { db } = api.database;
  const { shop, key } = await makeStore(api);
  const mandate = await makeMandate(db, shop, {
    capMinor: 1_000n,
    dayLimitMinor: 500n,
    agentId: "agent",
  });
  const asking = { ...commitBodyOf(shop), mandateId: mandate.mandateId };
  const bought = await startKernel(db).ask(
    commitAsk({ ...shop, mandate }, { quantity: 2n, amountMinor: 200n }),
  );
  expect(bought.kind).toBe("granted");
  const before = await countRows(api);
  const explained = async (quantity: number) => {
    const body = { ...asking, quantity, amountMinor: 100 * quantity, explain: true };
    const { outcome, constraints } = (await ask(body, key)).body as unknown as QuoteView;
    return { outcome, rows: constraints ?? [] };
  };
  const one = await explained(1);
  expect(one.outcome).toBe("WOULD_COMMIT");
  const resetsAt = expect.stringMatching(/T00:00:00.000Z$/);
  const off = (reason: string) => ({ reason, state: "NOT_SET" });
  const passed = (reason: string, more: object = {}) => ({ reason, state: "PASSED", ...more });
  expect(one.rows).toEqual([
    passed("ITEM_CLOSED"),
    passed("SOLD_OUT", { limit: 98, asked: 1, left: 97 }),
    passed("AGENT_BLOCKED"),
    passed("REVOKED"),
    passed("PAUSED"),
    off("NOT_STARTED"),
    off("EXPIRED"),
    passed("AGENT"),
    off("MERCHANT"),
    off("ITEM"),
    passed("CURRENCY"),
    off("PURCHASE_MAX"),
    off("DUPLICATE_SUSPECTED"),
    passed("PERIOD", { period: "day", limit: 500, used: 200, asked: 100, left: 200, resetsAt }),
    { ...off("PERIOD"), period: "week" },
    { ...off("PERIOD"), period: "month" },
    passed("CAP", { limit: 1_000, used: 200, asked: 100, left: 700 }),
  ]);
  const four = await explained(4);
  expect(four.outcome).toBe("WOULD_DECLINE");
  expect(four.rows.filter(({ state }) => state === "BINDING")).toEqual([
    {
      reason: "PERIOD",
      period: "day",
      state: "BINDING",
      limit: 500,
      used: 200,
      asked: 400,
      left: -100,
      resetsAt,
    },
  ]);
  expect(four.rows.at(-1)).toEqual({
    reason: "CAP",
    state: "NOT_REACHED",
    limit: 1_000,
    used: 200,
    asked: 400,
    left: 400,
  });
  expect((await ask({ ...asking, explain: "yes" }, key)).body).toMatchObject({
    code: "VALIDATION_FAILED",
  });
  expect(await countRows(api)).toEqual(before);
});

it("counts expired holds as free, and leaves them as they are", async () => {
  const { db } = api.database;
  const kernel = startKernel(db);
  const { shop, key } = await makeStore(api);
  const held = await kernel.ask(holdAsk(shop, { quantity: 100n }));
  if (held.kind !== "granted") throw new Error(held.kind);
  expect((await ask(commitBodyOf(shop), key)).body).toMatchObject({ reason: "SOLD_OUT" });
  await turnBack(db, [held.id], "1 hour");
  const before = await countRows(api);
  expect((await ask(commitBodyOf(shop), key)).body).toMatchObject({ outcome: "WOULD_COMMIT" });
  expect(await countRows(api)).toEqual(before);
  const rows = await query(db, "select state from purchases where purchase_id = $1", [held.id]);
  expect(rows).toEqual([{ state: "held" }]);
});

it("refuses what a commit refuses, and what is another tenant's", async () => {
  const before = await countRows(api);
  const body = commitBodyOf(store.shop);
  const cases: readonly (readonly [object, string])[] = [
    [{ ...body, amountMinor: 99 }, "422 AMOUNT_MISMATCH"],
    [{ ...body, currency: "EUR" }, "422 CURRENCY_MISMATCH"],
    [{ ...body, quantity: 0 }, "422 VALIDATION_FAILED"],
    [{ ...body, idempotencyKey: "k" }, "422 VALIDATION_FAILED"],
    [{}, "422 VALIDATION_FAILED"],
    [commitBodyOf(other.shop), "403 FORBIDDEN"],
    [{ ...body, itemId: other.shop.item.itemId }, "403 FORBIDDEN"],
    [{ ...body, mandateId: other.shop.mandate.mandateId }, "403 FORBIDDEN"],
  ];
  for (const [sent, expected] of cases) {
    const reply = await ask(sent);
    expect(`${reply.status} ${String(reply.body.code)}`).toBe(expected);
  }
  const writer = await makeKey(api, store.shop, ["purchases:write"]);
  expect((await ask(body, writer)).status).toBe(403);
  expect(await countRows(api)).toEqual(before);
});

it("waits for a command that is going through, but not for ever", async () => {
  const { db } = api.database;
  const { shop } = await makeStore(api);
  const { key: _, ...asked } = commitAsk(shop);
  const until = (seconds: number) =>
    query(
      db,
      `update pools set gate = 'reshard', gate_until = now() + interval '${seconds} seconds'
        where item_id = $1`,
      [shop.item.itemId],
    );
  await until(1);
  expect((await quote(db, asked)).answer.kind).toBe("granted");
  await until(60);
  expect((await quote(db, asked)).answer.kind).toBe("exhausted");
});
