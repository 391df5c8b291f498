import {
  answersBeforeCommit,
  ignoresTheKey,
  kernel,
  neverRecallsADoubt,
  readCommitted,
  type Mutant,
} from "./mutant.ts";

const history = "server/proof/history/history.db.test.ts";
const any = [history, "is kept as it was told"] as const;
const calm = [history, "through two kernels is kept as it was told"] as const;
const cut = [history, "come late, is kept as it was told"] as const;

/** What only the history of a run shows: who was told what, held against the books. */
export const histories: readonly Mutant[] = [
  {
    name: "the idempotency key is ignored",
    breaks: "C2",
    changes: [ignoresTheKey],
    caughtBy: calm,
  },
  {
    name: "stock is read, changed and written back, whoever wrote it meanwhile",
    breaks: "C7",
    changes: [
      readCommitted,
      kernel(
        "apply.ts",
        "where b.pool_id = r.pool_id and b.bucket = r.bucket and b.version = r.version_before",
        "where b.pool_id = r.pool_id and b.bucket = r.bucket",
      ),
    ],
    caughtBy: calm,
  },
  {
    name: "a capture in part takes the whole hold",
    breaks: "C1",
    changes: [
      kernel(
        "capture.ts",
        "if (ask.quantity === undefined) return whole;",
        'if (ask.kind === "capture") return whole;',
      ),
    ],
    caughtBy: calm,
  },
  {
    name: "a hold is over when somebody needs what it holds",
    breaks: "C7",
    changes: [
      kernel(
        "load-expired.ts",
        "from ${idColumn.of(shortPools)} as k(pool_id) cross join lateral (select purchase_id, expires_at from purchases where purchases.pool_id = k.pool_id and state = 'held' and expires_at <= to_timestamp(${nowMs}::float8 / 1000)",
        "from ${idColumn.of(shortPools)} as k(pool_id) cross join lateral (select purchase_id, expires_at from purchases where purchases.pool_id = k.pool_id and state = 'held'",
      ),
    ],
    caughtBy: calm,
  },
  {
    name: "a pause stands on one bucket only",
    breaks: "C7",
    changes: [
      kernel(
        "mandate-commands.ts",
        "version = version + 1 where mandate_id = ${mandateId}`,",
        "version = version + 1 where mandate_id = ${mandateId} and bucket = 0`,",
      ),
    ],
    caughtBy: calm,
  },
  {
    name: "a batch whose claims and returns cancel out writes nothing",
    breaks: "C7",
    changes: [
      kernel(
        "running-pool.ts",
        "if (after === undefined || after.version === before.version) return;",
        "if (after === undefined || after.available === before.available) return;",
      ),
    ],
    caughtBy: any,
  },
  {
    name: "an answer goes out before its COMMIT",
    breaks: "C1",
    changes: [answersBeforeCommit],
    caughtBy: cut,
  },
  {
    name: "who was in doubt once is in doubt for good",
    changes: [
      kernel(
        "gather.ts",
        "#answer(job: Job, answer: Answer): void { this.#finish(job);",
        `#answer(job: Job, answer: Answer): void {
           const memory = globalThis as { doubted?: Set<string> };
           if (answer.kind === "unknown") (memory.doubted ??= new Set()).add(flightOf(job.entry.ask));
           this.#finish(job);`,
      ),
      kernel(
        "gather.ts",
        "const first = this.#inFlight.get(flightOf(ask));",
        `const memory = globalThis as { doubted?: Set<string> };
         if (memory.doubted?.has(flightOf(ask))) return { kind: "unknown" };
         const first = this.#inFlight.get(flightOf(ask));`,
      ),
      neverRecallsADoubt,
      {
        file: "server/proof/history/play.ts",
        find: "patienceMs: 60_000",
        replace: "patienceMs: 200",
      },
    ],
    breaks: "C6",
    caughtBy: cut,
  },
  {
    name: "sold out once is sold out for good",
    breaks: "C7",
    changes: [
      kernel(
        "commit.ts",
        "if (total < asked)",
        `const memory = globalThis as { gone?: Set<string> };
         memory.gone ??= new Set();
         if (total < asked) memory.gone.add(item.poolId);
         if (memory.gone.has(item.poolId))`,
      ),
    ],
    caughtBy: calm,
  },
  {
    name: "a doubt is resolved by a look",
    breaks: "C4",
    changes: [
      {
        file: "server/db/transact.ts",
        find: 'return recalls && (fault === "duplicate" || fault === "doubt");',
        replace: 'return recalls && fault === "duplicate";',
      },
      kernel(
        "batch.ts",
        'const kind = doubted ? "unknown" : cause instanceof ExhaustedError ? "exhausted" : "broken";',
        `const kind = doubted || cause instanceof ExhaustedError ? "exhausted" : "broken";
         const ids = travellers.map(({ entry }) => entry.id);
         const look = { text: "select ask_id, granted, answer from asks where ask_id = any($1)", values: [ids] };
         type Row = { ask_id: string; granted: boolean; answer: string };
         const seen = doubted ? (await db.pool.query<Row>(look)).rows : [];
         if (seen.length === travellers.length && seen.length > 0) {
           const byId = new Map(seen.map((row) => [row.ask_id, row]));
           return { lostRaces, fates: travellers.map((traveller): Fate<T> => {
             const row = byId.get(traveller.entry.id) as Row;
             const kind = row.granted ? "granted" : "declined";
             return [traveller, { kind, id: row.ask_id, text: row.answer }];
           }) };
         }`,
      ),
    ],
    caughtBy: cut,
  },
  {
    name: "an agent that mints a second key buys a second time",
    breaks: "C2",
    changes: [
      kernel(
        "commit.ts",
        "if (windowMs === null || ask.again === true) return undefined;",
        "if (windowMs === null || ask.kind !== undefined) return undefined;",
      ),
    ],
    caughtBy: calm,
  },
  {
    name: "a refund is announced to nobody",
    breaks: "C10",
    changes: [
      kernel(
        "refund.ts",
        'books.announce({ eventId: entry.id, tenantId, kind: "purchase.refunded", subjectId: purchaseId });',
        "void tenantId;",
      ),
    ],
    caughtBy: calm,
  },
  {
    name: "a replay is a new answer",
    breaks: "C5",
    changes: [
      kernel(
        "answers.ts",
        "stored.slice(0, -fresh.length) + again",
        '`${stored.slice(0, -fresh.length)},"seen":${Date.now()}${again}`',
      ),
    ],
    caughtBy: calm,
  },
  {
    name: "a refund is booked a second time, under an id of its own",
    breaks: "C3",
    changes: [
      kernel(
        "refund.ts",
        'books.announce({ eventId: entry.id, tenantId, kind: "purchase.refunded", subjectId: purchaseId });',
        `books.announce({ eventId: entry.id, tenantId, kind: "purchase.refunded", subjectId: purchaseId });
         const txnId = entry.id.replace(/.$/, (last) => (last === "0" ? "1" : "0"));
         books.book(...legs({ purchaseId, txnId, kind: "refund", tenantId, currency },
           ["MERCHANT_PAYABLE", merchantId, -asked], ["MANDATE_RESERVED", mandateId, asked]));`,
      ),
    ],
    caughtBy: calm,
  },
];
