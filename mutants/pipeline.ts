import type { Mutant } from "./mutant.ts";

const projection = (tests: string) => ["worker/projection.db.test.ts", tests] as const;

/** What happens after the fact: told late is fine, told wrong or never is not. */
export const pipeline: readonly Mutant[] = [
  {
    name: "the relay deletes a row before its copies are written",
    breaks: "C10",
    changes: [
      {
        file: "worker/handle.ts",
        find: "for (const job of list) {",
        replace: "await settle(ctx.db, events, slice); for (const job of list) {",
      },
    ],
    caughtBy: projection("the row goes only after"),
  },
  {
    name: "a command leaves no event",
    breaks: "C10",
    changes: [
      {
        file: "server/kernel/gate.ts",
        find: "await Promise.all([leaveEvent(tx, db, event), ",
        replace: "await Promise.all([",
      },
    ],
    caughtBy: projection("what a command changed"),
  },
  {
    name: "a copy is written whatever is there",
    breaks: "C8",
    changes: [
      {
        file: "server/readplane/put.ts",
        find: "attribute_not_exists(version) OR version < :version",
        replace: "attribute_not_exists(version) OR version <> :version",
      },
    ],
    caughtBy: projection("a copy that is older"),
  },
  {
    name: "an event that came twice is added up twice",
    changes: [
      {
        file: "worker/outbox/settle.ts",
        find: "if (gone.length > 0) { added = await addUp(tx, gone, slice);",
        replace: "{ added = await addUp(tx, events.map((e) => ({ ...e, lagSeconds: 0 })), slice);",
      },
    ],
    caughtBy: projection("events that come twice"),
  },
  {
    name: "a sum that changed while it was told is taken for told",
    changes: [
      {
        file: "worker/outbox/settle.ts",
        find: "and o.event_id = r.event_id and o.due_at = r.due_at::timestamptz",
        replace: "and o.event_id = r.event_id",
      },
    ],
    caughtBy: projection("a sum that changed while"),
  },
  {
    name: "what was handed to the queue is believed to be done",
    breaks: "C10",
    changes: [
      {
        file: "worker/relay.ts",
        find: "const isLost = there.has(row) && until < now;",
        replace: "const isLost = there.has(row) && until < 0;",
      },
    ],
    caughtBy: projection("handed over and lost"),
  },
  {
    name: "a queue that lost events is asked again and again",
    changes: [
      {
        file: "worker/relay.ts",
        find: "return performance.now() > this.#distrustedUntil;",
        replace: "return true;",
      },
    ],
    caughtBy: projection("handed over and lost"),
  },
  {
    name: "an event that cannot be told is tried for ever",
    changes: [
      {
        file: "worker/outbox/park.ts",
        find: "failures.filter(({ event }) => event.tries + 1 >= triesMax)",
        replace: "failures.filter(({ event }) => event.tries < 0)",
      },
      {
        file: "worker/outbox/park.ts",
        find: "failures.filter(({ event }) => event.tries + 1 < triesMax)",
        replace: "failures",
      },
    ],
    caughtBy: projection("cannot be told is parked"),
  },
  {
    name: "an event that brings its job down takes the batch along",
    changes: [
      {
        file: "worker/handle.ts",
        find: "if (isOfTheMoment(error)) throw error;",
        replace: "if (events.length > 0) throw error;",
      },
    ],
    caughtBy: projection("brings its job down"),
  },
  {
    name: "one document that is refused takes its neighbours along",
    changes: [
      {
        file: "server/readplane/put.ts",
        find: "if (docs.length === 1 && only) {",
        replace: "if (only) {",
      },
    ],
    caughtBy: projection("stands in nobody's way"),
  },
  {
    name: "the watermark passes what is not told",
    changes: [
      {
        file: "worker/watermark.ts",
        find: "min(created_at)) as",
        replace: "max(now())) as",
      },
    ],
    caughtBy: projection("the watermark never passes"),
  },
  {
    name: "the watermark passes sums that are due anew, and were never told",
    breaks: "C8",
    changes: [
      {
        file: "worker/outbox/settle.ts",
        find: "created_at = least(o.created_at, excluded.created_at)",
        replace: "created_at = excluded.created_at",
      },
    ],
    caughtBy: projection("stay as old as the oldest sale"),
  },
  {
    name: "sums that were told and are due anew stay as old as they were",
    changes: [
      {
        file: "worker/handle.ts",
        find: "await settle(ctx.db, done, slice, floor);",
        replace: "await settle(ctx.db, done, slice);",
      },
    ],
    caughtBy: ["worker/projection.db.test.ts", "whenever they are"],
  },
  {
    name: "the watermark stands still while a merchant sells without a pause",
    changes: [
      {
        file: "worker/outbox/settle.ts",
        find: "gone.filter(({ kind }) => kind !== totalsChanged)",
        replace: "gone",
      },
    ],
    caughtBy: projection("the watermark follows"),
  },
  {
    name: "a balance in Redis adds whatever comes",
    changes: [
      {
        file: "server/balances/copies.ts",
        find: "if version == known + 1 then",
        replace: "if version > 0 then",
      },
    ],
    caughtBy: ["worker/balances.db.test.ts", "an addition counts once"],
  },
  {
    name: "what a killed worker did not add to a balance is never missed",
    changes: [
      {
        file: "server/balances/copies.ts",
        find: "if behind > 0 or forced then",
        replace: "if forced then",
      },
    ],
    caughtBy: ["worker/balances.db.test.ts", "after a flush in the middle"],
  },
  {
    name: "a lease that somebody has is taken",
    changes: [
      {
        file: "server/db/lease.ts",
        find: "if (row && row.ownerId !== ownerId && !row.isOver) return undefined;",
        replace: "",
      },
    ],
    caughtBy: ["server/db/lease.db.test.ts", "of many who want"],
  },
];
