import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { scopes } from "../auth/scopes.ts";
import { mintToken } from "../auth/secret-token.ts";
import {
  call,
  commitBodyOf,
  makeKey,
  makeStore,
  startApi,
  type Store,
  type TestApi,
} from "../testing/api.ts";
import { countEveryRow } from "../testing/every-row.ts";
import { problemKinds } from "./problem-codes.ts";

let api: TestApi;
let store: Store;
/** A key that may do everything. */
let reader: string;
let other: Store;
let readOnlyKey: string;
beforeAll(async () => {
  api = await startApi();
  store = await makeStore(api);
  reader = await makeKey(api, store.shop, scopes);
  other = await makeStore(api);
  readOnlyKey = await makeKey(api, store.shop, ["purchases:read"]);
});
afterAll(() => api.close());

type Fields = Record<string, unknown>;
type Headers = Record<string, string | undefined>;

/** A commit that would be granted, but for what a case changes in it. */
interface Case {
  readonly says: string;
  readonly expect: string;
  readonly fields?: Fields | ((store: Store, other: Store) => Fields);
  readonly body?: string | Buffer;
  /** Puts a number or a string as it is written in place of a field's value. */
  readonly raw?: readonly [field: string, text: string];
  readonly headers?: Headers | ((store: Store) => Headers);
  readonly path?: string;
  readonly method?: string;
}

const some = (says: string, expects: string, more: Omit<Case, "says" | "expect">): Case => ({
  says,
  expect: expects,
  ...more,
});
const nobody = "01a1f993-84cc-7a17-85e2-7d51c3a2ba32";
const ok = "application/json";

const values: Case[] = (
  [
    [
      "merchantId",
      [null, 1, "", "x", "{}", [], {}, true, ` ${nobody}`, `{${nobody}}`, `${nobody}0`],
    ],
    ["mandateId", [null, 7, "x", nobody.replaceAll("-", ""), { toPostgres: 1 }]],
    ["itemId", [null, 7, "x", [nobody], "é".repeat(36)]],
    ["agentId", [null, 1, "", " ", "\t", "a\nb", "a\u0000b", "\u202eagent", "a\u200bb", "\ufeffa"]],
    ["agentId", ["a".repeat(256), "é̂".repeat(5_000), ["a"], {}, true, "a\ud800"]],
    ["quantity", [null, "1", "", 0, -1, true, [1], {}, "NaN", " 1 ", "0x1", "١"]],
    ["amountMinor", [null, "100", -1, false, [100], {}, "Infinity"]],
    [
      "currency",
      [null, 1, "", "usd", "US", "USDT", "XXX", "XTS", "ＵＳＤ", "USD ", "ZZZ", ["USD"]],
    ],
    ["idempotencyKey", [null, 1, ["k"], {}]],
  ] as const
).flatMap(([field, bad]) =>
  bad.map((value) => {
    const code = typeof value === "string" && /[\0\ud800]/.test(value) ? "INVALID_CHARACTER" : "";
    const says = `${field} = ${JSON.stringify(value).slice(0, 40)}`;
    return some(says, `422 ${code || "VALIDATION_FAILED"}`, { fields: { [field]: value } });
  }),
);

const numbers: Case[] = [
  "9007199254740993",
  "9223372036854775807",
  "9223372036854775808",
  "1e400",
  "-0",
  "1.5",
  "1.0000000000000001",
  "1e-3",
  "-0.0",
  "123456789012345678901234567890",
].map((text) =>
  some(`amountMinor = ${text}`, "422 NUMBER_NOT_EXACT", { raw: ["amountMinor", text] }),
);

