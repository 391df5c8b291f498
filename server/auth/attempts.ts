import { hash } from "node:crypto";
import { isIPv6 } from "node:net";
import type { Db } from "../db/open.ts";
import { sql } from "../db/sql.ts";
import { transact, type Tx } from "../db/transact.ts";
import { refusable } from "../http/refusable.ts";
import { Problem } from "../http/problem.ts";
import { retryAfter } from "../http/send-answer.ts";

/** What attempts have in common, and how many of them may fail before each has to wait. */
export interface Subject {
  readonly subject: string;
  readonly free: number;
}

/** One second, then two, then four: never longer than this. */
const waitMaxSeconds = 900;
/** An attempt so long ago is forgotten. */
const memory = "1 hour";

/** The network of an address: a household has all of a /64. */
export function networkOf(ip: string): string {
  const bare = ip.replace(/^::ffff:(?=\d+\.)/i, "");
  if (!isIPv6(bare)) return bare;
  const [head = "", tail] = bare.split("%", 1)[0]?.toLowerCase().split("::") ?? [];
  const before = head.split(":").filter(Boolean);
  const after = (tail ?? "").split(":").filter(Boolean);
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...Array.from({ length: zeros }, () => "0"), ...after];
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":")}::/64`;
}

/**
 * Two limits: on the network, and on the account. The account has one for where its owner signed in
 * last and one for everywhere else: strangers who guess cannot lock the owner out. An address that
 * nobody has is limited just the same.
 */
export function signInSubjects(email: string, ip: string, lastAddress?: string | null): Subject[] {
  const network = networkOf(ip);
  const account = accountOf(email);
  const own = lastAddress === network ? `${account} at ${network}` : account;
  return [
    { subject: own, free: 5 },
    { subject: `network ${network}`, free: 30 },
  ];
}

function accountOf(email: string): string {
  return `account ${hash("sha256", email, "hex")}`;
}

/** Who opens accounts, not who signs in. */
export function signUpSubjects(ip: string): Subject[] {
  return [{ subject: `sign-up ${networkOf(ip)}`, free: 10 }];
}

interface Row {
  readonly subject: string;
  readonly failures: number;
  readonly waitSeconds: number;
}

/**
 * Counts an attempt as failed before it is made, so that many at once do not slip past the limit;
 * `forgive` takes it back. Throws RATE_LIMITED for one that comes too early, which does not count.
 */
export async function countAttempt(db: Db, subjects: readonly Subject[]): Promise<void> {
  await refusable(db, "count_attempt", async (tx) => {
    const rows = await Promise.all(subjects.map(({ subject }) => readRow(tx, subject)));
    const waitSeconds = Math.max(...rows.map((row) => row?.waitSeconds ?? 0));
    if (waitSeconds > 0) return tooEarly(waitSeconds);
    for (const [at, { subject, free }] of subjects.entries()) {
      const failures = (rows[at]?.failures ?? 0) + 1;
      const wait = failures < free ? 0 : Math.min(waitMaxSeconds, 2 ** (failures - free));
      await tx.write(
        sql`insert into sign_in_failures (subject, failures, blocked_until)
            values (${subject}, ${failures}, now() + ${wait}::integer * interval '1 second')
            on conflict (subject) do update
               set failures = excluded.failures, blocked_until = excluded.blocked_until, last_at = now()`,
        1,
      );
    }
    return undefined;
  });
}

async function readRow(tx: Tx, subject: string): Promise<Row | undefined> {
  const [row] = await tx.rows<Row>(
    sql`select subject, case when last_at < now() - ${memory}::interval then 0 else failures end as failures,
               ceil(extract(epoch from blocked_until - now()))::integer as "waitSeconds"
          from sign_in_failures where subject = ${subject}`,
  );
  return row;
}

function tooEarly(seconds: number): Problem {
  const detail = `Too many attempts from here or for this account: wait ${seconds} s.`;
  return new Problem("RATE_LIMITED", detail, { headers: retryAfter(seconds) });
}

/** The attempt was right: the account starts anew, the network is one attempt better off. */
export async function forgive(tx: Tx, [account, network]: readonly Subject[]): Promise<void> {
  await tx.run(sql`delete from sign_in_failures where subject = ${account?.subject ?? ""}`);
  await tx.run(
    sql`update sign_in_failures set failures = greatest(failures - 1, 0), blocked_until = null
         where subject = ${network?.subject ?? ""}`,
  );
}

/** The attempt was never made: nothing was looked at, so nobody is worse off, or better. */
export async function takeBack(db: Db, subjects: readonly Subject[]): Promise<void> {
  const names = subjects.map(({ subject }) => subject).join("\n");
  await transact(db, "take_back", (tx) =>
    tx.run(
      sql`update sign_in_failures set failures = greatest(failures - 1, 0), blocked_until = null
           where subject = any (string_to_array(${names}, E'\n'))`,
    ),
  );
}

/** The account has another password: what was tried with the old one counts no more, from anywhere. */
export async function forgiveAccount(tx: Tx, email: string): Promise<void> {
  const account = accountOf(email);
  await tx.run(
    sql`delete from sign_in_failures
         where subject = ${account}::text or starts_with(subject, ${account}::text || ' at ')`,
  );
}
