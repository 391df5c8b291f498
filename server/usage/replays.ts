import type { Log } from "../base/log.ts";
import type { Db } from "../db/open.ts";
import { Columns } from "../db/rows.ts";
import { sql } from "../db/sql.ts";
import { transact } from "../db/transact.ts";
import type { Kernel } from "../kernel/gather.ts";

/** Counts the repeats that this process answers from the record. */
export interface ReplayCounter {
  note(tenantId: string): void;
  /** Writes the totals; also done by itself every few seconds, and by `close`. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface ReplayOptions {
  readonly flushMs?: number;
  readonly now?: () => Date;
}

interface Total {
  readonly tenantId: string;
  readonly day: string;
  replays: number;
  written: number;
}

/** A process that is killed loses what it has not written: the replays of `flushMs` at most. */
export function openReplayCounter(
  db: Db,
  log: Pick<Log, "warn">,
  { flushMs = 5_000, now = () => new Date() }: ReplayOptions = {},
): ReplayCounter {
  const processId = db.dialect.newId();
  const totals = new Map<string, Total>();

  const flush = async (): Promise<void> => {
    const today = dayOf(now());
    const due = [...totals.values()].filter(({ replays, written }) => replays > written);
    try {
      for (let from = 0; from < due.length; from += rowsMax) {
        await writeTotals(db, processId, due.slice(from, from + rowsMax));
      }
    } catch (err) {
      log.warn({ err }, "the day's replays could not be written: tried again later");
    }
    for (const [name, { day, replays, written }] of totals) {
      if (day < today && replays === written) totals.delete(name);
    }
  };

  let flushing: Promise<void> = Promise.resolve();
  const flushInTurn = (): Promise<void> => (flushing = flushing.then(flush));
  const timer = setInterval(() => void flushInTurn(), flushMs);
  timer.unref();
  return {
    note(tenantId) {
      const day = dayOf(now());
      const name = `${tenantId} ${day}`;
      const total = totals.get(name);
      if (total) total.replays++;
      else totals.set(name, { tenantId, day, replays: 1, written: 0 });
    },
    flush: flushInTurn,
    close() {
      clearInterval(timer);
      return flushInTurn();
    },
  };
}

const rowsMax = 1_000;

function dayOf(at: Date): string {
  return at.toISOString().slice(0, 10);
}

const totalColumns = new Columns<Total>({
  tenant_id: ["uuid", (r) => r.tenantId],
  day: ["date", (r) => r.day],
  replays: ["bigint", (r) => r.replays],
});

/** Totals, not what was added: written twice, after a COMMIT in doubt, they still count once. */
async function writeTotals(db: Db, processId: string, totals: readonly Total[]): Promise<void> {
  // Copies: more replays are noted while these are written.
  const rows = totals.map((total) => ({ ...total }));
  const query = sql`
    insert into usage_replays (tenant_id, day, process_id, replays)
    select tenant_id, day, ${processId}::uuid, replays
      from ${totalColumns.of(rows)} as r
        on conflict (tenant_id, day, process_id) do update
           set replays = greatest(usage_replays.replays, excluded.replays)`;
  await transact(db, "replays", (tx) => tx.run(query), { recalls: true });
  totals.forEach((total, at) => (total.written = rows[at]?.replays ?? 0));
}

/** The same kernel, of which every replay is noted; what was noted is written when it closes. */
export function countReplays(kernel: Kernel, replays: ReplayCounter): Kernel {
  return {
    async ask(ask) {
      const answer = await kernel.ask(ask);
      if ("replayed" in answer && answer.replayed) replays.note(ask.tenantId);
      return answer;
    },
    async close() {
      await kernel.close();
      await replays.close();
    },
  };
}
