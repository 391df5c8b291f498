import type { Mutant } from "./mutant.ts";

const world = [
  "server/proof/history/told.db.test.ts",
  "is told to an endpoint that fails and hangs",
] as const;
const again = (tests: string) => ["server/webhooks/redeliver.db.test.ts", tests] as const;

/** What reaches those outside: the endpoint of a world, and whoever reads its audit log. */
export const told: readonly Mutant[] = [
  {
    name: "the relay deletes a row before anybody has heard of it, and dies",
    breaks: "C10",
    under: ["handle.told"],
    changes: [
      {
        file: "worker/handle.ts",
        find: "for (const job of list) {",
        replace: `await settle(ctx.db, events, slice); crashPoint("handle.told");
                  for (const job of list) {`,
      },
    ],
    caughtBy: world,
  },
  {
    name: "what commands change is owed to those endpoints only that picked it",
    breaks: "C10",
    changes: [
      {
        file: "server/webhooks/fan-out-changes.ts",
        find: "and (e.kinds = '*' or position(' ' || o.kind || ' ' in e.kinds) > 0)",
        replace: "and position(' ' || o.kind || ' ' in e.kinds) > 0",
      },
    ],
    caughtBy: world,
  },
  {
    name: "a delivery is done when the receiver has answered anything",
    breaks: "C10",
    under: ["webhook-sink-fails"],
    changes: [
      {
        file: "server/webhooks/deliver.ts",
        find: 'if (isSuccess(outcome)) return { state: "delivered" };',
        replace: 'if (outcome.status !== null) return { state: "delivered" };',
      },
    ],
    caughtBy: world,
  },
  {
    name: "each attempt has an id of its own",
    breaks: "C10",
    under: ["webhook.posted"],
    changes: [
      {
        file: "server/webhooks/deliver.ts",
        find: "{ id: eventId, at: new Date(), body }",
        replace: "{ id: `${eventId}.${Date.now()}`, at: new Date(), body }",
      },
    ],
    caughtBy: world,
  },
  {
    name: "a delivery is signed without its time",
    breaks: "C10",
    changes: [
      {
        file: "server/webhooks/signature.ts",
        find: "update(`${id}.${timestamp}.${body}`)",
        replace: "update(`${id}.${body}`)",
      },
    ],
    caughtBy: world,
  },
  {
    name: "every event of a purchase has the number of its last",
    changes: [
      {
        file: "server/webhooks/fan-out.ts",
        find: "and (l.created_at, l.kind = 'refund', l.txn_id) <= (t.created_at, t.word = 'refunded', t.txn_id))",
        replace: ")",
      },
    ],
    caughtBy: world,
  },
  {
    name: "what one transaction did to a purchase is numbered by chance",
    breaks: "C10",
    changes: [
      {
        file: "server/webhooks/fan-out.ts",
        find: "l.kind = 'refund', l.txn_id) <= (t.created_at, t.word = 'refunded', t.txn_id)",
        replace: "l.txn_id) <= (t.created_at, t.txn_id)",
      },
    ],
    caughtBy: ["server/webhooks/fan-out.db.test.ts", "in the order in which it happened"],
  },
  {
    name: "an extension has the number of the capture beside it",
    breaks: "C10",
    changes: [
      {
        file: "server/webhooks/fan-out-changes.ts",
        find: "l.created_at < a.created_at",
        replace: "l.created_at <= a.created_at",
      },
    ],
    caughtBy: ["server/webhooks/fan-out.db.test.ts", "in the order in which it happened"],
  },
  {
    name: "a command leaves no entry in the audit log",
    breaks: "C11",
    changes: [
      {
        file: "server/http/command-once.ts",
        find: "await write(tx, change);",
        replace: "void change;",
      },
    ],
    caughtBy: world,
  },
  {
    name: "a command is noted before it is done, in a transaction of its own",
    breaks: "C11",
    changes: [
      {
        file: "server/http/command-once.ts",
        find: "await write(tx, change);",
        replace: "void change;",
      },
      {
        file: "server/http/command-once.ts",
        find: "const result = await inTurn(() => command(beside));",
        replace: `await transact(db, "note", (tx) => write(tx, { before: {}, after: {} }));
                  const result = await inTurn(() => command(beside));`,
      },
    ],
    caughtBy: world,
  },
  {
    name: "the audit log's chain has a gap",
    breaks: "C11",
    changes: [
      {
        file: "server/audit/record.ts",
        find: "const seq = (lastSeq ?? 0n) + 1n;",
        replace: "const seq = (lastSeq ?? 0n) + (lastSeq === 3n ? 2n : 1n);",
      },
      {
        file: "server/audit/record.ts",
        find: "where audit_heads.seq = excluded.seq - 1",
        replace: "where audit_heads.seq < excluded.seq",
      },
    ],
    caughtBy: world,
  },
  {
    name: "a redelivery leaves what waits for its next attempt where it is",
    changes: [
      {
        file: "server/webhooks/redeliveries/store.ts",
        find: "or state = 'pending' and attempts > counts_from",
        replace: "",
      },
    ],
    caughtBy: again("what waits hours"),
  },
  {
    name: "an attempt of before puts off what somebody sends again",
    changes: [
      {
        file: "server/webhooks/due.ts",
        find: "counts_from = ${attempt - 1 - failed}::integer",
        replace: "counts_from + ${attempt + failed}::integer > 0",
      },
    ],
    caughtBy: again("an attempt that was under way"),
  },
  {
    name: "the courier rests when the endpoint it was busy with has just become free",
    changes: [
      {
        file: "server/webhooks/deliver.ts",
        find: "if (claimed.length === 0 && busy.length === 0) break;",
        replace: "if (underWay.size === 0) break;",
      },
    ],
    caughtBy: again("what one endpoint is owed"),
  },
];
