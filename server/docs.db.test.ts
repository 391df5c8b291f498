import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { environment, readConfig } from "./base/config.ts";
import { makeLog } from "./base/log.ts";
import { workOnImports } from "./imports/work.ts";
import { tellsNobody } from "./live/announce.ts";
import { sealingKeyOfTests, startApi, type TestApi } from "./testing/api.ts";
import { deliverDue } from "./webhooks/deliver.ts";

/**
 * Whoever follows a page gets what the page says: its blocks run as they stand there, from the top,
 * in one shell, but for the address and the database. Blocks without a language are not run.
 */
const run = promisify(execFile);
const top = fileURLToPath(new URL("..", import.meta.url));
const repo = (path: string): Promise<string> => readFile(join(top, path), "utf8");

const forWebhooks = {
  ZERORACE_WEBHOOK_TARGETS: "any",
  ZERORACE_SEALING_KEY: sealingKeyOfTests,
};

let api: TestApi;
let dir: string;
beforeAll(async () => {
  api = await startApi(forWebhooks);
  dir = await mkdtemp(join(tmpdir(), "zerorace-docs-"));
  // Programs of the pages use the packages that they name.
  await symlink(join(top, "node_modules"), join(dir, "node_modules"));
});
afterAll(async () => {
  await api.close();
  await rm(dir, { recursive: true });
});

interface Block {
  readonly language: string;
  readonly text: string;
}

async function blocksOf(page: string): Promise<Block[]> {
  const found = (await repo(page)).matchAll(/^```(\w+)\n(.*?)^```$/gms);
  return [...found].map(([, language = "", text = ""]) => ({
    language,
    text: text.replaceAll("http://127.0.0.1:8080", api.url),
  }));
}

const between = "----------";

/** What each block that runs says, in the page's order. */
async function follow(page: string): Promise<string[]> {
  const steps: string[] = [];
  for (const { language, text } of await blocksOf(page)) {
    if (language === "sh") steps.push(`${text}\necho ${between}`);
    if (language !== "ts") continue;
    const file = join(dir, `${steps.length}.mts`);
    await writeFile(file, text);
    steps.push(`"${process.execPath}" "${file}"\necho ${between}`);
  }
  const env = { ...environment(), ZERORACE_DATABASE_URL: api.database.url, NO_COLOR: "1" };
  const { stdout } = await run("sh", ["-ec", steps.join("\n")], { cwd: top, env });
  return stdout.split(between).slice(0, -1);
}

