import { AskError, orAsked } from "./asking.ts";
import { Conversation } from "./conversation.ts";
import { copiesFor, missesRows } from "./copies.ts";
import { encodeLog } from "./encode.ts";
import type { ServerError } from "./frames.ts";
import { literal } from "./notes.ts";
import type { Statement } from "./parse.ts";
import { isForeignRace, isRace } from "./races.ts";
import type { Step } from "./steps.ts";
import type { Entry } from "./transaction.ts";
import type { Work } from "./work.ts";

/** Whether the transaction is there for these steps: back from where it stepped aside to. */
export async function isPresent(work: Work, steps: readonly Step[]): Promise<boolean> {
  const { transaction } = work;
  if (!transaction) return true;
  if (transaction.aside && !(await comeBack(work)) && !(await loseTo(work, []))) return false;
  if (transaction.copies.size === 0) return true;
  const unseen = steps
    .flatMap(({ statement }) => statement ?? [])
    .filter((statement) => missesRows(statement, transaction));
  return unseen.length === 0 || loseTo(work, unseen);
}

/** Takes the locks again by running everything again. False when the race is lost by now. */
export async function comeBack(work: Work): Promise<boolean> {
  const { transaction } = work;
  if (!transaction) return true;
  transaction.aside = false;
  if (transaction.doomed) return false;
  const failed = await replay(work);
  if (failed === undefined) return true;
  if (failed !== "again") return false;
  await work.command("back");
  return comeBack(work);
}

/** True when the statement may run again, over a private copy if its race is lost. */
export async function recover(
  work: Work,
  error: ServerError,
  statement: Statement | undefined,
): Promise<boolean> {
  const { transaction, cluster } = work;
  if (!transaction || !statement) return false;
  if (isInterruption(error)) {
    await work.command("back");
    return (await comeBack(work)) || loseTo(work, [statement]);
  }
  if (error.sqlstate === "40001") return loseTo(work, [statement]);
  const isLost = races[error.sqlstate];
  if (!isLost || cluster.commits === transaction.commitsBefore) return false;
  await work.command("back");
  if (await comeBack(work)) {
    const race = await isLost(work, error).catch(orAsked(true));
    if (!race) return false;
  }
  return loseTo(work, [statement]);
}

/** Errors of keys that may be races. */
const races: Readonly<Record<string, typeof isRace>> = { "23505": isRace, "23503": isForeignRace };

/**
 * Our own doing, or the database's way out of a deadlock: neither reaches a client. Nobody but us cancels
 * anything, and a cancel may come late and meet the statement after the one that it was meant for.
 */
function isInterruption({ sqlstate }: ServerError): boolean {
  return sqlstate === "57014" || sqlstate === "40P01" || sqlstate === "55P03";
}

/**
 * The race is lost, and the client will hear so at COMMIT. Until then it is answered from copies of
 * the tables in question as its snapshot shows them. False where that is not possible.
 */
async function loseTo(work: Work, statements: readonly Statement[]): Promise<boolean> {
  const { transaction } = work;
  if (!transaction) return false;
  transaction.doomed = true;
  let concerned = statements;
  for (;;) {
    if (!copiesFor(concerned, transaction) && concerned.length > 0) return false;
    await work.command("back");
    try {
      for (const { table, isFull } of transaction.copies.values()) {
        await work.ask(`select dsql_local.copy_of(${literal(table)}, ${isFull})`);
      }
    } catch (error) {
      if (error instanceof AskError) return false;
      throw error;
    }
    const failed = await replay(work);
    if (failed === undefined) return true;
    concerned = failed === "again" ? [] : [failed.statement];
  }
}

/** Runs the log again in one round trip: the entry at which it went another way, if it did. */
async function replay(work: Work): Promise<Entry | "again" | undefined> {
  const { transaction } = work;
  if (!transaction || transaction.log.length === 0) return undefined;
  const { bytes, ops } = encodeLog(transaction);
  const talk = new Conversation(ops);
  await work.converse(bytes, talk);
  if (talk.error && isInterruption(talk.error)) return "again";
  if (talk.error) return transaction.log[ops[talk.failedAt]?.step ?? 0];
  return talk.divergedAt < 0 ? undefined : transaction.log[talk.divergedAt];
}
