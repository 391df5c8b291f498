import { asJanitor } from "./as-janitor.ts";
import type { Db } from "./open.ts";
import { sql, type Sql } from "./sql.ts";
import { readTables, type Table } from "./tables.ts";
import { transact, type Tx } from "./transact.ts";

/** Aurora DSQL changes at most 3,000 rows and 10 MiB in a transaction, entries of indexes included. */
const rowsMax = 2_000;
const bytesMax = 4 * 1024 * 1024;
/** What a row weighs beside its texts, in the table and in its indexes. */
const rowBytes = 500;

/** It is no world: the rows of a real tenant are never deleted. */
export class NoWorldError extends Error {
  override readonly name = "NoWorldError";
}

export interface PurgeLimits {
  readonly rowsMax: number;
  readonly bytesMax: number;
}

export interface PurgeOptions extends Partial<PurgeLimits> {
  readonly onBatch?: (rows: number) => void;
  /** Written with the first step of a purge, and not again where one goes on. */
  readonly beside?: (tx: Tx) => Promise<void>;
  /** Asked between batches: what is left is deleted by the next call. */
  readonly isOver?: () => boolean;
}

/**
 * Deletes every row of a sandbox or a run that nobody sells in any more, batch by batch, its own row
 * last: interrupted, it is called again. The one place that writes tables which it does not name: the
 * database says which of them carry a tenant's id, so none that comes later is forgotten.
 */
export async function purgeWorld(
  db: Db,
  tenantId: string,
  { onBatch, beside, isOver = () => false, ...limits }: PurgeOptions = {},
): Promise<number> {
  const tables = await transact(db, "purge_plan", (tx) => tablesOf(tx, tenantId), {
    readOnly: true,
  });
  if (tables.length > 0) await mark(db, tenantId, beside);
  let deleted = 0;
  for (const table of tables) {
    for (let after: readonly string[] | undefined; ;) {
      if (isOver()) return deleted;
      const page: Page = { table, tenantId, after, rowsMax, bytesMax, ...limits };
      const batch = await transact(db, "purge", (tx) => deletePage(db, tx, page), {
        recalls: true,
        attemptTimeoutMs: patienceMs,
        deadlineAt: performance.now() + patienceMs,
      });
      deleted += batch.rows;
      if (batch.rows > 0) onBatch?.(batch.rows);
      if (batch.last === undefined) break;
      after = batch.last;
    }
  }
  await transact(db, "purged", (tx) => tx.run(forgetMark(tenantId)), { recalls: true });
  return deleted;
}

/** From here on no proof counts what is left of it. */
async function mark(db: Db, tenantId: string, beside: PurgeOptions["beside"]): Promise<void> {
  const begin = sql`insert into world_purges (world_id) values (${tenantId})
                        on conflict (world_id) do nothing`;
  const work = async (tx: Tx): Promise<void> => {
    if ((await tx.run(begin)) === 1) await beside?.(tx);
  };
  await transact(db, "purge_begins", work, { recalls: true });
}

const forgetMark = (tenantId: string): Sql =>
  sql`delete from world_purges where world_id = ${tenantId}`;

const patienceMs = 60_000;

/** Those with a tenant's id, the list of tenants last; none when the world is gone already. */
async function tablesOf(tx: Tx, tenantId: string): Promise<Table[]> {
  const [world] = await tx.rows<{ mode: string }>(
    sql`select mode from tenants where tenant_id = ${tenantId}`,
  );
  if (world === undefined) return [];
  if (world.mode !== "sandbox" && world.mode !== "run") {
    throw new NoWorldError(`Tenant ${tenantId} is ${world.mode}, not a sandbox or a run.`);
  }
  const tables = await readTables(tx);
  const carrying = tables.filter(({ columns }) => columns.some(({ name }) => name === "tenant_id"));
  return [
    ...carrying.filter(({ name }) => name !== "tenants"),
    ...carrying.filter(({ name }) => name === "tenants"),
  ];
}

interface Page extends PurgeLimits {
  readonly table: Table;
  readonly tenantId: string;
  /** The key of the last row of the page before. */
  readonly after: readonly string[] | undefined;
}

interface Batch {
  readonly rows: number;
  /** Undefined when the table has no more. */
  readonly last: readonly string[] | undefined;
}

async function deletePage(db: Db, tx: Tx, page: Page): Promise<Batch> {
  // The append-only guards of PostgreSQL know the janitor by its name.
  await asJanitor(db, tx);
  const found = await tx.tuples<[bytes: bigint, ...key: string[]]>(pageOf(page));
  let bytes = 0;
  let rows = 0;
  for (const [size] of found) {
    bytes += rowBytes + Number(size);
    if (rows > 0 && bytes > page.bytesMax) break;
    rows++;
  }
  const [, ...last] = found[rows - 1] ?? [];
  if (rows === 0) return { rows, last: undefined };
  await tx.write(deletionOf(page, last), rows);
  const isLast = rows === found.length && found.length < page.rowsMax;
  return { rows, last: isLast ? undefined : last };
}

function pageOf({ table, tenantId, after, rowsMax: limit }: Page): Sql {
  const texts = table.columns.filter(({ type }) => type === "text" || type === "bytea");
  const bytes = texts.map(({ name }) => `coalesce(octet_length(${name}), 0)`);
  const key = table.key.map(({ name }) => `${name}::text`);
  return sqlOf(
    `select (${["0", ...bytes].join(" + ")})::bigint, ${key.join()} from ${table.name}
      where tenant_id = $1${after === undefined ? "" : ` and ${keyIs(table, ">", 2)}`}
      order by ${table.key.map(({ name }) => `${table.name}.${name}`).join()}
      limit ${limit}`,
    tenantId,
    ...(after ?? []),
  );
}

function deletionOf({ table, tenantId, after }: Page, last: readonly string[]): Sql {
  const from = after === undefined ? "" : ` and ${keyIs(table, ">", 2 + last.length)}`;
  return sqlOf(
    `delete from ${table.name} where tenant_id = $1 and ${keyIs(table, "<=", 2)}${from}`,
    tenantId,
    ...last,
    ...(after ?? []),
  );
}

function keyIs({ key }: Table, comparison: ">" | "<=", first: number): string {
  const values = key.map(({ type }, index) => `$${first + index}::text::${type}`);
  return `(${key.map(({ name }) => name).join()}) ${comparison} (${values.join()})`;
}

/** Names come from the catalogue, and ours are plain words. */
function sqlOf(text: string, ...values: readonly unknown[]): Sql {
  return { text, values };
}
