import { record } from "../audit/record.ts";
import { assert } from "../base/assert.ts";
import { faultOf } from "../db/faults.ts";
import type { Db } from "../db/open.ts";
import { sql } from "../db/sql.ts";
import { transact, type Tx } from "../db/transact.ts";
import type { NewItemBody } from "../http/new-item.ts";
import { rulesOf, type MandateBody } from "../http/new-mandate.ts";
import { leaveEvents } from "../kernel/command-events.ts";
import { openItemsIn, openMandatesIn, type NewItem, type NewMandate } from "../kernel/openings.ts";
import type { Working } from "./check.ts";
import { beginning, type CsvRow, type Place } from "./csv-reader.ts";
import { addFaults, addMade } from "./row-results.ts";
import { askZones, badOf, judge, type JudgedBy } from "./judge.ts";
import { rowsFrom } from "./parts.ts";
import { mappingOf, planFor, type Plan } from "./plan.ts";
import { isBad, readRow, type BadRow, type GoodRow } from "./read-row.ts";
import { endImport, findImport, type Import } from "./store.ts";

/** How long what an import made can be taken back. */
export const undoHours = 24;

/** Who does what a person or a key has begun, in the audit log. */
export const worker = { kind: "system", id: "imports" } as const;

/** Aurora DSQL changes at most 3,000 rows in a transaction. */
export const changesMax = 2_400;
const bytesMax = 2 * 1024 * 1024;

/** A row as the file has it, which says where the next one begins, and what was read from it. */
interface Entry {
  readonly csv: CsvRow;
  readonly row: GoodRow | BadRow;
}

/** Becomes things in one transaction. Never empty. */
type Batch = readonly Entry[];

/**
 * Makes rows until it is over or `untilMs`. What the import's row says has been made moves on in the
 * transaction that makes it, so whoever takes it up goes on behind the last row that was made.
 */
export async function makeRows(
  db: Db,
  it: Import,
  { signal, tell, untilMs }: Working & { readonly untilMs: number },
): Promise<number> {
  const { importId, tenantId } = it;
  const maker = new Maker(db, it, await headerOf(db, it));
  let made = 0;
  for await (const rows of rowsFrom(db, importId, it.delimiter ?? ",", maker.begin())) {
    for (const batch of maker.batches(rows)) {
      if (signal.aborted || performance.now() > untilMs) return made;
      const done = await maker.make(batch);
      if (done === undefined) return made;
      made += done;
      tell();
    }
  }
  await transact(db, "finish_import", (tx) => finish(tx, it), { recalls: true, turn: tenantId });
  tell();
  return made;
}

async function headerOf(db: Db, it: Import): Promise<CsvRow | undefined> {
  for await (const rows of rowsFrom(db, it.importId, it.delimiter ?? ",", beginning)) {
    const [header] = rows;
    if (header) return header;
  }
  return undefined;
}

class Maker {
  readonly #db: Db;
  readonly #it: Import;
  readonly #plan: Plan;
  readonly #header: CsvRow;
  readonly #zones = new Map<string, boolean>();
  readonly #startMs = performance.now();
  #done = 0;
  /** The number of the row that is made next. */
  #next: number;

  constructor(db: Db, it: Import, header: CsvRow | undefined) {
    assert(header, "a checked file has a header");
    this.#db = db;
    this.#it = it;
    this.#header = header;
    this.#plan = planFor(it.kind, header, mappingOf(it));
    this.#next = this.begin().row;
  }

  begin(): Place {
    const { nextRow: row, nextLine: line, nextByte: byte } = this.#it;
    return row === 0 ? this.#header.next : { row, line, byte };
  }

