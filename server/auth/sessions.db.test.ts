import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { makeLog } from "../base/log.ts";
import { transact } from "../db/transact.ts";
import { freshDatabase, type TestDatabase } from "../testing/database.ts";
import { query } from "../testing/look.ts";
import { makePerson, makeSession } from "../testing/people.ts";
import { writeRole } from "./people.ts";
import { mintToken } from "./secret-token.ts";
import { deleteSessions } from "./session-rows.ts";
import { openSessions, sweepOver, type Sessions, type SessionsOptions } from "./sessions.ts";

const log = makeLog("test", { logLevel: "silent" });
const terms = { sessionIdleMinutes: 30 };

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

/** What one server knows of sessions. */
function server(options?: SessionsOptions): Sessions {
  const sessions = openSessions(database.db, log, terms, options);
  onTestFinished(() => sessions.close());
  return sessions;
}

const age = (sessionId: string, column: "seen_at" | "expires_at", by: string) =>
  query(
    database.db,
    `update sessions set ${column} = ${column} - $2::interval where session_id = $1`,
    [sessionId, by],
  );

describe("a session", () => {
  it("is known by its token, on every server and after a restart", async () => {
    const { token, personId, organisationId } = await makePerson(database.db, { role: "finance" });
    for (const sessions of [server(), server()]) {
      expect(await sessions.find(token)).toMatchObject({
        personId,
        organisationId,
        role: "finance",
      });
    }
  });

  it("is nothing else than its token", async () => {
    const { token, sessionId } = await makePerson(database.db);
    const sessions = server();
    const others = [
      "",
      "x",
      sessionId,
      token.slice(0, -1),
      `${token}x`,
      mintToken("session").token,
    ];
    for (const other of [...others, token.replace("zrs_", "zrl_"), token.toUpperCase()]) {
      expect(await sessions.find(other), other).toBeUndefined();
    }
  });

  it("that ended, or whose role changed, is so within a second on other servers", async () => {
    let nowMs = 0;
    const other = server({ now: () => nowMs });
    const { token, personId } = await makePerson(database.db);
    expect(await other.find(token)).toMatchObject({ role: "owner" });
    await transact(database.db, "test", (tx) => writeRole(tx, personId, "viewer"));
    nowMs = 999;
    expect(await other.find(token)).toMatchObject({ role: "owner" });
    nowMs = 1_000;
    expect(await other.find(token)).toMatchObject({ role: "viewer" });
    await transact(database.db, "test", (tx) => deleteSessions(tx, personId));
    nowMs = 2_000;
    expect(await other.find(token)).toBeUndefined();
  });

  it("that ended here has ended here at once", async () => {
    const sessions = server({ now: () => 0 });
    const { token, personId } = await makePerson(database.db);
    expect(await sessions.find(token)).toBeDefined();
    await transact(database.db, "test", (tx) => deleteSessions(tx, personId));
    sessions.forget();
    expect(await sessions.find(token)).toBeUndefined();
  });

  it("ends when nobody used it for so long, and when its time is over", async () => {
    const person = await makePerson(database.db);
    await age(person.sessionId, "seen_at", "29 minutes");
    expect(await server().find(person.token)).toBeDefined();
    await age(person.sessionId, "seen_at", "2 minutes");
    expect(await server().find(person.token)).toBeUndefined();
    const used = await makeSession(database.db, person.personId);
    await age(used.sessionId, "expires_at", "12 hours");
    expect(await server().find(used.token)).toBeUndefined();
  });

  it("that is used goes on", async () => {
    const { token, sessionId } = await makePerson(database.db);
    await age(sessionId, "seen_at", "29 minutes");
    const sessions = server();
    sessions.noteUse(sessionId);
    await sessions.close();
    await age(sessionId, "seen_at", "29 minutes");
    expect(await server().find(token)).toBeDefined();
  });

  it("that is over is swept away, and no other", async () => {
    const idle = await makePerson(database.db);
    const over = await makeSession(database.db, idle.personId);
    const running = await makeSession(database.db, idle.personId);
    await age(idle.sessionId, "seen_at", "31 minutes");
    await age(over.sessionId, "expires_at", "13 hours");
    await sweepOver(database.db, 30);
    const left = await query(database.db, "select session_id from sessions where person_id = $1", [
      idle.personId,
    ]);
    expect(left).toEqual([{ session_id: running.sessionId }]);
  });
});
