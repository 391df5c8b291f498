import { setTimeout as sleep } from "node:timers/promises";
import type { FaultName } from "./injections.ts";
import { comeBack } from "./losing.ts";
import { refuse, type Refusal } from "./rules.ts";
import type { Transaction } from "./transaction.ts";
import type { Work, Wrong } from "./work.ts";

/** How a COMMIT ended: as asked, with an error, with the socket cut, or as a ROLLBACK. */
export type End = "done" | "cut" | "rolledBack" | { readonly wrong: Wrong };

/**
 * Ends a transaction as DSQL's adjudicator does: everything that can speak against it is looked at
 * here, and only here. `send` puts COMMIT to the database in the client's own form.
 */
export async function commit(work: Work, send: () => Promise<Wrong | undefined>): Promise<End> {
  const { transaction, cluster } = work;
  if (!transaction) return asEnd(await send());
  if (transaction.failed) {
    await rollback(work);
    return "rolledBack";
  }
  const { commitDelayMs } = cluster.settings;
  // While it travels it holds nothing: another may still be first.
  if (commitDelayMs > 0 && isWriting(transaction)) {
    work.release();
    await sleep(commitDelayMs);
    await work.engage();
  }
  const refusal = reasonAgainst(work, transaction);
  if (refusal) return lost(work, refusal);
  const fault = isInjectable(work)
    ? cluster.injections.next(transaction, work.application)
    : undefined;
  const before = fault === undefined ? undefined : await fails(work, fault);
  if (before) return before;
  transaction.committing = true;
  if (transaction.doomed || (transaction.aside && !(await comeBack(work)))) {
    return lost(work, refuse("oc000"));
  }
  const wrong = await send();
  if (wrong) return lost(work, wrong);
  await committed(work, transaction);
  if (fault === "XX000-after") return { wrong: refuse("unavailable") };
  return fault === "cut-after" ? "cut" : "done";
}

export async function rollback(work: Work): Promise<void> {
  work.transaction = undefined;
  await work.command("rollback");
}

const asEnd = (wrong: Wrong | undefined): End => (wrong ? { wrong } : "done");

async function lost(work: Work, wrong: Wrong): Promise<End> {
  await rollback(work);
  return { wrong };
}

const isWriting = ({ wroteRows, locks }: Transaction): boolean => wroteRows || locks;

const isInjectable = ({ cluster, transaction }: Work): boolean =>
  cluster.injections.any && transaction !== undefined && isWriting(transaction);

function reasonAgainst(work: Work, transaction: Transaction): Refusal | undefined {
  const { cluster } = work;
  const old = tooOld(work, transaction);
  if (old) return old;
  const { size } = transaction;
  if (size > cluster.settings.bytesMax) {
    const mb = Math.ceil(size / 1024 / 1024);
    return { ...refuse("size"), detail: `Current transaction size ${mb}mb > 10mb` };
  }
  const saw = transaction.statements > 0;
  if (!saw || transaction.catalog === cluster.catalog) return undefined;
  // A single statement that ends in the moment in which a job does is let through.
  const isOld = transaction.catalog.changes !== cluster.catalog.changes || !transaction.isImplicit;
  return isOld ? refuse("oc001") : undefined;
}

export function tooOld({ cluster }: Work, { startedAt }: Transaction): Refusal | undefined {
  const ageMs = performance.now() - startedAt;
  if (ageMs <= cluster.settings.transactionMs) return undefined;
  const detail = `Current transaction age ${Math.floor(ageMs / 1000)}s exceeds 300s`;
  return { ...refuse("age"), detail };
}

/** The faults that strike before anything is committed. */
async function fails(work: Work, fault: FaultName): Promise<End | undefined> {
  switch (fault) {
    case "OC000":
      return lost(work, refuse("oc000"));
    case "OC001":
      return lost(work, refuse("oc001"));
    case "XX000-before":
      return lost(work, refuse("unavailable"));
    case "rollback":
      await rollback(work);
      return "rolledBack";
    case "cut-before":
      await rollback(work);
      return "cut";
    case "XX000-after":
    case "cut-after":
      return undefined;
  }
}

async function committed(work: Work, transaction: Transaction): Promise<void> {
  const { cluster } = work;
  work.transaction = undefined;
  if (isWriting(transaction)) cluster.commits++;
  for (const table of transaction.deletedFrom) cluster.deletes.set(table, cluster.commits);
  for (const rival of transaction.rivals) rival.doomed = true;
  if (transaction.ddl > 0) await cluster.changed();
  if (transaction.startedJob) cluster.jobs.wake();
}
