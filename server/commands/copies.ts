import type { Config } from "../base/config.ts";
import type { NewEntry } from "../audit/entry.ts";
import { instanceChain } from "../audit/instance-chain.ts";
import { noteReplay } from "../audit/note-replay.ts";
import { record } from "../audit/record.ts";
import { makeMetrics } from "../base/metrics.ts";
import { compareBalances, type WrongCopy } from "../balances/compare.ts";
import { openBalances } from "../balances/copies.ts";
import type { Db } from "../db/open.ts";
import { transact } from "../db/transact.ts";
import { openPlane, type Plane } from "../readplane/open.ts";
import { dropTable } from "../readplane/table.ts";
import { listParked, replayParked } from "../outbox/parked.ts";
import { reconcile } from "../../worker/outbox/reconcile.ts";
import { rebuild } from "../../worker/rebuild.ts";
import { json, UsageError, type Command } from "./command.ts";
import { operator } from "./operator.ts";
import { asTable } from "./table.ts";
import { withDatabase } from "./with-database.ts";

/** Commands about what is copied from the books, and about what could not be. */

function planeOf(config: Config): Plane {
  const plane = openPlane(config, makeMetrics());
  if (plane) return plane;
  throw new UsageError(
    "zerorace rebuild needs ZERORACE_DYNAMODB_ENDPOINT or ZERORACE_DYNAMODB_REGION; `zerorace up` " +
      "prints where its own DynamoDB is.",
  );
}

/** In the log of the instance, before the work: what it does is in many places. */
async function note(db: Db, what: Pick<NewEntry, "action" | "object" | "after">): Promise<void> {
  const entry = { tenantId: instanceChain, actor: operator(), ...what };
  await transact(db, "note_command", (tx) => record(tx, entry), { turn: instanceChain });
}

export const rebuildCommand: Command = {
  name: "rebuild",
  summary: "Write every copy in DynamoDB anew from the books, while sales go on.",
  options: { drop: { says: "Delete the table first: also what the books no longer have." }, json },
  examples: [["rebuild", "after the table was lost; may be stopped and begun again"]],
  async run(call) {
    const plane = planeOf(call.config);
    try {
      return await withDatabase(call, async (db) => {
        const drop = call.values.drop === true;
        const object = { kind: "copies", id: plane.table };
        await note(db, { action: "copies.rebuild", object, after: { drop } });
        if (drop) await dropTable(plane);
        const copied = await rebuild(db, plane);
        const rows = Object.entries(copied).map(([what, count]) => [what, String(count)]);
        call.terminal.result(call.values.json === true ? JSON.stringify(copied) : asTable(rows));
        return true;
      });
    } finally {
      plane.close();
    }
  },
};

export const reconcileCommand: Command = {
  name: "reconcile",
  summary:
    "Hold the sums of every account against the journal, and Redis against them; exit code 1 when one differs.",
  options: { repair: { says: "Put right what differs." }, json },
  examples: [
    ["reconcile", "reads the whole journal in one snapshot"],
    ["reconcile --repair", "a worker brings what was put right into the copies"],
  ],
  run: (call) =>
    withDatabase(call, async (db) => {
      const repair = call.values.repair === true;
      if (repair) {
        await note(db, { action: "sums.repair", object: { kind: "sums", id: "all" } });
      }
      const differences = await reconcile(db, { repair });
      const balances = await compareInRedis(db, call.config, repair);
      const found = differences.length + (balances?.length ?? 0);
      if (call.values.json === true) {
        call.terminal.result(
          JSON.stringify({ differences, balances }, (_, value: unknown) =>
            typeof value === "bigint" ? String(value) : value,
          ),
        );
      } else if (found === 0) call.terminal.result("Every sum is what its legs come to.");
      else {
        const wrong = [
          ...differences,
          ...(balances ?? []).map((one) => ({ ...one, kind: "in Redis" })),
        ];
        const rows = wrong.map((one) => [
          one.ownerId,
          one.account,
          one.kind,
          `${one.amountMinor} ${one.currency}`,
          `${one.legs} legs`,
        ]);
        call.terminal.result(asTable([["OWNER", "ACCOUNT", "KIND", "MISSING", ""], ...rows]));
      }
      return found === 0 || repair;
    }),
};

/** Of their own journal the sums are the proof; of the sums the copies in Redis are, where there is one. */
async function compareInRedis(
  db: Db,
  { redisUrl }: Config,
  repair: boolean,
): Promise<WrongCopy[] | undefined> {
  if (redisUrl === undefined) return undefined;
  const copies = openBalances(redisUrl, { timeoutMs: 2_000 });
  try {
    await copies.settled(2_000);
    if (copies.isAway)
      throw new UsageError("Redis is away: without ZERORACE_REDIS_URL the rest is looked at.");
    return await compareBalances(db, copies, { repair });
  } finally {
    copies.close();
  }
}

export const parkedListCommand: Command = {
  name: "parked list",
  summary: "Show the events that could not be told, and why.",
  options: { json },
  examples: [["parked list", "the oldest 1,000"]],
  run: (call) =>
    withDatabase(call, async (db) => {
      const parked = await listParked(db, 1_000);
      if (call.values.json === true) call.terminal.result(JSON.stringify({ parked }));
      else if (parked.length === 0) call.terminal.say("There are none.");
      else {
        const rows = parked.map(({ eventId, kind, parkedAt, reason }) => {
          return [eventId, kind, parkedAt.slice(0, 19), reason.slice(0, 100)];
        });
        call.terminal.result(asTable([["EVENT", "KIND", "PARKED", "REASON"], ...rows]));
      }
      return true;
    }),
};

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export const parkedReplayCommand: Command = {
  name: "parked replay",
  summary: "Have parked events told again: all of them, or one.",
  options: { event: { value: "ID", says: "Only this one." }, json },
  examples: [["parked replay", "when what was in their way is mended"]],
  async run(call) {
    const { event } = call.values;
    if (typeof event === "string" && !uuid.test(event)) {
      throw new UsageError(`--event must be an event's id (a uuid), not "${event}".`);
    }
    return withDatabase(call, async (db) => {
      const id = typeof event === "string" ? event.toLowerCase() : undefined;
      const replayed = await replayParked(db, { eventId: id, note: noteReplay(operator(), id) });
      const text = replayed === 1 ? "1 event is due again." : `${replayed} events are due again.`;
      call.terminal.result(call.values.json === true ? JSON.stringify({ replayed }) : text);
      return id === undefined || replayed === 1;
    });
  },
};
