import { setTimeout as sleep } from "node:timers/promises";
import { makeMetrics } from "../base/metrics.ts";
import { readStanding } from "../db/migrate.ts";
import { nameOf, SchemaError } from "../db/migration-step.ts";
import { openDb, type Db } from "../db/open.ts";
import { placeOf } from "../db/place.ts";
import { sql } from "../db/sql.ts";
import { transact } from "../db/transact.ts";
import { json, UsageError, wholeNumber, type Call, type Command } from "./command.ts";

const fallback = { for: "schema", seconds: 300 };
const lookEveryMs = 500;
/** One look: a database that swallows packets is to be tried again, too. */
const patienceMs = 4_000;

export const waitCommand: Command = {
  name: "wait",
  summary: "Wait until the database answers, or until its schema is the one of this version.",
  options: {
    for: { value: "WHAT", says: "database or schema.", fallback: fallback.for },
    seconds: { value: "N", says: "How long at most.", fallback: String(fallback.seconds) },
    json,
  },
  examples: [
    ["wait", "before `zerorace serve`, where another container migrates"],
    ["wait --for database --seconds 60", "before `zerorace migrate`"],
  ],
  async run(call) {
    const { values, config, terminal } = call;
    const what = values.for ?? fallback.for;
    if (what !== "database" && what !== "schema") {
      throw new UsageError(`--for must be database or schema, not "${what}".`);
    }
    const option = { values, option: "seconds", fallback: fallback.seconds };
    const seconds = wholeNumber(option, 0, 86_400);
    const place = placeOf(config);
    if (place === undefined) {
      throw new UsageError("zerorace wait needs ZERORACE_DATABASE_URL: there is none to wait for.");
    }
    const db = openDb({ place, name: "zerorace-wait", poolMax: 1 }, makeMetrics());
    try {
      const lacks = await untilThere(call, () => whatIsMissing(db, what), seconds);
      const is = what === "database" ? "The database answers." : "The schema is of this version.";
      if (values.json === true)
        terminal.result(JSON.stringify({ there: lacks === undefined, lacks }));
      else if (lacks === undefined) terminal.result(is);
      else terminal.say(`Waited ${seconds} s in vain. ${lacks}`);
      return lacks === undefined;
    } finally {
      await db.close();
    }
  },
};

/** What was missing at last; a new reason is said when it comes. */
async function untilThere(
  { terminal, signal }: Call,
  look: () => Promise<string | undefined>,
  seconds: number,
): Promise<string | undefined> {
  const giveUpAt = performance.now() + seconds * 1_000;
  let said: string | undefined;
  for (;;) {
    const lacks = await look();
    if (lacks === undefined || performance.now() >= giveUpAt || signal.aborted) return lacks;
    if (lacks !== said) terminal.say(`Waiting: ${lacks}`);
    said = lacks;
    await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined);
  }
}

async function whatIsMissing(db: Db, what: "database" | "schema"): Promise<string | undefined> {
  try {
    const deadlineAt = performance.now() + patienceMs;
    await transact(db, "look", (tx) => tx.rows(sql`select 1`), { readOnly: true, deadlineAt });
    if (what === "database") return undefined;
    const [next, ...more] = (await readStanding(db)).pending;
    if (next === undefined) return undefined;
    return `${1 + more.length} steps of the schema are missing, the first is ${nameOf(next)}.`;
  } catch (error) {
    // What a newer version took away does not come back.
    if (error instanceof SchemaError) throw error;
    return error instanceof Error ? error.message || error.name : String(error);
  }
}
