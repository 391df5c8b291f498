import { instanceChain } from "../audit/instance-chain.ts";
import { record } from "../audit/record.ts";
import { countAttempt, forgive, signInSubjects, takeBack } from "../auth/attempts.ts";
import { hashPassword, isPassword } from "../auth/password.ts";
import {
  findByEmail,
  findPerson,
  readCredentials,
  writePassword,
  type Credentials,
  type Person,
} from "../auth/people.ts";
import { deleteSessions, hasSession } from "../auth/session-rows.ts";
import type { KnownSession } from "../auth/sessions.ts";
import {
  enterAs,
  newEntry,
  orComeBack,
  wrongCredentials,
  type Entry,
  type Visitor,
} from "../auth/way-in.ts";
import type { Context } from "../context.ts";
import type { Db } from "../db/open.ts";
import { transact, type Tx } from "../db/transact.ts";
import { Problem } from "../http/problem.ts";
import { refusable } from "../http/refusable.ts";
import type { PasswordBody, SignInBody } from "./wire.ts";

interface Account {
  readonly person: Person;
  readonly credentials: Credentials;
}

/** An unknown address goes all the same steps as a wrong password: it cannot be told by its time. */
export async function signIn(ctx: Context, given: SignInBody, visitor: Visitor): Promise<Entry> {
  const { db } = ctx;
  const { email, password } = given;
  const find = (tx: Tx) => findAccount(tx, email);
  const account = await transact(db, "find_account", find, { readOnly: true });
  const subjects = signInSubjects(email, visitor.ip, account?.credentials.lastAddress);
  await countAttempt(db, subjects);
  const passwordHash = account?.credentials.passwordHash;
  const takenBack = () => takeBack(db, subjects);
  const isRight = await orComeBack(isPassword(password, passwordHash), takenBack);
  if (!account || !isRight) {
    await recordRefusal(db, account?.person, visitor);
    throw wrongCredentials();
  }
  const { personId, liveTenantId: tenantId } = account.person;
  const entry = newEntry(ctx, visitor);
  await refusable(
    db,
    "sign_in",
    async (tx) => {
      if (await hasSession(tx, entry.sessionId)) return undefined;
      const person = await findPerson(tx, personId);
      // It was changed while we were looking at it.
      if (!person || (await readCredentials(tx, personId))?.passwordHash !== passwordHash) {
        return wrongCredentials();
      }
      await forgive(tx, subjects);
      await record(tx, {
        tenantId,
        actor: { kind: "person", id: personId, role: person.role, sessionId: entry.sessionId },
        action: "session.start",
        object: { kind: "session", id: entry.sessionId },
        ip: visitor.ip,
        requestId: visitor.requestId,
      });
      await enterAs(tx, personId, entry);
      return undefined;
    },
    { turn: tenantId },
  );
  return entry;
}

async function findAccount(tx: Tx, email: string): Promise<Account | undefined> {
  const person = await findByEmail(tx, email);
  const credentials = await readCredentials(tx, person?.personId ?? instanceChain);
  return person && credentials && { person, credentials };
}

/** One entry in one chain, whether or not there is such an account. The address tried is not kept. */
async function recordRefusal(
  db: Db,
  person: Person | undefined,
  { ip, requestId }: Visitor,
): Promise<void> {
  const tenantId = person?.liveTenantId ?? instanceChain;
  const work = (tx: Tx) =>
    record(tx, {
      tenantId,
      actor: { kind: "system", id: "sign-in" },
      action: "session.refuse",
      object: { kind: "person", id: person?.personId ?? "unknown" },
      ip,
      requestId,
    });
  // Run again after doubt it would be there twice, which is no harm.
  await transact(db, "refuse_sign_in", work, { recalls: true, turn: tenantId });
}

/** Ends all other sessions, and this one too: it goes on under another token. */
export async function changePassword(
  ctx: Context,
  { currentPassword, newPassword }: PasswordBody,
  session: KnownSession,
  visitor: Visitor,
): Promise<Entry> {
  const { db } = ctx;
  const { personId, email, role, liveTenantId: tenantId } = session;
  const find = (tx: Tx) => readCredentials(tx, personId);
  const before = await transact(db, "read_credentials", find, { readOnly: true });
  // Whoever found an open session guesses no faster than a stranger.
  const subjects = signInSubjects(email, visitor.ip, before?.lastAddress);
  await countAttempt(db, subjects);
  const takenBack = () => takeBack(db, subjects);
  const isRight = await orComeBack(isPassword(currentPassword, before?.passwordHash), takenBack);
  if (!before || !isRight) {
    await recordRefusal(db, session, visitor);
    const errors = [{ pointer: "/currentPassword", code: "INVALID_VALUE", detail: "is wrong" }];
    throw new Problem("VALIDATION_FAILED", "/currentPassword is wrong.", { errors });
  }
  const passwordHash = await orComeBack(hashPassword(newPassword));
  const entry = newEntry(ctx, visitor);
  await refusable(
    db,
    "change_password",
    async (tx) => {
      if (await hasSession(tx, entry.sessionId)) return undefined;
      const now = await readCredentials(tx, personId);
      const isStill = await hasSession(tx, session.sessionId);
      if (!isStill || now?.passwordHash !== before.passwordHash) return wrongCredentials();
      await forgive(tx, subjects);
      await writePassword(tx, personId, passwordHash);
      const endedSessions = (await deleteSessions(tx, personId)) - 1;
      await record(tx, {
        tenantId,
        actor: { kind: "person", id: personId, role, sessionId: session.sessionId },
        action: "person.password",
        object: { kind: "person", id: personId },
        after: { endedSessions },
        ip: visitor.ip,
        requestId: visitor.requestId,
      });
      await enterAs(tx, personId, entry);
      return undefined;
    },
    { turn: tenantId },
  );
  return entry;
}
