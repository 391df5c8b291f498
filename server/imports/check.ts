import { createHash, hash } from "node:crypto";
import type { Db } from "../db/open.ts";
import { sql } from "../db/sql.ts";
import { transact, type Tx } from "../db/transact.ts";
import { beginning, FileFault, type CsvRow } from "./csv-reader.ts";
import { addFaults, dropFaults } from "./row-results.ts";
import { askZones, badOf, judge, keyOfSku } from "./judge.ts";
import { rowsMax } from "./limits.ts";
import { rowsFrom } from "./parts.ts";
import { mappingOf, planFor, type Plan } from "./plan.ts";
import { isBad, readRow, type BadRow, type GoodRow } from "./read-row.ts";
import { rejectImport, type Import } from "./store.ts";

/** Somebody cancelled it, asked for another check, or took it up in this worker's place. */
class Superseded extends Error {
  override readonly name = "Superseded";
}

export interface Working {
  readonly signal: AbortSignal;
  /** Says to who watches that there is something new. */
  readonly tell: () => void;
}

/**
 * The dry run: every row by every rule, and nothing made. One pass from the first row to the last; what
 * it found so far is worth nothing without the rest, so who takes it up again begins anew.
 */
export async function checkImport(db: Db, it: Import, { signal, tell }: Working): Promise<void> {
  const { importId } = it;
  const checkNo = await claimCheck(db, importId);
  if (checkNo === undefined) return;
  await forgetCheck(db, importId);
  const checking = new Checking(db, it, checkNo);
  try {
    await checking.run({ signal, tell });
  } catch (error) {
    if (error instanceof Superseded) return;
    if (!(error instanceof FileFault)) throw error;
    const problem = { code: error.code, detail: error.message };
    await transact(
      db,
      "reject_import",
      async (tx) => {
        if (await isCurrent(tx, importId, checkNo)) await rejectImport(tx, importId, problem);
      },
      { recalls: true },
    );
  }
  tell();
}

const rowsAtOnce = 1_000;
/** What is written in one transaction; Aurora DSQL takes 10 MiB. */
const bytesAtOnce = 2 * 1024 * 1024;

async function claimCheck(db: Db, importId: string): Promise<number | undefined> {
  const query = sql`update imports
                       set check_no = check_no + 1, bytes_checked = 0, rows_checked = 0, rows_good = 0,
                           rows_bad = 0, changed_at = now()
                     where import_id = ${importId} and state = 'checking'
                 returning check_no`;
  const [row] = await transact(db, "claim_check", (tx) => tx.tuples<[number]>(query), {
    recalls: true,
  });
  return row?.[0];
}

async function forgetCheck(db: Db, importId: string): Promise<void> {
  const drop = (tx: Tx) => dropFaults(tx, importId, rowsAtOnce);
  for (let gone = rowsAtOnce; gone === rowsAtOnce;) {
    gone = await transact(db, "forget_check", drop, { recalls: true });
  }
}

interface Stand {
  readonly state: string;
  readonly checkNo: number;
  readonly rowsChecked: number;
  readonly rowsBad: number;
}

async function standOf(tx: Tx, importId: string): Promise<Stand | undefined> {
  const [stand] = await tx.rows<Stand>(
    sql`select state, check_no as "checkNo", rows_checked as "rowsChecked", rows_bad as "rowsBad"
          from imports where import_id = ${importId}`,
  );
  return stand;
}

async function isCurrent(tx: Tx, importId: string, checkNo: number): Promise<boolean> {
  const stand = await standOf(tx, importId);
  return stand?.state === "checking" && stand.checkNo === checkNo;
}

class Checking {
  readonly #db: Db;
  readonly #it: Import;
  readonly #checkNo: number;
  readonly #zones = new Map<string, boolean>();
  /** The row that has it, by a digest of merchant and SKU: whole names of 500,000 rows would weigh. */
  readonly #skus = new Map<string, number>();
  readonly #sha256 = createHash("sha256");
  #plan: Plan | undefined;
  #bytes = 0;
  #checked = 0;
  #bad = 0;

  constructor(db: Db, it: Import, checkNo: number) {
    this.#db = db;
    this.#it = it;
    this.#checkNo = checkNo;
  }

