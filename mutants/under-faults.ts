import { answersWhenDecided } from "./deaths.ts";
import {
  answersBeforeCommit,
  ignoresTheKey,
  kernel,
  neverRecallsADoubt,
  struckBy,
  struckOnDsql,
  type Change,
  type Mutant,
} from "./mutant.ts";

const durability = "server/proof/faults/durability.db.test.ts";

const callsDoubtFailure: readonly Change[] = [
  kernel(
    "batch.ts",
    'const kind = doubted ? "unknown" : cause',
    'const kind = doubted ? "exhausted" : cause',
  ),
  neverRecallsADoubt,
];

/** What is told to nobody is not waited for as long as what might be late. */
const waitsLess: Change = {
  file: "server/proof/history/round.ts",
  find: "const toldMs = 120_000;",
  replace: "const toldMs = 30_000;",
};

/** Names that Redis has are taken for events that are told. */
const believesTheQueue: readonly Change[] = [
  {
    file: "worker/queues.ts",
    find: "if (!handed) await handle(ctx, part, own);",
    replace: "if (own < 0) await handle(ctx, part, own);",
  },
  {
    file: "worker/relay.ts",
    find: "const isLost = there.has(row) && until < now;",
    replace: "const isLost = there.has(row) && until < 0;",
  },
  // What stays in Redis for a moment is more surely there when something happens to it.
  {
    file: "worker/queues.ts",
    find: "removeOnFail: true, attempts: 1 };",
    replace: "removeOnFail: true, attempts: 1, delay: 500 };",
  },
  waitsLess,
];

const leavesCopiesOut: readonly Change[] = [
  {
    file: "server/readplane/put.ts",
    find: "} else if (performance.now() > giveUpAt) throw error;",
    replace: "} else return;",
  },
];

const givesUpOnSilence: readonly Change[] = [
  {
    file: "server/webhooks/deliver.ts",
    find: 'if (isSuccess(outcome)) return { state: "delivered" };',
    replace: 'if (isSuccess(outcome) || outcome.status === null) return { state: "delivered" };',
  },
  waitsLess,
];

/** What `zerorace verify` itself must find, with nothing but this one fault struck. */
export const underFaults: readonly Mutant[] = [
  {
    name: "the same ask under the same key is sold to each who sends it",
    changes: [ignoresTheKey],
    ...struckBy("same-key-storm", "C5"),
  },
  {
    name: "an answer does not wait for a COMMIT that is cut",
    changes: [answersBeforeCommit],
    ...struckBy("commit-cut", "C1"),
  },
  {
    name: "a COMMIT that is late is called a failure",
    changes: callsDoubtFailure,
    ...struckBy("commit-late", "C4"),
  },
  {
    name: "what is decided is answered, and its COMMIT is swallowed",
    changes: answersWhenDecided,
    ...struckBy("database-silent", "C1"),
  },
  {
    name: "what is decided is answered, and its connection is reset",
    changes: answersWhenDecided,
    ...struckBy("database-refuses", "C1"),
  },
  {
    name: "what is decided is answered, and ends with its connection's process",
    changes: answersWhenDecided,
    ...struckBy("backend-kill", "C1"),
  },
  {
    name: "PostgreSQL acknowledges before it has written, and is sold from",
    changes: [
      {
        file: "server/db/embedded.ts",
        find: 'synchronous_commit: "on",',
        replace:
          'synchronous_commit: "off", wal_writer_delay: "10s", wal_writer_flush_after: "1GB",',
      },
      {
        file: "server/db/embedded.ts",
        find: 'const durability = ["fsync", "full_page_writes", "synchronous_commit"];',
        replace: 'const durability = ["fsync", "full_page_writes"];',
      },
      { file: "server/db/durability.ts", find: 'value === "off"', replace: 'value === "maybe"' },
      // What the run itself is made of stays: it is sales that are to be lost.
      {
        file: "server/proof/history/witness.ts",
        find: "for (const statement of statements) await db.pool.query(statement);",
        replace:
          'for (const statement of [...statements, "checkpoint"]) await db.pool.query(statement);',
      },
    ],
    ...struckBy("postgres-kill", "C1"),
  },
  {
    name: "what is decided is answered, and dies with its server",
    changes: answersWhenDecided,
    ...struckBy("server-kill", "C1"),
  },
  {
    name: "what a dead worker had is its own for ever",
    changes: [
      {
        file: "server/db/lease-share.ts",
        find: "where name >= ${`${group}/`} and name < ${`${group}0`} and until > now()",
        replace: "where name >= ${`${group}/`} and name < ${`${group}0`}",
      },
      waitsLess,
    ],
    ...struckBy("worker-kill", "C10"),
  },
  {
    name: "what Redis did not take is believed to be done",
    changes: believesTheQueue,
    ...struckBy("redis-gone", "C10"),
  },
  {
    name: "what Redis was told is believed to be done when it comes back empty",
    changes: believesTheQueue,
    ...struckBy("redis-killed", "C10"),
  },
  {
    name: "what Redis was told is believed to be done when it forgets it",
    changes: believesTheQueue,
    ...struckBy("redis-flushed", "C10"),
  },
  {
    name: "what Redis has no room for is believed to be done",
    changes: believesTheQueue,
    ...struckBy("redis-full", "C10"),
  },
  {
    name: "a copy that DynamoDB throttles is left out",
    changes: leavesCopiesOut,
    ...struckBy("dynamodb-throttles", "C8"),
  },
  {
    name: "a copy that DynamoDB does not answer for is left out",
    changes: leavesCopiesOut,
    ...struckBy("dynamodb-hangs", "C8"),
  },
  {
    name: "a copy that finds no DynamoDB is left out",
    changes: leavesCopiesOut,
    ...struckBy("dynamodb-gone", "C8"),
  },
  {
    name: "an answer does not wait for a COMMIT that ends in XX000",
    changes: [answersBeforeCommit],
    ...struckOnDsql("commit-doubt", "C1"),
  },
  {
    name: "what is decided is answered, and its session ends",
    changes: answersWhenDecided,
    ...struckOnDsql("cluster-full", "C1"),
  },
  {
    name: "what is decided is answered, and its cluster is killed",
    changes: answersWhenDecided,
    ...struckOnDsql("cluster-kill", "C1"),
  },
  {
    name: "a delivery that nobody answers is done",
    changes: givesUpOnSilence,
    ...struckBy("webhook-sink-hangs", "C10"),
  },
  {
    name: "a delivery whose connection is cut is done",
    changes: givesUpOnSilence,
    ...struckBy("webhook-sink-gone", "C10"),
  },
  // What is beneath the product its tests break themselves, in every run, to see that it is seen.
  {
    name: "PostgreSQL acknowledges before it has written (synchronous_commit = off)",
    changes: [],
    breaks: "C1",
    caughtBy: ["server/proof/faults/kills.db.test.ts", "acknowledged before it had written"],
  },
  {
    name: "PostgreSQL never waits for its disk (fsync = off), and the power is cut",
    changes: [],
    breaks: "C1",
    caughtBy: [durability, "would lose them"],
  },
  {
    name: "an asynchronous standby takes over, and is called a copy of everything",
    changes: [],
    breaks: "C1",
    caughtBy: [durability, "nobody waits for loses the last"],
  },
];
