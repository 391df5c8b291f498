import type { Config } from "../base/config.ts";
import type { Log } from "../base/log.ts";
import type { Db } from "../db/open.ts";
import { lines } from "../db/rows.ts";
import { prepared, sql } from "../db/sql.ts";
import { transact } from "../db/transact.ts";
import { belongings, personColumns, type Person } from "./people.ts";
import { Recent } from "./recent.ts";
import { hashOfToken } from "./secret-token.ts";
import { openUses } from "./uses.ts";

/** A session that is not over, and whose it is. */
export interface KnownSession extends Person {
  readonly sessionId: string;
  readonly startedAt: string;
  readonly expiresAt: string;
}

/** The sessions that are in use just now: one for each process. */
export interface Sessions {
  /** At most a second old: an end, or another role, is seen within that. */
  find(token: string): Promise<KnownSession | undefined>;
  /** Costs nothing: it is written with others some seconds later. */
  noteUse(sessionId: string): void;
  /** Somebody's rights changed here: the next request obeys. */
  forget(): void;
  close(): Promise<void>;
}

export interface SessionsOptions {
  readonly freshMs?: number;
  readonly flushMs?: number;
  readonly now?: () => number;
}

type Terms = Pick<Config, "sessionIdleMinutes">;

export function openSessions(
  db: Db,
  log: Pick<Log, "warn">,
  { sessionIdleMinutes }: Terms,
  options: SessionsOptions = {},
): Sessions {
  const { freshMs = 1_000, flushMs = 5_000, now = () => performance.now() } = options;
  const recent = new Recent<KnownSession>(
    (tokenHash) => lookUp(db, tokenHash, sessionIdleMinutes),
    { freshMs, sizeMax: 10_000, now },
  );
  const says = "when sessions were last used could not be written: tried again later";
  const uses = openUses((ids) => writeUses(db, ids), { log, flushMs, says });
  const sweep = (): void => {
    sweepOver(db, sessionIdleMinutes).catch((err: unknown) => {
      log.warn({ err }, "sessions and links that are over could not be removed: tried again later");
    });
  };
  const timer = setInterval(sweep, sweepMs);
  timer.unref();
  return {
    async find(token) {
      const tokenHash = hashOfToken("session", token);
      return tokenHash === undefined ? undefined : recent.find(tokenHash);
    },
    noteUse: (sessionId) => uses.note(sessionId),
    forget: () => recent.forget(),
    close() {
      clearInterval(timer);
      return uses.close();
    },
  };
}

const select = prepared("session");
const patienceMs = 3_000;

async function lookUp(
  db: Db,
  tokenHash: string,
  idleMinutes: number,
): Promise<KnownSession | undefined> {
  const query = select`
    select ${personColumns}, s.session_id as "sessionId", s.created_at::text as "startedAt",
           s.expires_at::text as "expiresAt"
      from sessions s join people p on p.person_id = s.person_id ${belongings}
     where s.token_hash = ${tokenHash} and s.expires_at > now()
       and s.seen_at > now() - ${idleMinutes}::integer * interval '1 minute'`;
  const [known] = await transact(db, "find_session", (tx) => tx.rows<KnownSession>(query), {
    readOnly: true,
    // It can only read, so after doubt it may read again.
    recalls: true,
    deadlineAt: performance.now() + patienceMs,
  });
  return known;
}

async function writeUses(db: Db, sessionIds: readonly string[]): Promise<void> {
  await transact(db, "session_uses", (tx) =>
    tx.run(
      sql`update sessions s set seen_at = now()
            from unnest(string_to_array(${lines(sessionIds)}, E'\n')) as u(id)
           where s.session_id = u.id::uuid`,
    ),
  );
}

const sweepMs = 3_600_000;
/** Aurora DSQL takes 3,000 changed rows a transaction; what is left waits for the next sweep. */
const sweptAtOnce = 1_000;

/** What is over is refused wherever it is read; this only keeps the tables short. */
export async function sweepOver(db: Db, idleMinutes: number): Promise<void> {
  for (const query of [
    sql`delete from sessions where session_id in
          (select session_id from sessions
            where expires_at < now() or seen_at < now() - ${idleMinutes}::integer * interval '1 minute'
            limit ${sweptAtOnce})`,
    sql`delete from links where link_id in
          (select link_id from links where expires_at < now() limit ${sweptAtOnce})`,
    sql`delete from sign_in_failures where subject in
          (select subject from sign_in_failures
            where last_at < now() - interval '1 day' limit ${sweptAtOnce})`,
  ]) {
    await transact(db, "sweep_over", (tx) => tx.run(query));
  }
}
