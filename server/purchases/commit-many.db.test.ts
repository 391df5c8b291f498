import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  call,
  commitBodyOf,
  countRows,
  makeKey,
  makeStore,
  post,
  startApi,
  type Store,
  type TestApi,
} from "../testing/api.ts";
import { expectProven } from "../testing/expect-proven.ts";
import { look } from "../testing/look.ts";

let api: TestApi;
let store: Store;
let other: Store;
beforeAll(async () => {
  api = await startApi();
  store = await makeStore(api);
  other = await makeStore(api);
});
afterAll(async () => {
  await expectProven(api.database.db);
  await api.close();
});

const path = "/v1/purchases/commit-many";
const send = (body: object, { key } = store) => post(api, path, body, { key });

const askOf = (idempotencyKey: string, more: object = {}, { shop } = store) => ({
  ...commitBodyOf(shop),
  idempotencyKey,
  ...more,
});

interface One {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}
const answersOf = (body: Readonly<Record<string, unknown>>) => body.answers as One[];
const told = ({ status, body }: One) =>
  `${status} ${String(body.code ?? body.reason ?? body.outcome)}`;

async function sendText(text: string) {
  const { status, body } = await call(`${api.url}${path}`, {
    method: "POST",
    headers: { Authorization: `Bearer ${store.key}`, "Content-Type": "application/json" },
    body: text,
  });
  return status === 200 ? answersOf(body).map(told) : `${status} ${String(body.code)}`;
}

it("answers 500 asks in their order, sells no more than there is, and replays to the byte", async () => {
  const fresh = await makeStore(api);
  const asks = Array.from({ length: 500 }, (_, n) =>
    askOf(`many-${n}`, { agentId: `a${n}` }, fresh),
  );
  const first = await send({ asks }, fresh);
  expect(first.status).toBe(200);
  const answers = answersOf(first.body);
  expect(answers).toHaveLength(500);
  expect(answers.filter((one) => told(one) === "201 COMMITTED")).toHaveLength(100);
  expect(answers.filter((one) => told(one) === "200 SOLD_OUT")).toHaveLength(400);
  const sight = await look(api.database.db, fresh.shop);
  expect(sight).toMatchObject({ available: 0n, purchases: 100, answers: 500 });
  const again = await send({ asks }, fresh);
  expect(again.text).toBe(first.text.replaceAll('"replayed":false', '"replayed":true'));
  // The single route knows the same keys.
  const single = await post(api, "/v1/purchases/commit", asks[7] ?? {}, fresh);
  expect(single.status).toBe(answers[7]?.status);
  expect(single.body.intentId).toBe(answers[7]?.body.intentId);
});

it("gives a bad ask its own problem and its neighbours their answers", async () => {
  const before = await look(api.database.db, store.shop);
  const [key, bad] = [randomUUID(), randomUUID()];
  const { body, status } = await send({
    asks: [
      askOf(key),
      askOf(key),
      askOf(key, { agentId: "another" }),
      commitBodyOf(store.shop),
      askOf("two words"),
      askOf(bad, { quantity: 0 }),
      askOf(bad, { amountMinor: 1 }),
      askOf(bad, {}, other),
      askOf(bad, { itemId: other.shop.item.itemId }),
      askOf(bad, { mandateId: other.shop.mandate.mandateId }),
      askOf(bad, { surprise: true }),
      "not an ask",
      null,
      askOf(randomUUID()),
    ],
  });
  expect(status).toBe(200);
  expect(answersOf(body).map(told)).toEqual([
    "201 COMMITTED",
    "201 COMMITTED",
    "409 KEY_REUSED",
    "400 IDEMPOTENCY_KEY_MISSING",
    "400 IDEMPOTENCY_KEY_INVALID",
    "422 VALIDATION_FAILED",
    "422 AMOUNT_MISMATCH",
    "403 FORBIDDEN",
    "403 FORBIDDEN",
    "403 FORBIDDEN",
    "422 VALIDATION_FAILED",
    "400 MALFORMED_BODY",
    "400 MALFORMED_BODY",
    "201 COMMITTED",
  ]);
  const answers = answersOf(body);
  expect(answers[1]?.body).toEqual({ ...answers[0]?.body, replayed: true });
  expect(answers[5]?.body).toMatchObject({ errors: [{ pointer: "/quantity" }] });
  const after = await look(api.database.db, store.shop);
  expect(after.available).toBe(before.available - 2n);
  expect(after.answers).toBe(before.answers + 2);
});

it("tells the faults of each ask's text to that ask", async () => {
  const good = JSON.stringify(askOf(randomUUID()));
  const twice = JSON.stringify(askOf(randomUUID())).replace("{", '{"quantity":1,');
  const inexact = JSON.stringify(askOf(randomUUID())).replace('"quantity":1', '"quantity":1.5');
  expect(await sendText(`{"asks":[${twice},${good},${inexact},1.5]}`)).toEqual([
    "400 DUPLICATE_KEY",
    "201 COMMITTED",
    "422 NUMBER_NOT_EXACT",
    "400 MALFORMED_BODY",
  ]);
});

it("refuses a list that is no list as a whole, and records nothing", async () => {
  const before = await countRows(api);
  const ask = JSON.stringify(askOf(randomUUID()));
  const deep = "[".repeat(40) + "]".repeat(40);
  const cases: readonly (readonly [string, string])[] = [
    ["{}", "422 VALIDATION_FAILED"],
    ["[]", "422 VALIDATION_FAILED"],
    ["1", "400 MALFORMED_BODY"],
    ['{"asks":[]}', "422 VALIDATION_FAILED"],
    [`{"asks":{"0":${ask}}}`, "422 VALIDATION_FAILED"],
    [`{"asks":[${ask}],"more":1}`, "422 VALIDATION_FAILED"],
    [`{"asks":[${ask}],"asks":[${ask}]}`, "400 DUPLICATE_KEY"],
    [`{"asks":[${ask},${deep}]}`, "422 TOO_DEEP"],
    [`{"asks":[${Array.from({ length: 501 }, () => "1").join()}]}`, "422 VALIDATION_FAILED"],
    [`{"asks":[${Array.from({ length: 1001 }, () => "1").join()}]}`, "422 TOO_MANY_ITEMS"],
    [" ".repeat(524_289), "413 BODY_TOO_LARGE"],
    [`{"asks":[${ask}]`, "400 MALFORMED_BODY"],
  ];
  for (const [text, expected] of cases) {
    expect([text.slice(0, 60), await sendText(text)]).toEqual([text.slice(0, 60), expected]);
  }
  const asks = [askOf(randomUUID())];
  const headed = await post(api, path, { asks }, { ...store, idempotencyKey: "k" });
  expect(headed.body.code).toBe("IDEMPOTENCY_KEY_INVALID");
  expect((await post(api, `${path}?x=1`, { asks }, store)).status).toBe(422);
  const reader = await makeKey(api, store.shop, ["purchases:read"]);
  expect((await post(api, path, { asks }, { key: reader })).status).toBe(403);
  expect(await countRows(api)).toEqual(before);
});

it("takes a body of half a megabyte", async () => {
  const ask = JSON.stringify(askOf(randomUUID()));
  const text = `{"asks":[${ask}]}`;
  expect(await sendText(text.padEnd(524_288))).toEqual(["201 COMMITTED"]);
});
