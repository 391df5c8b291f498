import { kernel, readCommitted, type Change, type Mutant } from "./mutant.ts";

const planAsUsual: Change = {
  file: "server/db/open.ts",
  find: "await client.query(greeting);",
  replace: "await client.query(`select ${greeting.length}`);",
};

/** How asks wait, reach the database, and are found again. */
export const machinery: readonly Mutant[] = [
  {
    name: "recall is a join that the planner may plan as it likes",
    changes: [
      planAsUsual,
      kernel(
        "load-rows.ts",
        "cross join lateral (select merchant_id, key, ask_id, tenant_id, fingerprint, granted, answer from asks where asks.merchant_id = k.merchant_id and asks.key = k.key limit 1) a`",
        "join asks a on a.merchant_id = k.merchant_id and a.key = k.key`",
      ),
    ],
    caughtBy: ["server/kernel/recall-plan.db.test.ts", "recall probes"],
  },
  {
    name: "connections may scan whole tables",
    changes: [planAsUsual],
    caughtBy: ["server/kernel/recall-plan.db.test.ts", "planned by index also while"],
  },
  {
    name: "the kernel's connections plan like all others",
    changes: [kernel("gather.ts", "indexOnly: true, hurried: true }", "hurried: true }")],
    caughtBy: ["server/kernel/recall-plan.db.test.ts", "told to use indexes"],
  },
  {
    name: "a claim sees one bucket only",
    changes: [
      kernel("load.ts", "return loaded.length < buckets;", "return loaded.length > buckets;"),
    ],
    caughtBy: ["server/kernel/sell.db.test.ts", "a claim"],
  },
  {
    name: "stock is written without a guard, at read committed",
    changes: [
      readCommitted,
      kernel(
        "apply.ts",
        "where b.pool_id = r.pool_id and b.bucket = r.bucket and b.version = r.version_before",
        "where b.pool_id = r.pool_id and b.bucket = r.bucket",
      ),
    ],
    caughtBy: ["server/kernel/sell.db.test.ts", "two processes sells 200 units"],
  },
  {
    name: "a hold's state is written without a guard, at read committed",
    changes: [
      readCommitted,
      kernel(
        "apply.ts",
        "where p.purchase_id = r.purchase_id and p.line = r.line and p.version = r.version_before",
        "where p.purchase_id = r.purchase_id and p.line = r.line",
      ),
    ],
    caughtBy: ["server/kernel/holds.db.test.ts", "capture, release, extend and expiry in one race"],
  },
  {
    name: "an expired hold of yesterday counts as room of today",
    changes: [
      kernel(
        "load.ts",
        "?.giveBack(line.amountMinor, line);",
        "?.giveBack(line.amountMinor, { ...line, createdAtMs: nowMs });",
      ),
    ],
    caughtBy: ["server/kernel/holds.db.test.ts", "looks past expired holds"],
  },
  {
    name: "one look at expired holds is all",
    changes: [kernel("load.ts", "if (found.size === after) break;", "break;")],
    caughtBy: ["server/kernel/holds.db.test.ts", "more than a look's worth"],
  },
  {
    name: "an ask that is overdue in the middle of its batch is called harmless",
    breaks: "C4",
    changes: [kernel("gather.ts", 'job.running ? "unknown" : "exhausted"', '"exhausted"')],
    caughtBy: ["server/kernel/queue.db.test.ts", "harmless only when it is"],
  },
  {
    name: "doubt is reported as a failure",
    changes: [kernel("batch.ts", 'const kind = doubted ? "unknown" :', "const kind =")],
    caughtBy: ["server/kernel/doubt.db.test.ts", "never called harmless"],
  },
  {
    name: "doubt is forgotten when a batch is cut",
    changes: [
      kernel(
        "batch.ts",
        "const doubted = options.doubted === true || error instanceof DoubtError;",
        "const doubted = error instanceof DoubtError;",
      ),
    ],
    caughtBy: ["server/kernel/doubt.db.test.ts", "stays in doubt where its halves lose too"],
  },
  {
    name: "a batch in doubt is not cut",
    changes: [kernel("batch.ts", "error instanceof DoubtError ? error.cause : error", "error")],
    caughtBy: ["server/kernel/doubt.db.test.ts", "is answered by its halves"],
  },
  {
    name: "doubt is not asked again",
    changes: [
      {
        file: "server/db/transact.ts",
        find: 'return recalls && (fault === "duplicate" || fault === "doubt");',
        replace: 'return recalls && fault === "duplicate";',
      },
    ],
    caughtBy: ["server/kernel/doubt.db.test.ts", "after COMMIT arrived"],
  },
  {
    name: "an answer found after doubt is called a replay",
    changes: [
      kernel(
        "gather.ts",
        "const replayed = askId !== job.entry.id;",
        'const replayed = askId !== "";',
      ),
    ],
    caughtBy: ["server/kernel/doubt.db.test.ts", "after COMMIT arrived"],
  },
  {
    name: "after doubt the ask is a new one",
    changes: [
      kernel(
        "batch.ts",
        "const entries = live.map(({ entry }) => entry);",
        "const entries = live.map(({ entry }) => ({ ...entry, ask: { ...entry.ask, key: db.dialect.newId() }, id: db.dialect.newId() }));",
      ),
    ],
    caughtBy: ["server/kernel/doubt.db.test.ts", "after COMMIT arrived"],
  },
  {
    name: "the tag of COMMIT is not looked at",
    changes: [
      {
        file: "server/db/transact.ts",
        find: 'if (command !== "COMMIT") throw',
        replace: 'if (command === "") throw',
      },
    ],
    caughtBy: ["server/kernel/doubt.db.test.ts", "answered with ROLLBACK"],
  },
  {
    name: "a key that another process took is an error",
    changes: [
      {
        file: "server/db/transact.ts",
        find: 'return recalls && (fault === "duplicate" || fault === "doubt");',
        replace: 'return recalls && fault === "doubt";',
      },
    ],
    caughtBy: ["server/kernel/sell.db.test.ts", "two processes grants 200 simultaneous asks"],
  },
  {
    name: "a poisoned ask fails its batch",
    changes: [
      kernel(
        "batch.ts",
        ' || faultOf(cause, false) === "poison"',
        " || faultOf(cause, false) === undefined",
      ),
    ],
    caughtBy: ["server/kernel/poison.db.test.ts", "fails alone"],
  },
  {
    name: "a client has no listener for errors",
    changes: [
      { file: "server/db/open.ts", find: 'this.on("error", () => undefined);', replace: "" },
    ],
    caughtBy: ["server/kernel/doubt.db.test.ts", "in the middle of a run"],
  },
  {
    name: "work that fails first leaves a rejection unhandled",
    changes: [
      { file: "server/db/transact.ts", find: "    begun.catch(() => undefined);\n", replace: "" },
    ],
    caughtBy: ["server/kernel/doubt.db.test.ts", "in the middle of a run"],
  },
  {
    name: "tenants wait in one line",
    changes: [
      kernel(
        "fair-queue.ts",
        "const line = this.#waiting.get(job.tenantId);",
        'const line = this.#waiting.get("");',
      ),
      kernel(
        "fair-queue.ts",
        "else this.#waiting.set(job.tenantId, {",
        'else this.#waiting.set("", {',
      ),
    ],
    caughtBy: ["server/kernel/queue.db.test.ts", "another's 5,000 are done"],
  },
  {
    name: "overdue asks are not looked for",
    changes: [
      kernel("gather.ts", "this.#sweeper ??= setInterval(() => this.#sweep(), sweepMs);", ""),
    ],
    caughtBy: ["server/kernel/queue.db.test.ts", "by its own deadline"],
  },
  {
    name: "the queue has no end",
    changes: [
      kernel(
        "gather.ts",
        "this.#queue.length >= this.#settings.queueMax",
        "this.#queue.length < 0",
      ),
    ],
    caughtBy: ["server/kernel/queue.db.test.ts", "refuses at once"],
  },
  {
    name: "an outage uses up the tries of a lost race",
    changes: [
      {
        file: "server/db/transact.ts",
        find: 'if (fault !== "unavailable") tries++;',
        replace: "tries++;",
      },
    ],
    caughtBy: ["server/kernel/doubt.db.test.ts", "for a while is waited for"],
  },
  {
    name: "a database that forgets what it acknowledged is sold from",
    changes: [
      {
        file: "server/db/durability.ts",
        find: 'value === "off"',
        replace: 'value === "maybe"',
      },
    ],
    caughtBy: ["server/commands/check-durability.db.test.ts", "is refused"],
  },
  {
    name: "a crash point is taken out",
    changes: [
      {
        file: "server/db/transact.ts",
        find: 'crashPoint("commit.after", name);',
        replace: "",
      },
    ],
    caughtBy: ["server/base/crash-points.test.ts", "stand"],
  },
  {
    name: "a migration waits for its lock as long as it takes",
    changes: [
      {
        file: "server/db/migrate-postgres.ts",
        find: "await client.query(`set local lock_timeout = ${Math.round(lockTimeoutMs)}`);",
        replace: "",
      },
    ],
    caughtBy: ["server/db/migrate.db.test.ts", "does not stall others behind a long reader"],
  },
];