  async run({ signal, tell }: Working): Promise<void> {
    const { importId, delimiter } = this.#it;
    const heard = (bytes: Buffer): void => {
      this.#sha256.update(bytes);
      this.#bytes += bytes.length;
    };
    for await (const rows of rowsFrom(this.#db, importId, delimiter ?? ",", beginning, heard)) {
      const header = this.#plan ? undefined : rows.shift();
      if (header) this.#plan = planFor(this.#it.kind, header, mappingOf(this.#it));
      for (let at = 0; at < rows.length; at += rowsAtOnce) {
        if (signal.aborted) throw new Superseded();
        await this.#check(rows.slice(at, at + rowsAtOnce));
        tell();
      }
    }
    if (this.#checked === 0) {
      throw new FileFault("EMPTY_FILE", "The file has no row below its header.");
    }
    await this.#finish();
  }

  async #check(rows: readonly CsvRow[]): Promise<void> {
    const plan = this.#plan as Plan;
    const read = rows.map((row) => readRow(plan, row));
    const good = read.filter((row): row is GoodRow => !isBad(row));
    await askZones(this.#db, good, this.#zones);
    const by = { tenantId: this.#it.tenantId, plan, zones: this.#zones, isDryRun: true };
    const judged = await transact(this.#db, "judge_import", (tx) => judge(tx, by, good), {
      readOnly: true,
    });
    const bad = [...read.filter(isBad), ...judged.bad, ...this.#repeated(plan, judged.good)];
    bad.sort((one, other) => one.row - other.row);
    if (this.#checked + rows.length > rowsMax) {
      const says = `The file has more than ${rowsMax.toLocaleString("en")} rows: split it.`;
      throw new FileFault("TOO_MANY_ROWS", says);
    }
    for (const some of byWeight(bad)) await this.#note(some, 0);
    await this.#note([], rows.length);
  }

  /** Within the file: of rows further up that are good. */
  #repeated(plan: Plan, rows: readonly GoodRow[]): BadRow[] {
    return rows.flatMap((one) => {
      if (one.made.kind !== "items") return [];
      const digest = hash("sha1", keyOfSku(one.made.body), "base64url").slice(0, 16);
      const first = this.#skus.get(digest);
      if (first === undefined) this.#skus.set(digest, one.row);
      if (first === undefined) return [];
      const detail = `Row ${first} of this file has the same SKU.`;
      return [badOf(one, plan, { field: "sku", code: "SKU_TAKEN", detail })];
    });
  }

  /** Bad rows, or that so many more were looked at. */
  async #note(bad: readonly BadRow[], more: number): Promise<void> {
    const { importId } = this.#it;
    const [rowsChecked, rowsBad] = [this.#checked + more, this.#bad + bad.length];
    const isOurs = await transact(
      this.#db,
      "note_check",
      async (tx) => {
        const stand = await standOf(tx, importId);
        if (stand?.state !== "checking" || stand.checkNo !== this.#checkNo) return false;
        // The answer to an earlier COMMIT was lost.
        if (stand.rowsChecked === rowsChecked && stand.rowsBad === rowsBad) return true;
        await Promise.all([
          addFaults(tx, this.#it, "check", bad),
          tx.write(
            sql`update imports
                   set bytes_checked = ${this.#bytes}, rows_checked = ${rowsChecked},
                       rows_bad = ${rowsBad}, changed_at = now()
                 where import_id = ${importId}`,
            1,
          ),
        ]);
        return true;
      },
      { recalls: true },
    );
    if (!isOurs) throw new Superseded();
    [this.#checked, this.#bad] = [rowsChecked, rowsBad];
  }

  async #finish(): Promise<void> {
    const { importId } = this.#it;
    const sha256 = this.#sha256.digest("hex");
    const finish = sql`update imports
                          set state = 'checked', sha256 = ${sha256}, changed_at = now(),
                              rows_good = rows_checked - rows_bad
                        where import_id = ${importId} and state = 'checking'
                          and check_no = ${this.#checkNo}`;
    await transact(this.#db, "finish_check", (tx) => tx.run(finish), { recalls: true });
  }
}

function byWeight(rows: readonly BadRow[]): BadRow[][] {
  const lists: BadRow[][] = [];
  let bytes = Infinity;
  for (const row of rows) {
    const weight = row.cells.reduce((sum, cell) => sum + 3 * cell.length, 500);
    if (bytes + weight > bytesAtOnce) {
      lists.push([]);
      bytes = 0;
    }
    lists.at(-1)?.push(row);
    bytes += weight;
  }
  return lists;
}