  *batches(rows: readonly CsvRow[]): Generator<Batch> {
    let batch: Entry[] = [];
    let [changes, bytes] = [0, 0];
    for (const csv of rows) {
      const row = readRow(this.#plan, csv);
      const weight = isBad(row) ? 1 : changesOf(row);
      const size = row.cells.reduce((sum, cell) => sum + 3 * cell.length, 500);
      if (batch.length > 0 && (changes + weight > changesMax || bytes + size > bytesMax)) {
        yield batch;
        [batch, changes, bytes] = [[], 0, 0];
      }
      batch.push({ csv, row });
      [changes, bytes] = [changes + weight, bytes + size];
    }
    if (batch.length > 0) yield batch;
  }

  /** How many rows it came on; undefined: somebody stopped it, or took it up in our place. */
  async make(batch: Batch): Promise<number | undefined> {
    await askZones(this.#db, goodOf(batch), this.#zones);
    try {
      const work = (tx: Tx) => this.#makeIn(tx, batch);
      const isOurs = await transact(this.#db, "make_imported", work, { recalls: true });
      if (!isOurs) return undefined;
    } catch (error) {
      // What the database refuses about one row must not stop the others.
      if (faultOf(error, false) !== "poison") throw error;
      return this.#apart(batch);
    }
    this.#next = placeAfter(batch).row;
    this.#done += batch.length;
    return batch.length;
  }

  async #apart(batch: Batch): Promise<number | undefined> {
    const half = Math.ceil(batch.length / 2);
    const [first] = batch;
    if (batch.length === 1 && first) {
      assert(!isBad(first.row), "a bad row alone can be written down");
      const reason = { field: "", code: "INVALID_VALUE", detail: "the database refuses this row" };
      return this.make([{ ...first, row: badOf(first.row, this.#plan, reason) }]);
    }
    const one = await this.make(batch.slice(0, half));
    const other = one === undefined ? undefined : await this.make(batch.slice(half));
    return one === undefined || other === undefined ? undefined : one + other;
  }

  async #makeIn(tx: Tx, batch: Batch): Promise<boolean> {
    const { importId, tenantId } = this.#it;
    const next = placeAfter(batch);
    const [stand] = await tx.tuples<[state: string, nextRow: number]>(
      sql`select state, next_row from imports where import_id = ${importId}`,
    );
    const [state, nextRow = 0] = stand ?? [];
    // The answer to an earlier COMMIT was lost.
    if (nextRow === next.row) return true;
    if (state !== "importing" || (nextRow || this.#header.next.row) !== this.#next) return false;
    const by: JudgedBy = { tenantId, plan: this.#plan, zones: this.#zones, isDryRun: false };
    const { good, bad } = await judge(tx, by, goodOf(batch));
    const refused = [...batch.map(({ row }) => row).filter(isBad), ...bad];
    const made = good.map((row) => {
      const { buckets = 0 } = row.made.body;
      return { ...row, objectId: this.#db.dialect.newId(), buckets };
    });
    const perSecond = (this.#done + batch.length) / ((performance.now() - this.#startMs) / 1000);
    await Promise.all([
      this.#open(tx, made),
      addMade(tx, this.#it, made),
      addFaults(tx, this.#it, "import", refused),
      tx.write(
        sql`update imports
               set next_row = ${next.row}, next_line = ${next.line}, next_byte = ${next.byte},
                   rows_made = rows_made + ${made.length}::integer,
                   rows_refused = rows_refused + ${refused.length}::integer,
                   rows_per_second = ${Math.round(perSecond)}, changed_at = now()
             where import_id = ${importId}`,
        1,
      ),
    ]);
    return true;
  }

  async #open(tx: Tx, rows: readonly (GoodRow & { readonly objectId: string })[]): Promise<void> {
    const { tenantId, kind } = this.#it;
    const items: NewItem[] = [];
    const mandates: NewMandate[] = [];
    for (const { made, objectId } of rows) {
      if (made.kind === "items") items.push(itemOf(tenantId, objectId, made.body));
      else mandates.push(mandateOf(tenantId, objectId, made.body));
    }
    const created = kind === "items" ? "item.created" : "mandate.created";
    await Promise.all([
      items.length > 0 && openItemsIn(tx, items, () => this.#db.dialect.newId()),
      openMandatesIn(tx, mandates),
      leaveEvents(
        tx,
        this.#db,
        rows.map(({ objectId: subjectId }) => ({ tenantId, kind: created, subjectId })),
      ),
    ]);
  }
}

const goodOf = (batch: Batch): GoodRow[] => batch.flatMap(({ row }) => (isBad(row) ? [] : [row]));

function placeAfter(batch: Batch): Place {
  const last = batch.at(-1);
  assert(last, "a batch is never empty");
  return last.csv.next;
}

/** Rows of tables: its own, its buckets, its event and the import's. */
function changesOf({ made }: GoodRow): number {
  return (made.body.buckets ?? 0) + (made.kind === "items" ? 6 : 3);
}

function itemOf(tenantId: string, itemId: string, body: NewItemBody): NewItem {
  const { merchantId, sku, name, currency, priceMinor, stock, buckets } = body;
  return {
    itemId,
    tenantId,
    merchantId,
    sku,
    name,
    currency,
    priceMinor: BigInt(priceMinor),
    stock: BigInt(stock),
    ...(buckets !== undefined && { buckets }),
  };
}

function mandateOf(tenantId: string, mandateId: string, body: MandateBody): NewMandate {
  const { name, currency, capMinor, buckets } = body;
  return {
    mandateId,
    tenantId,
    name,
    currency,
    capMinor: BigInt(capMinor),
    ...rulesOf(body),
    ...(buckets !== undefined && { buckets }),
  };
}

/** With one entry in the audit log for all of it. */
async function finish(tx: Tx, { importId, tenantId }: Import): Promise<void> {
  const it = await findImport(tx, importId);
  if (it?.state !== "importing") return;
  await endImport(tx, importId, "done", undoHours);
  const { kind, fileName, sha256, rowsMade, rowsRefused } = it;
  await record(tx, {
    tenantId,
    actor: worker,
    action: "import.finish",
    object: { kind: "import", id: importId },
    after: { kind, fileName, sha256, rowsMade, rowsRefused },
  });
}
