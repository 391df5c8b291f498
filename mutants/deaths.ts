import { dying, ignoresTheKey, kernel, type Change, type Mutant } from "./mutant.ts";

const servers = "server/proof/faults/crashes.db.test.ts";
const workers = "worker/crashes.db.test.ts";
const restores = "server/backups/deaths.db.test.ts";

/** Who asked hears of it while it is written; what is then not committed was promised all the same. */
export const answersWhenDecided: readonly Change[] = [
  kernel(
    "batch.ts",
    'crashPoint("batch.decided");',
    `const told = (globalThis as { told?: (job: unknown, fate: unknown) => void }).told;
     decisions.forEach((decision, index) => {
       if (decision.kind === "granted") told?.(live[index], decision);
     });
     await new Promise((resolve) => setTimeout(resolve, 30));
     crashPoint("batch.decided");`,
  ),
  kernel(
    "gather.ts",
    'crashPoint("batch.taken");',
    `(globalThis as { told?: (job: Job, fate: Decision) => void }).told = (job, fate) =>
       this.#close(job, fate);
     crashPoint("batch.taken");`,
  ),
];

const settles: Change = {
  file: "worker/relay.ts",
  find: 'import { readDue, type DueEvent } from "./outbox/due.ts";',
  replace:
    'import { readDue, type DueEvent } from "./outbox/due.ts"; import { settle } from "./outbox/settle.ts";',
};

/** What is wrong after a death at one place, and would be right without it. */
export const deaths: readonly Mutant[] = [
  {
    name: "an ask is answered when it is decided",
    breaks: "C1",
    ...dying(
      ["batch.decided", "commit.before@batch"],
      [servers, "of its purchases"],
      answersWhenDecided,
    ),
  },
  {
    name: "who had no answer buys again under the same key",
    breaks: "C2",
    ...dying(
      ["commit.sent@batch", "commit.after@batch", "reply.before", "reply.after"],
      [servers, "of its purchases"],
      [ignoresTheKey],
    ),
  },
  {
    name: "the half of a batch that was sold is sold again",
    breaks: "C2",
    ...dying(["batch.halved"], [servers, "of its conflicts"], [ignoresTheKey]),
  },
  {
    name: "a flag that was raised is taken for a command that was done",
    breaks: "C1",
    ...dying(
      ["gate.raised"],
      [servers, "of its adjust"],
      [
        kernel(
          "gate.ts",
          "where pool_id = ${id} and (gate is null or gate_until <= now())",
          "where pool_id = ${id} and gate is null",
        ),
        kernel(
          "gate.ts",
          "while (!(await raiseFlag(db, gated))) {",
          "while (!(await raiseFlag(db, gated))) { return done({}, {});",
        ),
      ],
    ),
  },
  {
    name: "stock that was moved is moved again by who was not told",
    breaks: "C2",
    ...dying(
      ["commit.after@gate_adjust"],
      [servers, "of its adjust"],
      [
        kernel(
          "gate.ts",
          "await Promise.all([leaveEvent(tx, db, event), beside?.write(tx, result)]);",
          "await leaveEvent(tx, db, event);",
        ),
      ],
    ),
  },
  {
    name: "the relay deletes what it has read",
    breaks: "C10",
    ...dying(
      ["relay.read"],
      [workers, "of sales"],
      [
        settles,
        {
          file: "worker/relay.ts",
          find: 'crashPoint("relay.read");',
          replace: 'await settle(ctx.db, fresh, slice); crashPoint("relay.read");',
        },
      ],
    ),
  },
  {
    name: "the relay deletes what it has handed over",
    breaks: "C10",
    ...dying(
      ["relay.handed"],
      [workers, "of sales"],
      [
        settles,
        {
          file: "worker/relay.ts",
          find: "await deliver(fresh, slice);",
          replace: "await deliver(fresh, slice); await settle(ctx.db, fresh, slice);",
        },
      ],
    ),
  },
  {
    name: "what a worker did not tell before it died is gone",
    breaks: "C10",
    ...dying(
      ["project.read"],
      [workers, "of sales"],
      [
        {
          file: "worker/handle.ts",
          find: "for (const job of list) {",
          replace: "await settle(ctx.db, events, slice); for (const job of list) {",
        },
      ],
    ),
  },
  {
    name: "what a dead worker did not add to a balance stays away",
    ...dying(
      ["handle.settled"],
      [workers, "of sales"],
      [
        {
          file: "server/balances/copies.ts",
          find: "if behind > 0 or forced then",
          replace: "if forced then",
        },
        // What does not come right is not waited for as long as what might.
        {
          file: "worker/crashes.db.test.ts",
          find: "const soon = { timeout: 120_000,",
          replace: "const soon = { timeout: 40_000,",
        },
      ],
    ),
  },
  {
    name: "a webhook is on record as delivered when it is taken",
    breaks: "C10",
    ...dying(
      ["webhook.claimed"],
      [workers, "of webhooks"],
      [
        {
          file: "server/webhooks/due.ts",
          find: "set attempts = d.attempts + 1, due_at = now()",
          replace: "set state = 'delivered', attempts = d.attempts + 1, due_at = now()",
        },
      ],
    ),
  },
  {
    name: "a webhook that is sent again says something else",
    breaks: "C10",
    ...dying(
      ["webhook.posted"],
      [workers, "of webhooks"],
      [
        {
          file: "server/webhooks/deliver.ts",
          find: "{ endpointId, url, eventId, payload: body, secrets }: Claimed",
          replace: "{ endpointId, url, eventId, payload, secrets, attempt: nth }: Claimed",
        },
        {
          file: "server/webhooks/deliver.ts",
          find: "const key = readSealingKey(config);",
          replace:
            "const body = nth > 1 ? `${payload} ` : payload; const key = readSealingKey(config);",
        },
      ],
    ),
  },
  {
    name: "a step of a migration is on record before it is taken",
    changes: [
      {
        file: "server/db/migrate-postgres.ts",
        find: "await client.query(step.text); await client.query(...logLine(step));",
        replace: `await client.query(...logLine(step)); await client.query("commit");
          await client.query("begin"); await client.query(step.text);`,
      },
    ],
    under: ["migrate.before"],
    caughtBy: [servers, "migrate.before"],
  },
  {
    name: "an event is written after the sale, in a transaction of its own",
    breaks: "C10",
    ...dying(
      ["commit.after@batch"],
      [servers, "of its purchases"],
      [
        kernel(
          "batch.ts",
          "await apply(tx, plan);",
          `await apply(tx, { ...plan, events: [] });
           const none = { answers: [], newLines: [], changedLines: [], stock: [], mandates: [], legs: [], recentGrants: [] };
           setTimeout(() => {
             transact(db, "events", (late) => apply(late, { ...plan, ...none })).catch(() => undefined);
           }, 500);`,
        ),
      ],
    ),
  },
  {
    name: "a restore commits table by table",
    ...dying(
      ["restore.table", "restore.before"],
      [restores, "a restore that dies"],
      [
        {
          file: "server/db/load.ts",
          find: "return copy.rowCount;",
          replace:
            'await client.query("commit"); await client.query("begin"); return copy.rowCount;',
        },
      ],
    ),
  },
  {
    name: "a restore loads over what another one has left",
    ...dying(
      ["restore.after"],
      [restores, "a restore that dies"],
      [
        {
          file: "server/backups/restore.ts",
          find: "if (filled.length > 0) {",
          replace: "if (filled.length < 0) {",
        },
      ],
    ),
  },
];
