import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createKey } from "../auth/keys.ts";
import { commitBodyOf } from "../testing/api.ts";
import { ChildProgram } from "../testing/child-program.ts";
import { freshDatabase, type TestDatabase } from "../testing/database.ts";
import { expectProven } from "../testing/expect-proven.ts";
import { makeShop, type Shop } from "../testing/factories.ts";

/** A server that is asked for far more than it can do, by clients of every bad kind: how large it gets. */
let database: TestDatabase;
let shop: Shop;
let key: string;
beforeAll(async () => {
  database = await freshDatabase();
  shop = await makeShop(database.db, { item: { stock: 1_000_000n } });
  const by = { actor: { kind: "command", id: "test" } } as const;
  const wanted = { tenantId: shop.tenantId, name: "test", scopes: ["purchases:write"] };
  const made = await createKey(database.db, wanted, by);
  if (made.kind !== "done") throw new Error(made.says);
  key = made.apiKey;
});
afterAll(() => database.close());

const idle = 2_000;
const deaf = 100;
const huge = 50;
const requests = 120;
const asksPerRequest = 500;
const queueMax = 1_000;
/** What a server of a thousand waiting asks has no need of; without their limit it would not do. */
const heapMb = 160;
/** Sockets of all kinds at some tens of kilobytes each, and what the heap may still grow. */
const growthMaxMb = 220;

const megabytes = async (pid: number): Promise<number> => {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024;
};

function manyAsks(): string {
  const asks = Array.from({ length: asksPerRequest }, () => ({
    ...commitBodyOf(shop),
    idempotencyKey: randomUUID(),
  }));
  return JSON.stringify({ asks });
}

async function askMany(url: string, body: string): Promise<number[]> {
  const headers = { Authorization: `Bearer ${key}`, "Content-Type": "application/json" };
  const reply = await fetch(`${url}/v1/purchases/commit-many`, { method: "POST", headers, body });
  const { answers = [] } = (await reply.json()) as { answers?: { status: number }[] };
  return answers.length > 0 ? answers.map(({ status }) => status) : [reply.status];
}

it.runIf(existsSync("/proc/self/status"))(
  "a crowd, deaf readers, huge bodies and 2,000 idle sockets: it stays within its memory, and sells again",
  { timeout: 180_000 },
  async () => {
    await using server = await ChildProgram.of("serve", {
      ZERORACE_DATABASE_URL: database.url,
      ZERORACE_QUEUE_MAX: String(queueMax),
      ZERORACE_ASK_DEADLINE_MS: "120000",
      NODE_OPTIONS: `--max-old-space-size=${heapMb}`,
    });
    await server.start();
    expect(await askMany(server.url, manyAsks())).not.toContain(503);
    const blocker = await database.db.pool.connect();
    const sockets: Socket[] = [];
    const open = (first = ""): Socket => {
      const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
      socket.on("error", () => undefined);
      socket.write(first);
      sockets.push(socket);
      return socket;
    };
    const before = await megabytes(server.pid);
    let peak = before;
    const look = setInterval(() => {
      megabytes(server.pid).then(
        (now) => (peak = Math.max(peak, now)),
        () => undefined,
      );
    }, 20);
    try {
      // Who calls is still known; no purchase goes through, and those who want one wait.
      await blocker.query("begin; lock table asks in access exclusive mode");
      for (let nth = 0; nth < idle; nth++) open();
      const wanted = "GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(50);
      for (let nth = 0; nth < deaf; nth++) open(wanted).pause();
      const heavy = `POST /v1/purchases/commit HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\nIdempotency-Key: k\r\nContent-Length: 10000000\r\n\r\n`;
      for (let nth = 0; nth < huge; nth++) open(heavy + " ".repeat(1_000_000));
      let over = 0;
      const asked = Array.from({ length: requests }, async () => {
        const statuses = await askMany(server.url, manyAsks());
        over += 1;
        return statuses;
      });
      // Those for whom there is no place are told at once, while the others wait.
      await expect.poll(() => over, { timeout: 90_000 }).toBeGreaterThan(requests - 20);
      await blocker.query("rollback");
      const statuses = (await Promise.all(asked)).flat();
      expect(new Set(statuses)).toEqual(new Set([201, 503]));
    } finally {
      clearInterval(look);
      blocker.release(true);
      for (const socket of sockets) socket.destroy();
    }
    const grownMb = peak - before;
    process.stdout.write(`grew by ${grownMb.toFixed(0)} MB from ${before.toFixed(0)} MB\n`);
    expect(grownMb).toBeLessThan(growthMaxMb);
    expect(server.isDead).toBe(false);
    await expectProven(database.db);
  },
);