const bodies: Case[] = [
  some("no body", "400 EMPTY_BODY", { body: "" }),
  some("blank body", "400 MALFORMED_BODY", { body: " " }),
  ...["{", '{"a":', "nul", "[1,]", '{"a":1,}', "{'a':1}", "{a:1}", "NaN", "//x\n{}", "{} {}"].map(
    (body) => some(`body ${body}`, "400 MALFORMED_BODY", { body }),
  ),
  ...["null", "1", '"x"', "true"].map((body) =>
    some(`body ${body}`, "400 MALFORMED_BODY", { body }),
  ),
  some("an array", "422 VALIDATION_FAILED", { body: "[]" }),
  some("an empty object", "422 VALIDATION_FAILED", { body: "{}" }),
  some("a key twice", "400 DUPLICATE_KEY", { raw: ["amountMinor", '1,"amountMinor":100'] }),
  some("a key twice, escaped", "400 DUPLICATE_KEY", { raw: ["quantity", '1,"quantit\\u0079":1'] }),
  some("__proto__", "422 UNKNOWN_PROPERTY", { raw: ["quantity", '1,"__proto__":{"a":1}'] }),
  some("constructor", "422 VALIDATION_FAILED", { fields: { constructor: { prototype: {} } } }),
  some("an unknown property", "422 VALIDATION_FAILED", { fields: { amount: 1 } }),
  some("33 deep", "422 TOO_DEEP", { raw: ["quantity", `${"[".repeat(33)}${"]".repeat(33)}`] }),
  some("30,000 deep", "422 TOO_DEEP", { body: `${"[".repeat(30_000)}${"]".repeat(30_000)}` }),
  some("1,001 elements", "422 TOO_MANY_ITEMS", { raw: ["quantity", `[${"1,".repeat(1000)}1]`] }),
  some("201 properties", "422 TOO_MANY_ITEMS", {
    fields: Object.fromEntries(Array.from({ length: 201 }, (_, index) => [`k${index}`, 1])),
  }),
  some("65,537 bytes", "413 BODY_TOO_LARGE", { body: " ".repeat(65_537) }),
  some("a megabyte", "413 BODY_TOO_LARGE", { fields: { agentId: "a".repeat(1_000_000) } }),
  some("a byte order mark", "400 MALFORMED_BODY", { body: "\ufeff{}" }),
  some("bytes that are no UTF-8", "400 MALFORMED_BODY", { body: Buffer.from([123, 0xff, 125]) }),
  some("an overlong slash", "400 MALFORMED_BODY", { body: Buffer.from([34, 0xc0, 0xaf, 34]) }),
  some("a raw NUL", "400 MALFORMED_BODY", { body: '{"a":"\0"}' }),
  some("an escaped NUL in a key", "422 INVALID_CHARACTER", { fields: { "a\0": 1 } }),
];

const contentTypes: Case[] = [
  "text/plain",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  "*/*",
  "application/vnd.x+json",
  "application/json; charset=utf-7",
  "application/jsonp",
  "",
  "application/json; charset=utf-16",
  "application/json; a=b",
  "application/json, text/plain",
].map((type) =>
  some(`Content-Type ${type}`, "415 UNSUPPORTED_MEDIA_TYPE", { headers: { "Content-Type": type } }),
);
const encodings: Case[] = [
  ...["zstd", "gzip, gzip", "br", "deflate", ""].map((encoding) =>
    some(`Content-Encoding ${encoding}`, "415 UNSUPPORTED_MEDIA_TYPE", {
      headers: { "Content-Encoding": encoding },
    }),
  ),
  some("a gzip bomb", "413 BODY_TOO_LARGE", {
    headers: { "Content-Encoding": "gzip" },
    body: gzipSync(Buffer.alloc(10_000_000, " ")),
  }),
  some("no gzip", "400 MALFORMED_BODY", { headers: { "Content-Encoding": "gzip" } }),
  some("half a gzip", "400 MALFORMED_BODY", {
    headers: { "Content-Encoding": "gzip" },
    body: gzipSync("{}").subarray(0, -4),
  }),
  some("gzip of nothing", "400 EMPTY_BODY", {
    headers: { "Content-Encoding": "gzip" },
    body: gzipSync(""),
  }),
];

const keys: Case[] = [
  some("no key", "400 IDEMPOTENCY_KEY_MISSING", { headers: { "Idempotency-Key": undefined } }),
  ...["", '""', "a b", "é", "k".repeat(256), "a\tb"].map((key) =>
    some(`key ${JSON.stringify(key).slice(0, 20)}`, "400 IDEMPOTENCY_KEY_INVALID", {
      headers: { "Idempotency-Key": key },
    }),
  ),
  some("a bad key in the body", "400 IDEMPOTENCY_KEY_INVALID", {
    headers: { "Idempotency-Key": undefined },
    fields: { idempotencyKey: "a b" },
  }),
];

/** By its form: nobody has to know it for it to be worth hiding. */
const leaked = `zr_live_${"a".repeat(22)}_${"b".repeat(43)}cccccc`;
const misplaced: Case[] = [
  some("an API key as the agent", "422 API_KEY_IN_BODY", { fields: { agentId: leaked } }),
  some("an API key within a text", "422 API_KEY_IN_BODY", { fields: { agentId: `is ${leaked}` } }),
  some("a session's token as the agent", "422 API_KEY_IN_BODY", {
    fields: { agentId: mintToken("session").token },
  }),
  some("a link's token as the agent", "422 API_KEY_IN_BODY", {
    fields: { agentId: mintToken("link").token },
  }),
  some("an API key as a name", "422 API_KEY_IN_BODY", { fields: { [leaked]: 1 } }),
  some("an API key as the key", "400 IDEMPOTENCY_KEY_INVALID", {
    headers: { "Idempotency-Key": leaked },
  }),
];

