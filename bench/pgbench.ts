import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { reopen } from "../server/db/open.ts";
import { sql } from "../server/db/sql.ts";
import { transact } from "../server/db/transact.ts";
import type { Shop, Stage } from "./stage.ts";

const run = promisify(execFile);

/** Where a system keeps its programs: nothing else of our surroundings may change the figures. */
const programs = "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin";

export async function pgbenchVersion(): Promise<string | undefined> {
  try {
    return (await run("pgbench", ["--version"], { env: { PATH: programs } })).stdout.trim();
  } catch {
    return undefined;
  }
}

export async function poolOf(stage: Stage, shop: Shop): Promise<string> {
  const query = sql`select pool_id as "poolId" from items where item_id = ${shop.itemIds[0]}`;
  const [row] = await transact(stage.db, "bench", (tx) => tx.rows<{ poolId: string }>(query));
  if (!row) throw new Error("the bench's item is gone");
  return row.poolId;
}

/** The purchase as a textbook writes it, on the kernel's own tables: seven statements, one transaction. */
export function textbook(shop: Shop, poolId: string): string[] {
  const { tenantId, merchantId, itemIds, priceMinor } = shop;
  const hex = (name: string, digits: number) =>
    `lpad(to_hex(cast(:${name} as bigint)), ${digits}, '0')`;
  const id = `(${hex("k1", 16)} || ${hex("k2", 16)})::uuid`;
  const mandate = `('${shop.mandatePrefix}' || ${hex("m", 12)})::uuid`;
  const body =
    '{"agentId":"agent","amountMinor":2500,"currency":"USD","kind":"commit","lines":[{"itemId":' +
    `"${itemIds[0]}","quantity":1}],"mandateId":"${shop.mandateIds[0]}","merchantId":"${merchantId}"}`;
  const answer =
    `{"outcome":"COMMITTED","intentId":"${tenantId}","ledgerTxnId":"${tenantId}","chosenBucketId":` +
    `"${poolId}:17","amountMinor":2500,"currency":"USD","attempts":1,"replayed":false}`;
  return [
    `select answer from asks where merchant_id = '${merchantId}' and key = ${id}::text`,
    `update stock_buckets set available = available - 1, version = version + 1
      where pool_id = '${poolId}' and bucket = :b and open and available >= 1`,
    `update mandate_buckets set remaining_minor = remaining_minor - ${priceMinor}, version = version + 1
      where mandate_id = ${mandate} and bucket = :c and active and remaining_minor >= ${priceMinor}`,
    `insert into purchases (purchase_id, line, tenant_id, merchant_id, mandate_id, agent_id, item_id, pool_id,
        quantity, unit_price_minor, price_version, rules_version, amount_minor, currency, state, settled_quantity,
        settled_minor, returned_quantity, refunded_minor, version)
      values (${id}, 0, '${tenantId}', '${merchantId}', ${mandate}, 'agent', '${itemIds[0]}', '${poolId}',
        1, ${priceMinor}, 1, 1, ${priceMinor}, 'USD', 'settled', 1, ${priceMinor}, 0, 0, 1)`,
    `insert into ledger_entries (purchase_id, txn_id, leg, tenant_id, kind, account, owner_id, amount_minor, currency)
      values (${id}, ${id}, 0, '${tenantId}', 'commit', 'MANDATE_RESERVED', ${mandate}, -${priceMinor}, 'USD'),
             (${id}, ${id}, 1, '${tenantId}', 'commit', 'MERCHANT_PAYABLE', '${merchantId}', ${priceMinor}, 'USD')`,
    `insert into outbox (shard, event_id, tenant_id, kind, subject_id)
      values (:s, ${id}, '${tenantId}', 'purchase.committed', ${id})`,
    `insert into asks (ask_id, tenant_id, merchant_id, key, kind, purchase_id, fingerprint, body, granted, answer)
      values (${id}, '${tenantId}', '${merchantId}', ${id}::text, 'commit', ${id}, '\\x${"ab".repeat(32)}',
        '${withoutVariables(body)}', true, '${withoutVariables(answer)}')`,
  ];
}

/** A colon before a word would name a variable of pgbench's, also inside a string. */
function withoutVariables(json: string): string {
  return json.replaceAll(/:(?=\w)/g, ": ");
}

export interface Clients {
  readonly clients: number;
  readonly seconds: number;
  readonly mandates: number;
}

/** Purchases a second of the textbook, through the fastest client there is. */
export async function runPgbench(
  stage: Stage,
  statements: readonly string[],
  { clients, seconds, mandates }: Clients,
): Promise<number> {
  const home = await mkdtemp(join(tmpdir(), "zerorace-pgbench-"));
  const file = join(home, "purchase.sql");
  const draws = Object.entries(drawsFrom(mandates)).map(
    ([name, most]) => `\\set ${name} random(0, ${most})`,
  );
  // pgbench sends a statement a line.
  const lines = ["begin", ...statements, "commit"].map(
    (line) => `${line.replaceAll(/\s*\n\s*/g, " ")};`,
  );
  await writeFile(file, `${[...draws, ...lines].join("\n")}\n`);
  const { hostname, port, username, password, pathname } = new URL(stage.postgres.url);
  const threads = Math.min(2, clients);
  const args = ["-n", "-M", "prepared", "-c", clients, "-j", threads, "-T", seconds, "-f", file];
  const at = ["-h", hostname, "-p", port, "-U", username, pathname.slice(1)];
  try {
    const env = { PATH: programs, PGPASSWORD: decodeURIComponent(password) };
    const { stdout } = await run("pgbench", [...args, ...at].map(String), { env });
    const tps = /tps = ([\d.]+)/.exec(stdout)?.[1];
    if (tps === undefined) throw new Error(`pgbench said: ${stdout}`);
    return Number(tps);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** Each variable of the textbook's and the greatest value it may have. */
function drawsFrom(mandates: number): Record<string, number> {
  return { k1: 2 ** 62, k2: 2 ** 62, m: mandates - 1, b: 63, c: 19, s: 15 };
}

/** The same transaction through node-postgres, for machines without pgbench. */
export async function runDriver(
  stage: Stage,
  statements: readonly string[],
  { clients, seconds, mandates }: Clients,
): Promise<number> {
  const names = Object.entries(drawsFrom(mandates));
  const queries = statements.map((statement, index) => {
    const used: number[] = [];
    const text = statement.replaceAll(/(?<!:):(k1|k2|m|b|c|s)\b/g, (_, name: string) => {
      used.push(names.findIndex(([known]) => known === name));
      return `$${used.length}`;
    });
    return { name: `textbook_${index}`, text, used };
  });
  const db = reopen(stage.db, { name: "textbook", poolMax: clients });
  const endAt = performance.now() + seconds * 1_000;
  let purchases = 0;
  const buyers = Array.from({ length: clients }, async () => {
    const client = await db.pool.connect();
    while (performance.now() < endAt) {
      const drawn = names.map(([, most]) => String(BigInt(Math.floor(Math.random() * (most + 1)))));
      await client.query("begin");
      for (const { name, text, used } of queries) {
        await client.query({ name, text, values: used.map((index) => drawn[index]) });
      }
      await client.query("commit");
      purchases++;
    }
    client.release();
  });
  await Promise.all(buyers);
  await db.close();
  return purchases / seconds;
}
