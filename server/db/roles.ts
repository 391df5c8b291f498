import { setTimeout as sleep } from "node:timers/promises";
import type { PoolClient } from "pg";
import { dsqlSchema } from "./dialect.ts";
import type { Db } from "./open.ts";
import { readTables, type Table } from "./tables.ts";
import { transact } from "./transact.ts";

const privileges = ["select", "insert", "update", "delete"] as const;
type Privilege = (typeof privileges)[number];

/** What is never changed once it is written. PostgreSQL's triggers guard some of it a second time. */
const appendOnly = new Set([
  "asks",
  "audit_entries",
  "item_prices",
  "ledger_entries",
  "stock_moves",
]);

export const janitor = "zerorace_janitor";

/** What the janitor remembers of its own work. */
const ofJanitor = new Set(["decline_marks", "world_purges"]);

/**
 * Who may do what, beside the owner of the tables, who migrates: a server cannot rewrite the books,
 * the janitor that purges worlds cannot write them, and who reads sees no hash of a secret.
 */
const roles: Readonly<Record<string, (table: Table) => readonly Privilege[]>> = {
  zerorace_server: (table) => {
    if (isLog(table)) return ["select"];
    return appendOnly.has(table.name) ? ["select", "insert"] : privileges;
  },
  [janitor]: (table) => {
    if (isLog(table)) return ["select"];
    if (ofJanitor.has(table.name)) return privileges;
    // A purge begins with its entry in the log of the instance.
    if (table.name === "audit_heads") return privileges;
    if (table.name === "audit_entries") return ["select", "insert", "delete"];
    return isTenants(table) ? ["select", "delete"] : [];
  },
  zerorace_reader: (table) => (holdsSecrets(table) ? [] : ["select"]),
};

export const roleNames = Object.keys(roles);

/** Whoever connects looks first whether the schema is the one that it knows. */
const isLog = ({ name }: Table): boolean => name === "schema_migrations";

const isTenants = ({ columns }: Table): boolean => columns.some(({ name }) => name === "tenant_id");

const holdsSecrets = ({ columns }: Table): boolean =>
  columns.some(({ name }) => /^(secret|token|password)_hash$/.test(name));

/** Makes the roles and gives them their rights; what is right already is left alone. */
export async function prepareRoles(db: Db, onChange?: (says: string) => void): Promise<void> {
  const isDsql = db.dialect.name === "dsql";
  const tables = await transact(db, "read_tables", readTables, { readOnly: true });
  const client = await db.pool.connect();
  const change = async (statement: string): Promise<void> => {
    await takeSoon(client, statement);
    onChange?.(statement);
  };
  try {
    for (const [role, mayDo] of Object.entries(roles)) {
      if (await isMissing(client, role)) await change(`create role ${role} with login`);
      // Elsewhere everybody may look into the schema.
      if (isDsql && !(await maySeeSchema(client, role)))
        await change(`grant usage on schema ${dsqlSchema} to ${role}`);
      for (const table of tables) {
        const has = await rightsOf(client, role, table);
        const wanted = mayDo(table);
        const missing = wanted.filter((privilege) => !has.includes(privilege));
        const tooMany = has.filter((privilege) => !wanted.includes(privilege));
        if (missing.length > 0) await change(`grant ${missing.join()} on ${table.name} to ${role}`);
        if (tooMany.length > 0) {
          await change(`revoke ${tooMany.join()} on ${table.name} from ${role}`);
        }
      }
    }
  } finally {
    client.release();
  }
}

async function isMissing(client: PoolClient, role: string): Promise<boolean> {
  const { rows } = await client.query("select 1 from pg_roles where rolname = $1", [role]);
  return rows.length === 0;
}

async function maySeeSchema(client: PoolClient, role: string): Promise<boolean> {
  const { rows } = await client.query<{ may: boolean }>(
    "select has_schema_privilege($1, $2, 'usage') as may",
    [role, dsqlSchema],
  );
  return rows[0]?.may === true;
}

async function rightsOf(client: PoolClient, role: string, { name }: Table): Promise<Privilege[]> {
  const asked = privileges.map((privilege) => `has_table_privilege($1, $2, '${privilege}')`);
  const { rows } = await client.query<boolean[]>({
    text: `select ${asked.join()}`,
    values: [role, name],
    rowMode: "array",
  });
  return privileges.filter((_, index) => rows[0]?.[index] === true);
}

/** Another who does the same at the same time, or has just done it. */
const passing = new Set(["40001", "XX000"]);
const doneAlready = new Set(["42710", "23505"]);
const triesMax = 50;

async function takeSoon(client: PoolClient, statement: string): Promise<void> {
  for (let tried = 1; ; tried++) {
    try {
      await client.query(statement);
      return;
    } catch (error) {
      const { code = "" } = error as { code?: string };
      if (doneAlready.has(code)) return;
      if (!passing.has(code) || tried === triesMax) throw error;
      await sleep(10 + 40 * Math.random());
    }
  }
}
