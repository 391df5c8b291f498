import { startOf, type Page } from "../db/page.ts";
import type { Db } from "../db/open.ts";
import { Fragment, sql } from "../db/sql.ts";
import { transact, type Tx } from "../db/transact.ts";

export interface RunSizes {
  readonly agents: number;
  readonly units: number;
  readonly mandates: number;
  readonly concurrency: number;
  readonly duplicatePercent: number;
}

export type RunState = "queued" | "running" | "finished" | "stopped" | "failed" | "interrupted";

export interface Run extends RunSizes {
  readonly runId: string;
  readonly tenantId: string;
  readonly state: RunState;
  readonly seed: bigint;
  /** JSON; so are the frame and the report. */
  readonly faults: string | null;
  readonly frame: string | null;
  readonly report: string | null;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly isStopping: boolean;
  readonly startedBy: string | null;
  readonly world: RunWorld;
  readonly worldId: string | null;
}

/** What became of the books that a run sold from. */
export type RunWorld = "none" | "there" | "gone";

const select = new Fragment(`
  select run_id as "runId", tenant_id as "tenantId", state, agents, units, mandates, concurrency,
         duplicate_percent as "duplicatePercent", seed, faults, frame, report, created_at::text as "createdAt",
         started_at::text as "startedAt", ended_at::text as "endedAt",
         stop_asked_at is not null as "isStopping",
         case when started_by like 'person:%'
              then (select name from people where person_id = substr(started_by, 8)::uuid)
              when started_by like 'key:%'
              then (select name from api_keys where key_id = substr(started_by, 5)) end as "startedBy",
         case when world_id is null then 'none'
              when world_id in (select tenant_id from tenants where tenant_id = world_id)
               and world_id not in (select p.world_id from world_purges p) then 'there'
              else 'gone' end as world,
         world_id as "worldId"
    from runs`);

export interface NewRun extends RunSizes {
  readonly runId: string;
  readonly tenantId: string;
  readonly seed: number;
  readonly faults: string | null;
  readonly startedBy: string;
}

export async function insertRun(tx: Tx, run: NewRun): Promise<void> {
  const { runId, tenantId, agents, units, mandates, concurrency, duplicatePercent, seed } = run;
  const { faults, startedBy } = run;
  await tx.write(
    sql`insert into runs (run_id, tenant_id, state, agents, units, mandates, concurrency, duplicate_percent,
                          seed, faults, started_by)
        values (${runId}, ${tenantId}, 'queued', ${agents}, ${units}, ${mandates}, ${concurrency},
                ${duplicatePercent}, ${seed}, ${faults}, ${startedBy})`,
    1,
  );
}

/** How many wait, of this tenant and of all. */
export async function countQueued(tx: Tx, tenantId: string): Promise<{ own: number; all: number }> {
  const [row] = await tx.rows<{ own: number; all: number }>(
    sql`select count(*) filter (where tenant_id = ${tenantId})::integer as own, count(*)::integer as all
          from runs where state = 'queued'`,
  );
  return row ?? { own: 0, all: 0 };
}

export async function findRun(tx: Tx, runId: string): Promise<Run | undefined> {
  const [run] = await tx.rows<Run>(sql`${select} where run_id = ${runId}`);
  return run;
}

export async function listRuns(tx: Tx, tenantId: string, page: Page): Promise<Run[]> {
  const { createdAt, id } = startOf(page);
  return tx.rows<Run>(
    sql`${select}
         where tenant_id = ${tenantId} and (created_at, run_id) < (${createdAt}::timestamptz, ${id}::uuid)
         order by created_at desc, run_id desc
         limit ${page.limit}`,
  );
}

/** One that waits is over at once; one that runs hears of it within a second. */
export async function askToStop(tx: Tx, runId: string): Promise<void> {
  await tx.run(
    sql`update runs set stop_asked_at = now(),
               state = case state when 'queued' then 'stopped' else state end,
               ended_at = case state when 'queued' then now() else ended_at end
         where run_id = ${runId} and state in ('queued', 'running') and stop_asked_at is null`,
  );
}

/** A server that has said nothing for so long is gone, and what it did is over. */
const silentSeconds = 10;

/** Those whose server is gone are over. Returns them. */
export async function interruptSilent(db: Db): Promise<Pick<Run, "runId" | "tenantId">[]> {
  return transact(
    db,
    "interrupt_runs",
    (tx) =>
      tx.rows<Pick<Run, "runId" | "tenantId">>(
        sql`update runs set state = 'interrupted', ended_at = now()
             where state = 'running' and seen_at < now() - ${silentSeconds}::integer * interval '1 second'
            returning run_id as "runId", tenant_id as "tenantId"`,
      ),
    { recalls: true },
  );
}

/** The next one that waits, for this server to do, when no other does one. */
export async function claimRun(db: Db, serverId: string): Promise<Run | undefined> {
  const work = async (tx: Tx): Promise<Run | undefined> => {
    const [under] = await tx.rows<Run & { serverId: string }>(
      sql`select r.*, s.server_id::text as "serverId"
            from (${select} where state = 'running' order by created_at, run_id limit 1) r
            join runs s on s.run_id = r."runId"`,
    );
    // After doubt it may be the one that was claimed by this very call.
    if (under) return under.serverId === serverId ? under : undefined;
    const [next] = await tx.rows<Run>(
      sql`${select} where state = 'queued' order by created_at, run_id limit 1`,
    );
    if (!next) return undefined;
    await Promise.all([
      tx.write(
        sql`update runs set state = 'running', server_id = ${serverId}, started_at = now(), seen_at = now()
             where run_id = ${next.runId} and state = 'queued'`,
        1,
      ),
      tx.write(
        sql`insert into run_slots (slot, run_id) values (0, ${next.runId})
            on conflict (slot) do update set run_id = excluded.run_id`,
        1,
      ),
    ]);
    return { ...next, state: "running" };
  };
  return transact(db, "claim_run", work, { recalls: true });
}

export interface Sign {
  readonly runId: string;
  readonly serverId: string;
  readonly worldId: string | undefined;
  readonly frame: string | undefined;
}

/** Says that it goes on. Returns whether it should: "gone" when others have taken it for dead. */
export async function signOfLife(db: Db, sign: Sign): Promise<"go on" | "stop" | "gone"> {
  const { runId, serverId, worldId = null, frame = null } = sign;
  const [row] = await transact(
    db,
    "run_goes_on",
    (tx) =>
      tx.rows<{ isStopping: boolean }>(
        sql`update runs set seen_at = now(), world_id = coalesce(${worldId}::uuid, world_id),
                   frame = coalesce(${frame}::text, frame)
             where run_id = ${runId} and server_id = ${serverId} and state = 'running'
            returning stop_asked_at is not null as "isStopping"`,
      ),
    { recalls: true, deadlineAt: performance.now() + 3_000 },
  );
  if (!row) return "gone";
  return row.isStopping ? "stop" : "go on";
}

export interface Ending extends Sign {
  readonly state: Exclude<RunState, "queued" | "running">;
  readonly report: string | undefined;
}

export async function endRun(db: Db, ending: Ending): Promise<void> {
  const { runId, serverId, state, worldId = null, frame = null, report = null } = ending;
  await transact(
    db,
    "end_run",
    (tx) =>
      tx.run(
        sql`update runs set state = ${state}, ended_at = now(), report = ${report}::text,
                   world_id = coalesce(${worldId}::uuid, world_id), frame = coalesce(${frame}::text, frame)
             where run_id = ${runId} and server_id = ${serverId} and state = 'running'`,
      ),
    { recalls: true },
  );
}
