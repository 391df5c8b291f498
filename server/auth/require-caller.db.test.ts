import { once } from "node:events";
import type { AddressInfo } from "node:net";
import express, { type Request, type Response } from "express";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { InvariantError } from "../base/assert.ts";
import { readConfig } from "../base/config.ts";
import { makeLog } from "../base/log.ts";
import { lastWord } from "../http/last-word.ts";
import { enter } from "../http/visit.ts";
import { openWorld } from "../proof/world.ts";
import { freshDatabase, type TestDatabase } from "../testing/database.ts";
import { faultBy, schemaAt } from "../testing/documented.ts";
import { mintApiKey, parseApiKey } from "./api-key.ts";
import { openKeyring } from "./keyring.ts";
import { createKey, revokeKey, type KeyMade } from "./keys.ts";
import { callerOf, requireCaller } from "./require-caller.ts";
import { openSessions } from "./sessions.ts";

const by = { actor: { kind: "system", id: "test" } } as const;
const lines: string[] = [];
const log = makeLog("test", { logLevel: "trace" }, { write: (line: string) => lines.push(line) });

let database: TestDatabase;
let tenantId: string;
let base: string;
let stop: () => Promise<void>;
beforeAll(async () => {
  database = await freshDatabase();
  ({ tenantId } = await openWorld(database.db, "w"));
  const keyring = openKeyring(database.db, log, { freshMs: 0 });
  const app = express();
  const config = readConfig({});
  app.use(enter({ metrics: database.db.metrics, log, config }));
  const sessions = openSessions(database.db, log, config);
  const door = { keyring, sessions, config };
  app.get("/v1/items", requireCaller(door, "items:read"), (_req: Request, res: Response) => {
    res.json(callerOf(res));
  });
  app.get("/open", (_req: Request, res: Response) => void res.json(callerOf(res)));
  app.use(lastWord(log));
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  stop = async () => {
    server.closeAllConnections();
    server.close();
    await Promise.all([keyring.close(), sessions.close()]);
  };
});
afterAll(async () => {
  await stop();
  await database.close();
});

async function newKey(scopes = ["items:read"]): Promise<KeyMade> {
  const made = await createKey(database.db, { tenantId, name: "k", scopes }, by);
  if (made.kind !== "done") throw new Error(made.says);
  return made;
}

async function get(apiKey: string | undefined, path = "/v1/items") {
  const headers = apiKey === undefined ? {} : { Authorization: `Bearer ${apiKey}` };
  const response = await fetch(base + path, { headers });
  const body = (await response.json()) as Record<string, unknown>;
  const { status } = response;
  return {
    status,
    body,
    type: response.headers.get("content-type"),
    challenge: response.headers.get("www-authenticate"),
  };
}

const realm = 'Bearer realm="zerorace"';

describe("a route that needs a key", () => {
  it("knows its caller", async () => {
    const { apiKey, key } = await newKey();
    const { status, body } = await get(apiKey);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      tenantId,
      actor: { id: key.keyId },
      mode: "test",
      agentIds: null,
    });
  });

  it("refuses whoever sends none, an unknown one or a revoked one, with a challenge", async () => {
    const revoked = await newKey();
    expect((await get(revoked.apiKey)).status).toBe(200);
    await revokeKey(database.db, { tenantId, keyId: revoked.key.keyId }, by);
    const isNone = `${realm}, error="invalid_token"`;
    for (const [apiKey, code, challenge] of [
      [undefined, "AUTHENTICATION_REQUIRED", realm],
      ["hello", "INVALID_API_KEY", isNone],
      [mintApiKey("live").apiKey, "INVALID_API_KEY", isNone],
      [revoked.apiKey, "API_KEY_REVOKED", isNone],
    ] as const) {
      const answer = await get(apiKey);
      expect(answer).toMatchObject({ status: 401, type: "application/problem+json", challenge });
      expect(answer.body).toMatchObject({ status: 401, code, retryable: false, outcome: "none" });
      expect(faultBy(schemaAt("components", "schemas", "Problem"), answer.body)).toBeUndefined();
    }
  });

  it("names the scope that is missing", async () => {
    const { apiKey } = await newKey(["items:write"]);
    const { status, body, challenge } = await get(apiKey);
    expect(status).toBe(403);
    expect(body.detail).toContain("items:read");
    expect(challenge).toBe(`${realm}, error="insufficient_scope", scope="items:read"`);
  });

  it("refuses a key in the URL, also beside a good one, without a look-up", async () => {
    const { apiKey } = await newKey();
    const count = async () => (await database.db.metrics.keyLookUps.get()).values[0]?.value;
    const before = await count();
    for (const query of [
      `?key=${apiKey}`,
      `?a=1&b=${apiKey.slice(0, 60)}`,
      `?x=${apiKey.replaceAll("_", "%5F")}`,
      `?${apiKey}`,
      "?access_token=abc",
      "?a=1&API_KEY=abc",
    ]) {
      const { status, body } = await get(apiKey, `/v1/items${query}`);
      expect({ query, status }).toEqual({ query, status: 400 });
      expect(body.detail).toContain("revoke it");
    }
    expect(await count()).toBe(before);
    expect((await get(apiKey, "/v1/items?limit=5")).status).toBe(200);
  });

  it("says that it is not ready when keys cannot be looked up", async () => {
    const { apiKey } = await newKey();
    const client = await database.db.pool.connect();
    try {
      await client.query("begin; lock table api_keys in access exclusive mode");
      const { status, body } = await get(apiKey);
      expect(status).toBe(503);
      expect(body).toMatchObject({ retryable: true, outcome: "none" });
    } finally {
      await client.query("rollback");
      client.release();
    }
    expect((await get(apiKey)).status).toBe(200);
  });

  it("shows nothing of a secret in answers, logs and metrics", async () => {
    const { apiKey } = await newKey(["items:write"]);
    const secret = parseApiKey(apiKey)?.secret ?? "";
    const answers = [
      await get(apiKey),
      await get(apiKey.slice(0, -1)),
      await get(apiKey, `/v1/items?key=${apiKey}`),
    ];
    const seen = JSON.stringify(answers) + (await database.db.metrics.registry.metrics());
    expect(lines.length).toBeGreaterThan(0);
    for (let at = 0; at + 12 <= secret.length; at += 4) {
      expect(seen + lines.join("\n")).not.toContain(secret.slice(at, at + 12));
    }
  });
});

it("a route without a key has no caller: asking for one is a bug", async () => {
  expect((await get(undefined, "/open")).status).toBe(500);
  expect(() => callerOf({ locals: {} } as Response)).toThrow(InvariantError);
});
