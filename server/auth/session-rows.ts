import { sql } from "../db/sql.ts";
import type { Tx } from "../db/transact.ts";

/** A session as its owner sees it. */
export interface Session {
  readonly sessionId: string;
  readonly ip: string;
  readonly userAgent: string;
  readonly createdAt: string;
  readonly seenAt: string;
  readonly expiresAt: string;
}

export interface NewSession {
  readonly sessionId: string;
  readonly tokenHash: string;
  readonly personId: string;
  readonly ip: string;
  readonly userAgent: string;
  readonly hours: number;
}

export async function insertSession(tx: Tx, session: NewSession): Promise<void> {
  const { sessionId, tokenHash, personId, ip, userAgent, hours } = session;
  await tx.write(
    sql`insert into sessions (session_id, token_hash, person_id, ip, user_agent, expires_at)
        values (${sessionId}, ${tokenHash}, ${personId}, ${ip}, ${userAgent},
                now() + ${hours}::integer * interval '1 hour')`,
    1,
  );
}

export async function ownerOfSession(tx: Tx, sessionId: string): Promise<string | undefined> {
  const [row] = await tx.tuples<[personId: string]>(
    sql`select person_id from sessions where session_id = ${sessionId}`,
  );
  return row?.[0];
}

/** Whether it was begun: what begins one looks here for what it may have done before. */
export async function hasSession(tx: Tx, sessionId: string): Promise<boolean> {
  return (await ownerOfSession(tx, sessionId)) !== undefined;
}

/** Those of a person that are not over, the newest first. */
export async function readSessions(
  tx: Tx,
  personId: string,
  idleMinutes: number,
): Promise<Session[]> {
  return tx.rows<Session>(
    sql`select session_id as "sessionId", ip, user_agent as "userAgent", created_at::text as "createdAt",
               seen_at::text as "seenAt", expires_at::text as "expiresAt"
          from sessions
         where person_id = ${personId} and expires_at > now()
           and seen_at > now() - ${idleMinutes}::integer * interval '1 minute'
         order by created_at desc, session_id desc`,
  );
}

/** How many ended: none when it is somebody else's. */
export async function deleteSession(tx: Tx, personId: string, sessionId: string): Promise<number> {
  return tx.run(
    sql`delete from sessions where session_id = ${sessionId} and person_id = ${personId}`,
  );
}

/** All of a person, or all but one. */
export async function deleteSessions(tx: Tx, personId: string, except?: string): Promise<number> {
  return tx.run(
    sql`delete from sessions
         where person_id = ${personId}
           and (${except ?? null}::uuid is null or session_id <> ${except ?? null}::uuid)`,
  );
}

/** Whosever it is: who holds the token may end the session. */
export async function deleteByToken(tx: Tx, tokenHash: string): Promise<void> {
  await tx.run(sql`delete from sessions where token_hash = ${tokenHash}`);
}