/** The JSON documents that were printed one after the other. */
function answersIn(said: string | undefined): unknown[] {
  const texts = (said ?? "").replaceAll(/\}\s*\{"/g, '}\n{"').split("\n");
  return texts.filter((line) => line.startsWith("{")).map((line): unknown => JSON.parse(line));
}

it("the quickstart buys, declines and refuses as it says", async () => {
  const page = "docs/tutorial/quickstart.md";
  const [bought, declined, refused, program] = await follow(page);
  expect([bought, declined, refused].flatMap(answersIn)).toMatchObject([
    { outcome: "COMMITTED", amountMinor: 2500, currency: "USD", attempts: 1, replayed: false },
    { outcome: "DECLINED", failureCode: "OUT_OF_STOCK" },
    { status: 409, code: "KEY_REUSED", type: "/problems/KEY_REUSED" },
  ]);
  const shown = (await blocksOf(page)).find(({ language }) => language === "json");
  const names = Object.keys(JSON.parse(shown?.text ?? "{}") as object);
  expect(Object.keys(answersIn(bought)[0] as object)).toEqual(names);
  expect(program?.match(/outcome: 'COMMITTED'/g)).toHaveLength(2);
  expect(program?.match(/replayed: (true|false)/g)).toEqual(["replayed: false", "replayed: true"]);
  const [again] = await follow(page);
  expect(answersIn(again)).toMatchObject([{ outcome: "COMMITTED", replayed: true }]);
}, 60_000);

it("the agent buys once, sees the replay and the decline, and stops at a mistake of its own", async () => {
  const [program] = await follow("docs/how-to/agents.md");
  expect(program?.trim().split("\n")).toEqual([
    "agent-order-1 COMMITTED  ",
    "agent-order-1 COMMITTED  replayed",
    "agent-order-2 DECLINED SOLD_OUT ",
    expect.stringMatching(/^KEY_REUSED: /),
  ]);
});

it("the README buys in the sandbox, and once", async () => {
  const answers = [...(await follow("README.md")), ...(await follow("README.md"))];
  expect(answers.flatMap(answersIn)).toMatchObject([{ replayed: false }, { replayed: true }]);
});

it("the shop of your own sells, holds, gives back and is closed as it says", async () => {
  const said = await follow("docs/tutorial/own-shop.md");
  const [, , , quote, program, refund, capture, looks, changes, proof] = said;
  expect(answersIn(quote)).toMatchObject([{ outcome: "WOULD_COMMIT", amountMinor: 1999 }]);
  expect(program?.match(/(outcome|reason): '\w+'/g)).toEqual([
    "outcome: 'COMMITTED'",
    "outcome: 'DECLINED'",
    "reason: 'DUPLICATE_SUSPECTED'",
    "outcome: 'COMMITTED'",
  ]);
  expect(answersIn(refund)).toMatchObject([{ outcome: "REFUNDED", amountMinor: 1999 }]);
  expect(answersIn(capture)).toMatchObject([{ outcome: "CAPTURED", amountMinor: 1999 }]);
  expect(answersIn(looks)).toMatchObject([
    { sku: "LAMP-1", stock: { stocked: 100, free: 98, held: 0, sold: 2 } },
    { name: "office", left: { capMinor: 96_002, day: { leftMinor: 16_002 } } },
  ]);
  expect(answersIn(changes)).toMatchObject([
    { priceMinor: 2499, priceVersion: 2 },
    { stock: { stocked: 140 } },
    { open: false },
    { capMinor: 200_000 },
    { state: "paused" },
  ]);
  expect(proof).toMatch(/oversells\s*=?\s*0/);
}, 60_000);

it("the page about watching hears a sale and watches a run as it says", async () => {
  const said = await follow("docs/how-to/watch-live.md");
  const [, listened, program, run, shown] = said;
  expect(listened).toMatch(/event:open\nid:\S+\ndata:\{"topics":\["purchases","items"\]\}/);
  expect(listened).toMatch(/event:items\nid:\S+\ndata:\{"ids":\["[-0-9a-f]{36}"\],"more":0\}/);
  expect(listened).toMatch(/event:end\nid:\S+\ndata:\{"reason":"TIME"\}/);
  expect(program).toContain("open { topics: [ 'purchases' ] }");
  expect(program).toContain("end { reason: 'TIME' }");
  expect(run).toContain("event:run");
  expect(answersIn(shown)).toMatchObject([{ state: "finished", report: { ok: true, sold: 100 } }]);
}, 90_000);
it("the page about imports checks, makes and takes back what it says", async () => {
  const ending = new AbortController();
  const ctx = { db: api.database.db, tells: tellsNobody };
  const rounds = (async () => {
    while (!ending.signal.aborted) {
      await workOnImports(ctx, ending.signal);
      await sleep(100);
    }
  })();
  const said = await follow("docs/how-to/import.md").finally(() => ending.abort());
  await rounds;
  const [, , checked, made, undone] = said;
  expect(answersIn(checked)).toMatchObject([{ rows: { checked: 3, good: 2, bad: 1, made: 0 } }]);
  expect(checked).toMatch(/^4,4,Price,INVALID_VALUE,.*,LAMP-3,a lamp,free,1\r$/m);
  expect(answersIn(made)).toMatchObject([{ state: "done", rows: { made: 2, refused: 1 } }]);
  expect(made).toMatch(/^2,[-0-9a-f]{36},\r$/m);
  expect(answersIn(undone)).toMatchObject([{ state: "undone", rows: { undone: 2, kept: 0 } }]);
}, 90_000);

it("the receiver of webhooks verifies what a worker sends it", async () => {
  const { db } = api.database;
  const log = makeLog("test", { logLevel: "silent" });
  const config = readConfig(forWebhooks);
  const courier = { config, log, metrics: db.metrics, db, tells: tellsNobody };
  const stopped = new AbortController();
  const sending = (async () => {
    while (!stopped.signal.aborted) {
      await deliverDue(courier, stopped.signal);
      await sleep(50);
    }
  })();
  const [, program] = await follow("docs/how-to/webhooks.md");
  stopped.abort();
  await sending;
  expect(program?.trim()).toBe("verified webhook.test");
}, 60_000);
