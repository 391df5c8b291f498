import type { Mutant } from "./mutant.ts";

const caughtBy = [
  "server/proof/history/copies.db.test.ts",
  "go forward and come to equal",
] as const;

/** What only a reader of copies sees, or who holds all of them against the books in the end. */
export const copies: readonly Mutant[] = [
  {
    name: "an older copy is written over a newer one",
    changes: [
      {
        file: "server/readplane/put.ts",
        find: "attribute_not_exists(version) OR version < :version",
        replace: "attribute_not_exists(version) OR version <> :version",
      },
    ],
    caughtBy,
  },
  {
    name: "a refund is copied nowhere",
    changes: [
      {
        file: "worker/jobs/project.ts",
        find: "/^(purchase|item|mandate)\\./.test(kind)",
        replace: '/^(purchase|item|mandate)\\./.test(kind) && kind !== "purchase.refunded"',
      },
    ],
    caughtBy,
  },
  {
    name: "copies are said to be of now",
    changes: [
      {
        file: "server/summaries/read-copies.ts",
        find: 'return { source: "copies", asOf, currencies };',
        replace: 'return { source: "copies", asOf: new Date().toISOString(), currencies };',
      },
    ],
    caughtBy,
  },
  {
    name: "a reader gets copies that have not heard of its own purchase",
    changes: [
      {
        file: "server/summaries/routes.ts",
        find: "const isBehind = after !== undefined && (await isUntold(db, owner, after));",
        replace: 'const isBehind = after === "" && (await isUntold(db, owner, after));',
      },
    ],
    caughtBy,
  },
];
