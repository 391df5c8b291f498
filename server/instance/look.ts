import { statfs } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Config } from "../base/config.ts";
import type { Context } from "../context.ts";
import { newestBackup } from "../backups/shelf.ts";
import type { Db } from "../db/open.ts";
import { reasonAgainst, unusableIndexes } from "../db/ready.ts";
import { sql } from "../db/sql.ts";
import { transact } from "../db/transact.ts";
import { readBacklog, type Backlog } from "../outbox/backlog.ts";
import { readNoted, type Noted } from "../proof/noted.ts";
import type { Plane } from "../readplane/open.ts";
import { readWatermark } from "../readplane/query.ts";

/** What can be seen of this installation just now. A part that cannot be looked at is an Error. */
export interface Sight {
  readonly now: number;
  readonly database: DatabaseSight | Error;
  /** Undefined: none is named. */
  readonly redisIsAway: boolean | undefined;
  readonly copiesAsOf: string | null | undefined | Error;
  readonly workers: Workers | Error;
  readonly backlog: Backlog | Error;
  readonly noted: ReadonlyMap<string, Noted> | Error;
  readonly unusable: readonly string[] | Error;
  /** The newest in the folder of this server; undefined: the engine backs itself up. */
  readonly backup: { readonly at: string | undefined; readonly dir: string } | undefined | Error;
  /** Undefined: the data is not on this machine. */
  readonly disk: { readonly freeBytes: number; readonly bytes: number } | undefined;
}

export interface DatabaseSight {
  readonly reason: string | undefined;
  readonly ms: number;
  readonly engine: string;
  readonly migration: number;
  /** Where the engine tells. */
  readonly connections?: { readonly open: number; readonly most: number };
  readonly bytes?: number;
}

export interface Workers {
  readonly alive: number;
  readonly rounds: readonly RoundTurn[];
}

export interface RoundTurn {
  readonly name: string;
  readonly everyMs: number;
  readonly endedAt: Date;
  readonly doneAt: Date | null;
  readonly ms: number;
  readonly did: bigint;
  readonly reason: string | null;
}

const patienceMs = 2_000;

type Looking = Pick<Context, "db" | "config" | "balances" | "plane">;

export async function lookAround({ db, config, balances, plane }: Looking): Promise<Sight> {
  const [database, copiesAsOf, workers, backlog, noted, unusable, backup, disk] = await Promise.all(
    [
      inTime(lookAtDatabase(db)),
      inTime(copiesOf(plane)),
      inTime(lookAtWorkers(db)),
      inTime(readBacklog(db)),
      inTime(readNoted(db)),
      inTime(unusableIndexes(db)),
      inTime(lookAtBackups(db, config)),
      diskOf(config),
    ],
  );
  const redisIsAway = balances?.isAway;
  const now = Date.now();
  return {
    now,
    database,
    redisIsAway,
    copiesAsOf,
    workers,
    backlog,
    noted,
    unusable,
    backup,
    disk,
  };
}

/** What does not answer is told of as such, and keeps nothing else from being told. */
async function inTime<T>(looking: Promise<T>): Promise<T | Error> {
  const late = new AbortController();
  const tooLate = sleep(patienceMs, undefined, { signal: late.signal }).then(
    () => new Error(`It did not answer within ${patienceMs / 1_000} seconds.`),
  );
  tooLate.catch(() => undefined);
  try {
    return await Promise.race([looking, tooLate]);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  } finally {
    late.abort();
  }
}

interface Engine {
  readonly engine: string;
  readonly migration: number;
}

async function lookAtDatabase(db: Db): Promise<DatabaseSight> {
  const askedAt = performance.now();
  const reason = await reasonAgainst(db, patienceMs);
  const ms = performance.now() - askedAt;
  const query = sql`select current_setting('server_version') as engine,
                           (select max(version) from schema_migrations)::integer as migration`;
  const read = { readOnly: true } as const;
  const [seen] = await transact(db, "engine", (tx) => tx.rows<Engine>(query), read);
  const { migration = 0 } = seen ?? {};
  if (db.dialect.name === "dsql") return { reason, ms, engine: "Aurora DSQL", migration };
  // What a cluster of Aurora DSQL has no words for.
  const size = sql`select (select count(*)::integer from pg_stat_activity
                            where datname = current_database()) as open,
                          current_setting('max_connections')::integer as most,
                          pg_database_size(current_database())::float8 as bytes`;
  const [own] = await transact(
    db,
    "database_size",
    (tx) => tx.rows<{ open: number; most: number; bytes: number }>(size),
    read,
  );
  const engine = `PostgreSQL ${seen?.engine ?? ""}`.trim();
  if (!own) return { reason, ms, engine, migration };
  const { open, most, bytes } = own;
  return { reason, ms, engine, migration, connections: { open, most }, bytes };
}

async function copiesOf(plane: Plane | undefined): Promise<string | null | undefined> {
  return plane && ((await readWatermark(plane)) ?? null);
}

async function lookAtWorkers(db: Db): Promise<Workers> {
  const turns = sql`select name, every_ms as "everyMs", ended_at as "endedAt", done_at as "doneAt",
                           ms, did, reason
                      from round_turns order by name`;
  // As the workers share the outbox: each says twice a second or so that it is there.
  const alive = sql`select count(*)::integer as alive from leases
                     where name >= 'outbox/member/' and name < 'outbox/member0' and until > now()`;
  return transact(
    db,
    "look_at_workers",
    async (tx) => {
      const [rounds, [row]] = await Promise.all([
        tx.rows<RoundTurn>(turns),
        tx.rows<{ alive: number }>(alive),
      ]);
      return { rounds, alive: row?.alive ?? 0 };
    },
    { readOnly: true },
  );
}

async function lookAtBackups(
  { dialect }: Db,
  { backupDir: dir }: Config,
): Promise<{ at: string | undefined; dir: string } | undefined> {
  return dialect.name === "dsql" ? undefined : { at: (await newestBackup(dir))?.at, dir };
}

/** Only where the data lies beside us: of a disk elsewhere its owner knows. */
async function diskOf({ dataDir }: Config): Promise<Sight["disk"]> {
  try {
    const { bavail, blocks, bsize } = await statfs(dataDir);
    return { freeBytes: bavail * bsize, bytes: blocks * bsize };
  } catch {
    return undefined;
  }
}