const callers: Case[] = [
  ...[undefined, "", "Bearer", "Basic eDp5"].map((value) =>
    some(`Authorization ${value}`, "401 AUTHENTICATION_REQUIRED", {
      headers: { Authorization: value },
    }),
  ),
  ...["Bearer x", "Bearer zr_live_x", "bearer  \u00e9"].map((value) =>
    some(`Authorization ${value}`, "401 INVALID_API_KEY", { headers: { Authorization: value } }),
  ),
  some("a key without the scope", "403 INSUFFICIENT_SCOPE", {
    headers: () => ({ Authorization: `Bearer ${readOnlyKey}` }),
  }),
  some("another tenant's merchant", "403 FORBIDDEN", {
    fields: (_own, { shop }) => ({ merchantId: shop.merchantId }),
  }),
  some("another tenant's mandate", "403 FORBIDDEN", {
    fields: (_own, { shop }) => ({ mandateId: shop.mandate.mandateId }),
  }),
  some("another tenant's item", "403 FORBIDDEN", {
    fields: (_own, { shop }) => ({ itemId: shop.item.itemId }),
  }),
];

const facts: Case[] = [
  some("unknown merchant", "404 UNKNOWN_MERCHANT", { fields: { merchantId: nobody } }),
  some("unknown mandate", "404 UNKNOWN_MANDATE", { fields: { mandateId: nobody } }),
  some("unknown item", "404 UNKNOWN_ITEM", { fields: { itemId: nobody } }),
  some("another price", "422 AMOUNT_MISMATCH", { fields: { amountMinor: 99 } }),
  some("for nothing", "422 AMOUNT_MISMATCH", { fields: { amountMinor: 0 } }),
  some("more units than paid for", "422 AMOUNT_MISMATCH", { fields: { quantity: 2 } }),
  some("the largest numbers", "422 AMOUNT_MISMATCH", {
    fields: { quantity: Number.MAX_SAFE_INTEGER, amountMinor: Number.MAX_SAFE_INTEGER },
  }),
  some("another currency", "422 CURRENCY_MISMATCH", { fields: { currency: "JPY" } }),
];

const commitPath = "/v1/purchases/commit";
const paths: Case[] = [
  ...[
    "/",
    "/v1",
    "/v1/",
    "/v1/purchases/",
    "/V1/purchases/commit",
    `${commitPath}/`,
    "/favicon.ico",
  ].map((path) => some(`POST ${path}`, "404 NOT_FOUND", { path })),
  ...["PUT", "PATCH", "DELETE"].map((method) =>
    some(`${method} ${commitPath}`, "405 METHOD_NOT_ALLOWED", { method }),
  ),
  some("POST on a path to read", "405 METHOD_NOT_ALLOWED", { path: `/v1/purchases/${nobody}` }),
  some("a method in a header", "405 METHOD_NOT_ALLOWED", {
    method: "PUT",
    headers: { "X-HTTP-Method-Override": "POST" },
  }),
  ...["/v1/%zz", "/%c0%ae%c0%ae/x", `${commitPath}?a=%ff`].map((path) =>
    some(`POST ${path}`, "400 MALFORMED_REQUEST", { path }),
  ),
  ...["?x=1", "?limit=1&limit=2", "?a[__proto__][x]=1", "?x=%0d%0aSet-Cookie:%20a"].map((query) =>
    some(`query ${query}`, "422 UNKNOWN_PARAMETER", { path: `${commitPath}${query}` }),
  ),
  some("an API key in the query", "400 CREDENTIALS_IN_URL", { path: `${commitPath}?api_key=x` }),
];

const asReader = (): Headers => ({ Authorization: `Bearer ${reader}` });
const read = (path: string, expect: string): Case =>
  some(path, expect, { method: "GET", path, headers: asReader });

const reads: Case[] = [
  ...["x", "-1", "MjAyNi0xMS0yMA", "%00", "A".repeat(300)].map((cursor) =>
    read(`/v1/items?cursor=${cursor}`, "422 BAD_CURSOR"),
  ),
  ...["0", "1001", "-1", "1.5", "1e2", "x", "", "%31%00"].map((limit) =>
    read(`/v1/purchases?limit=${limit}`, "422 VALIDATION_FAILED"),
  ),
  ...["x", "0", "%00", `${nobody}0`, "a".repeat(500)].map((id) =>
    read(`/v1/purchases/${id}`, "404 UNKNOWN_PURCHASE"),
  ),
  read("/v1/items/x", "404 UNKNOWN_ITEM"),
  read("/v1/merchants/x", "404 UNKNOWN_MERCHANT"),
  read("/v1/mandates/x", "404 UNKNOWN_MANDATE"),
  read(`/v1/merchants/${nobody}/summary?after=x`, "422 VALIDATION_FAILED"),
  ...["yesterday", "2026-13-01", "2026-02-30", "20261120"].map((day) =>
    read(`/v1/usage?from=${day}`, "422 VALIDATION_FAILED"),
  ),
];

