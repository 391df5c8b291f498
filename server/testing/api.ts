import { createKey } from "../auth/keys.ts";
import { readConfig, type Env } from "../base/config.ts";
import { makeLog } from "../base/log.ts";
import { startServer, type RunningServer } from "../main.ts";
import { freshDatabase, openTest, type TestDatabase } from "./database.ts";
import { expectDocumented } from "./documented.ts";
import { makeShop, type Shop } from "./factories.ts";

export const sealingKeyOfTests = Buffer.from("the sealing key of all the tests.")
  .subarray(0, 32)
  .toString("base64");

/** The real server in this process, on a free port and a database of its own. */
export interface TestApi {
  readonly server: RunningServer;
  readonly url: string;
  readonly port: number;
  readonly database: TestDatabase;
  /** What it logged: one line a record. */
  readonly logged: string[];
  close(): Promise<void>;
}

export async function startApi(
  env: Env = {},
  throughNetwork: (url: string) => Promise<string> = (url) => Promise.resolve(url),
): Promise<TestApi> {
  const database = await freshDatabase();
  const db = openTest(await throughNetwork(database.url));
  const logged: string[] = [];
  const config = readConfig({
    ZERORACE_PORT: "0",
    ZERORACE_METRICS_PORT: "0",
    ZERORACE_DRAIN_DELAY_MS: "0",
    // Every test comes from one address; those of the limits set their own.
    ZERORACE_RATE_PER_IP: "100000",
    ZERORACE_SIGN_INS_PER_MINUTE: "100000",
    ZERORACE_NEW_KEYS_PER_MINUTE: "100000",
    // Else one would be drawn and kept in the working directory.
    ZERORACE_SEALING_KEY: sealingKeyOfTests,
    ...env,
  });
  const log = makeLog("test", { logLevel: "warn" }, { write: (line) => logged.push(line) });
  const server = await startServer(config, db, log);
  documented.add(new URL(server.url).origin);
  let drained: Promise<void> | undefined;
  const drain = (): Promise<void> => (drained ??= server.drain());
  return {
    server: { ...server, drain },
    url: server.url,
    port: Number(new URL(server.url).port),
    database,
    logged,
    async close() {
      await drain();
      await db.close();
      await database.close();
    },
  };
}

/** A key of the shop's tenant. */
export async function makeKey(
  api: TestApi,
  { tenantId }: Pick<Shop, "tenantId">,
  scopes: readonly string[] = ["purchases:read", "purchases:write"],
): Promise<string> {
  const by = { actor: { kind: "command", id: "test" } } as const;
  const made = await createKey(api.database.db, { tenantId, name: "test", scopes }, by);
  if (made.kind !== "done") throw new Error(made.says);
  return made.apiKey;
}

export interface Store {
  readonly shop: Shop;
  readonly key: string;
}

export async function makeStore(api: TestApi): Promise<Store> {
  const shop = await makeShop(api.database.db);
  return { shop, key: await makeKey(api, shop) };
}

/** A body that the commit route takes: one unit of the shop's thing. */
export function commitBodyOf({ merchantId, mandate, item }: Shop) {
  return {
    merchantId,
    mandateId: mandate.mandateId,
    itemId: item.itemId,
    agentId: "agent",
    quantity: 1,
    amountMinor: Number(item.priceMinor),
    currency: item.currency,
  };
}

export interface Reply {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Where a server of these tests answers: with what the OpenAPI document says, or the test fails. */
const documented = new Set<string>();

export async function call(url: string, init: RequestInit = {}): Promise<Reply> {
  const response = await fetch(url, init);
  const text = await response.text();
  const contentType = response.headers.get("content-type") ?? "";
  const { status } = response;
  const { method = "GET" } = init;
  if (documented.has(new URL(url).origin)) {
    expectDocumented({ method, url, status, contentType, text });
  }
  const isJson = /json(;|$)/.test(contentType);
  const body = isJson && text !== "" ? (JSON.parse(text) as Record<string, unknown>) : {};
  return { status, text, headers: response.headers, body };
}

/** Sends a JSON body, as the owner of the key, under an idempotency key if one is given. */
export async function post(
  { url }: TestApi,
  path: string,
  body: object,
  { key, idempotencyKey }: { readonly key: string; readonly idempotencyKey?: string },
): Promise<Reply> {
  return call(`${url}${path}`, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${key}`,
      "Content-Type": "application/json",
      ...(idempotencyKey !== undefined && { "Idempotency-Key": idempotencyKey }),
    },
    body: JSON.stringify(body),
  });
}

/** How many rows every table has: what was refused leaves none. */
export async function countRows({ database }: TestApi): Promise<Record<string, number>> {
  const tables = ["asks", "purchases", "ledger_entries", "outbox", "recent_grants", "stock_moves"];
  const counts = tables.map((table) => `(select count(*)::integer from ${table}) as ${table}`);
  const { rows } = await database.db.pool.query<Record<string, number>>(`select ${counts.join()}`);
  return rows[0] ?? {};
}
