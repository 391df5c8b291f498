import { isDeepStrictEqual } from "node:util";
import { crashPoint } from "../base/crash-points.ts";
import { loadAll, takenSteps, whatIsThere, type Loading } from "../db/load.ts";
import { migrate } from "../db/migrate.ts";
import { readMigrations, type Migration } from "../db/migration-files.ts";
import { SchemaError } from "../db/migration-step.ts";
import type { Db } from "../db/open.ts";
import { sql } from "../db/sql.ts";
import { holds, proveIn, type Proof } from "../proof/prove.ts";
import type { DumpedTable } from "../db/dump.ts";
import { BackupError, type Header } from "./format.ts";
import { readBackup, verifyBackup, type Piece } from "./read.ts";

export interface Restored {
  readonly header: Header;
  readonly rows: number;
  readonly proof: Proof;
  /** Steps of the schema that were taken after the rows were there. */
  readonly upgradedBy: number;
}

/**
 * Into an empty database, in one transaction: rows, then every invariant over them, then COMMIT. Books
 * that do not hold are never there for anybody to sell on.
 */
export async function restoreBackup(
  db: Db,
  path: string,
  onTable?: (name: string) => void,
): Promise<Restored> {
  const { header, footer } = await verifyBackup(path);
  await prepareSchema(db, header);
  crashPoint("restore.schema");
  const wanted = Object.values(footer.tables).reduce((sum, table) => sum + table.rows, 0);
  let proof: Proof | undefined;
  const good = await loadAll(db, async (loading) => {
    const rows = await loadRows(path, loading, onTable);
    if (rows !== wanted) throw new BackupError(`only ${rows} of ${wanted} rows could be loaded`);
    onTable?.("every invariant");
    await loading.tx.run(sql`analyze`);
    proof = await proveIn(loading.tx);
    return holds(proof);
  });
  if (!proof) throw new BackupError("it was not proven");
  const upgradedBy = good ? (await migrate(db, { alone: true })).length : 0;
  return { header, rows: wanted, proof, upgradedBy };
}

/** The schema that the backup was made on, without a row; what this version adds comes afterwards. */
async function prepareSchema(db: Db, header: Header): Promise<void> {
  const ours = await readMigrations();
  const migrations = ours.flatMap((one) => known(one, header) ?? []);
  const steps = migrations.reduce((sum, one) => sum + one.steps.length, 0);
  if (steps !== header.migrations.length) {
    throw new BackupError(
      `it was made by a newer version, ${header.version}, with a schema that this one does not know: ` +
        "restore it with that version",
    );
  }
  const { tables, filled } = await whatIsThere(db);
  if (filled.length > 0) {
    throw new BackupError(
      `the database is not empty: ${filled.slice(0, 3).join(", ")}${filled.length > 3 ? " and others" : ""} ` +
        "have rows. Restore into an empty database, and point ZERORACE_DATABASE_URL to it",
    );
  }
  // A schema that knows more than the backup did, or other words, is not one that it fits into.
  const others =
    "the database has the schema of another version already, without a row: drop its schema " +
    "(drop schema public cascade; create schema public), and restore again";
  await migrate(db, { migrations, alone: true }).catch((error: unknown) => {
    if (!(error instanceof SchemaError) || tables.length === 0) throw error;
    throw new BackupError(others, { cause: error });
  });
  if (!isDeepStrictEqual(await takenSteps(db), header.migrations)) {
    // One that was only added to is no error to `migrate`, but it is not the one of the backup.
    if (tables.length > 0) throw new BackupError(others);
    throw new BackupError("its schema is not the one that this version makes of the same steps");
  }
}

/** A migration of ours as far as it had been taken when the backup was made. */
function known(one: Migration, { migrations }: Header): Migration | undefined {
  const taken = migrations.filter(([version]) => version === one.version);
  return taken.length === 0 ? undefined : { ...one, steps: one.steps.slice(0, taken.length) };
}

async function loadRows(
  path: string,
  loading: Loading,
  onTable?: (name: string) => void,
): Promise<number> {
  const pieces = readBackup(path);
  let total = 0;
  for (;;) {
    const { value: piece, done } = await pieces.next();
    if (done === true) return total;
    if (piece.kind !== "table") continue;
    onTable?.(piece.table.name);
    total += await loading.load(piece.table, rowsOf(pieces, piece.table));
    crashPoint("restore.table");
  }
}

/** Up to the end of its table. */
async function* rowsOf(
  pieces: AsyncGenerator<Piece>,
  { name }: DumpedTable,
): AsyncGenerator<Buffer> {
  for (;;) {
    const { value: piece, done } = await pieces.next();
    if (done === true) throw new BackupError(`it ends within ${name}`);
    if (piece.kind === "end") return;
    if (piece.kind === "rows") yield piece.rows;
  }
}