const cases = [
  ...values,
  ...numbers,
  ...bodies,
  ...contentTypes,
  ...encodings,
  ...keys,
  ...misplaced,
  ...callers,
  ...facts,
  ...paths,
  ...reads,
];

describe("a bad request", () => {
  it("is one of many", () => {
    expect(cases.length).toBeGreaterThanOrEqual(200);
  });

  it.each(cases)("$says: $expect", async (one) => {
    const before = await countEveryRow(api.database.db);
    const reply = await send(one);
    const { code, requestId, type, title, detail, retryable, outcome } = reply.body;
    expect(`${reply.status} ${String(code)}`).toBe(one.expect);
    expect(reply.headers.get("content-type")).toBe("application/problem+json");
    expect(reply.headers.get("cache-control")).toBe("no-store");
    expect({ type, status: reply.body.status, retryable, outcome }).toEqual({
      type: `/problems/${String(code)}`,
      status: reply.status,
      retryable: false,
      outcome: "none",
    });
    expect(reply.headers.get("request-id")).toBe(requestId);
    expect([title, detail].every((text) => typeof text === "string" && text !== "")).toBe(true);
    expect(await countEveryRow(api.database.db)).toEqual(before);
  });

  it("was never our fault", () => {
    expect(api.logged).toEqual([]);
  });

  it("is told all that is wrong with it", async () => {
    const fields = { quantity: 0, merchantId: "x", amountMinor: 1.5, colour: "red" };
    const { body } = await send(some("", "", { fields }));
    const errors = body.errors as { pointer: string; code: string }[];
    expect(errors.map(({ pointer, code }) => `${pointer} ${code}`).sort()).toEqual([
      "/amountMinor NUMBER_NOT_EXACT",
      "/colour UNKNOWN_PROPERTY",
      "/merchantId INVALID_VALUE",
      "/quantity INVALID_VALUE",
    ]);
  });

  it.each(Object.keys(problemKinds))("with %s has a page that explains it", async (code) => {
    const { status, text, headers } = await call(`${api.url}/problems/${code}`);
    expect(status).toBe(200);
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(text).toContain(code);
  });

  it.each([
    ["1.0 and 1e2 are integers", some("", "", { raw: ["amountMinor", "1e2"] })],
    ["charset=utf-8", some("", "", { headers: { "Content-Type": `${ok}; charset=UTF-8` } })],
    ["a key of 255 characters", some("", "", { headers: { "Idempotency-Key": "k".repeat(255) } })],
    [
      "ids in capitals",
      some("", "", { fields: ({ shop }) => ({ itemId: shop.item.itemId.toUpperCase() }) }),
    ],
    [
      "the key in the body",
      some("", "", { headers: { "Idempotency-Key": undefined }, fields: { idempotencyKey: "b1" } }),
    ],
    ["a body in gzip", some("", "", { headers: { "Content-Encoding": "gzip" }, body: "packed" })],
    ["an agent's name in any script", some("", "", { fields: { agentId: "агент 7 🛒" } })],
    ["a spoofed address", some("", "", { headers: { "X-Forwarded-For": "1.2.3.4" } })],
  ])("but not: %s", async (_says, one) => {
    expect((await send(one)).status).toBe(201);
  });
});

let sent = 0;

async function send(one: Case) {
  const fields = typeof one.fields === "function" ? one.fields(store, other) : one.fields;
  const given: Headers =
    typeof one.headers === "function" ? one.headers(store) : (one.headers ?? {});
  const headers = Object.entries({
    Authorization: `Bearer ${store.key}`,
    "Idempotency-Key": `case-${++sent}`,
    "Content-Type": ok,
    ...given,
  }).filter((entry): entry is [string, string] => entry[1] !== undefined);
  let body = one.body ?? JSON.stringify({ ...commitBodyOf(store.shop), ...fields });
  if (one.raw && typeof body === "string") {
    const [field, text] = one.raw;
    body = body.replace(new RegExp(`"${field}":[^,}]+`), () => `"${field}":${text}`);
  }
  if (body === "packed") body = gzipSync(JSON.stringify(commitBodyOf(store.shop)));
  const method = one.method ?? "POST";
  const init = { method, headers, ...(method !== "GET" && { body }) };
  return call(`${api.url}${one.path ?? commitPath}`, init as RequestInit);
}
