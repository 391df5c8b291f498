import { crashPoint } from "../base/crash-points.ts";
import { ExhaustedError } from "../db/faults.ts";
import type { Db } from "../db/open.ts";
import { Columns } from "../db/rows.ts";
import { sql } from "../db/sql.ts";
import { transact, type Tx } from "../db/transact.ts";
import { canRecall, done, type Beside, type CommandResult } from "./gate.ts";

/** What a tenant does to an agent, under any load. An agent is no more than a name in asks. */

interface Subject {
  readonly tenantId: string;
  readonly agentId: string;
}

interface Block extends Subject {
  readonly reason?: string | undefined;
  readonly by: string;
}

type First<Outcome> = (command: (beside: Beside) => Promise<CommandResult>) => Promise<Outcome>;

/**
 * Once this returns the agent buys and holds nothing more, whatever was under way. Two commits, as for
 * every command that sales must notice: the first writes the block, which every load reads; the second,
 * many small ones here, moves on every bucket of money that such a sale could write. A sale that loaded
 * before the block collides with that, and is decided again with the block in sight.
 *
 * `first` runs the first commit, once for a key. The second is for a repeat as well: the process of the
 * one before may have died in between.
 */
export async function blockAgent<Outcome>(
  db: Db,
  block: Block,
  first: First<Outcome>,
): Promise<Outcome> {
  const outcome = await first((beside) =>
    transact(db, "block_agent", (tx) => write(tx, block, beside), { recalls: canRecall(beside) }),
  );
  crashPoint("block.written");
  await outlastSales(db, block);
  return outcome;
}

async function write(tx: Tx, block: Block, beside: Beside): Promise<CommandResult> {
  if (await beside.recall?.(tx)) return done({}, {});
  const { tenantId, agentId, reason = null, by } = block;
  const written = await tx.run(
    sql`insert into blocked_agents (tenant_id, agent_id, reason, blocked_by)
        values (${tenantId}, ${agentId}, ${reason}, ${by})
            on conflict (tenant_id, agent_id) do nothing`,
  );
  return noted(tx, beside, { was: written === 0, is: true });
}

/** An ask that comes afterwards is decided without the block: one commit is enough. */
export async function unblockAgent(
  db: Db,
  { tenantId, agentId }: Subject,
  beside: Beside,
): Promise<CommandResult> {
  const work = async (tx: Tx): Promise<CommandResult> => {
    if (await beside.recall?.(tx)) return done({}, {});
    const removed = await tx.run(
      sql`delete from blocked_agents where tenant_id = ${tenantId} and agent_id = ${agentId}`,
    );
    return noted(tx, beside, { was: removed === 1, is: false });
  };
  return transact(db, "unblock_agent", work, { recalls: canRecall(beside) });
}

async function noted(
  tx: Tx,
  beside: Beside,
  { was, is }: { readonly was: boolean; readonly is: boolean },
): Promise<CommandResult> {
  const change = { before: { blocked: was }, after: { blocked: is } };
  await beside.write(tx, change);
  return done(change.before, change.after);
}

interface Bucket {
  readonly mandateId: string;
  readonly bucket: number;
}

/** Aurora DSQL changes at most 3,000 rows in a transaction. */
const bucketsAtOnce = 1_000;
const mandatesAtOnce = 500;
const patienceMs = 60_000;

/**
 * Every grant writes a bucket of its mandate. A mandate that came, woke up or was dealt anew since the
 * block is loaded with the block in sight, or its command has written all its buckets.
 */
async function outlastSales(db: Db, subject: Subject): Promise<void> {
  const deadlineAt = performance.now() + patienceMs;
  for (let after = noId; ;) {
    const mandates = await mandatesAfter(db, subject, after);
    const buckets = mandates.flatMap(({ mandateId, buckets: count }) =>
      Array.from({ length: count }, (_, bucket): Bucket => ({ mandateId, bucket })),
    );
    for (let from = 0; from < buckets.length; from += bucketsAtOnce) {
      await moveOn(db, buckets.slice(from, from + bucketsAtOnce), deadlineAt);
    }
    const last = mandates.at(-1);
    if (!last) return;
    after = last.mandateId;
  }
}

const noId = "00000000-0000-0000-0000-000000000000";

interface Spendable {
  readonly mandateId: string;
  readonly buckets: number;
}

async function mandatesAfter(
  db: Db,
  { tenantId, agentId }: Subject,
  after: string,
): Promise<Spendable[]> {
  const query = sql`
    select mandate_id as "mandateId", buckets from mandates
     where tenant_id = ${tenantId} and mandate_id > ${after}
       and state = 'active' and (agent_id is null or agent_id = ${agentId})
     order by mandate_id limit ${mandatesAtOnce}`;
  return transact(db, "mandates_of_agent", (tx) => tx.rows<Spendable>(query), { readOnly: true });
}

const bucketColumns = new Columns<Bucket>({
  mandate_id: ["uuid", ({ mandateId }) => mandateId],
  bucket: ["integer", ({ bucket }) => bucket],
});

/** Many rows together lose against busy sales: then they go in halves, at last row by row. */
async function moveOn(db: Db, buckets: readonly Bucket[], deadlineAt: number): Promise<void> {
  const isOne = buckets.length === 1;
  const attemptsMax = isOne ? 1_000 : 2;
  try {
    await transact(
      db,
      "outlast_sales",
      (tx) =>
        tx.run(
          sql`update mandate_buckets b set version = b.version + 1
                from ${bucketColumns.of(buckets)} as k
               where b.mandate_id = k.mandate_id and b.bucket = k.bucket`,
        ),
      // To move on twice is as good as once.
      { recalls: true, attemptsMax, deadlineAt },
    );
  } catch (error) {
    if (isOne || !(error instanceof ExhaustedError)) throw error;
    const middle = Math.ceil(buckets.length / 2);
    await moveOn(db, buckets.slice(0, middle), deadlineAt);
    await moveOn(db, buckets.slice(middle), deadlineAt);
  }
}
