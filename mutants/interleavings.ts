import { kernel, readCommitted, type Mutant } from "./mutant.ts";

const test = "server/kernel/interleavings.db.test.ts";

/** What goes wrong in some orders of two transactions' steps, and in no other. */
export const interleavings: readonly Mutant[] = [
  {
    name: "the last unit is written without a guard, at read committed",
    changes: [
      readCommitted,
      kernel(
        "apply.ts",
        "where b.pool_id = r.pool_id and b.bucket = r.bucket and b.version = r.version_before",
        "where b.pool_id = r.pool_id and b.bucket = r.bucket",
      ),
      kernel(
        "apply.ts",
        "set remaining_minor = r.remaining_minor, version = r.version from ${moneyColumns.of(rows)} as r where b.mandate_id = r.mandate_id and b.bucket = r.bucket and b.version = r.version_before",
        "set remaining_minor = r.remaining_minor, version = r.version from ${moneyColumns.of(rows)} as r where b.mandate_id = r.mandate_id and b.bucket = r.bucket",
      ),
    ],
    caughtBy: [test, "2 purchases of the last unit"],
  },
  {
    name: "a hold that is over is captured by who saw it in time",
    changes: [
      readCommitted,
      kernel(
        "apply.ts",
        "where p.purchase_id = r.purchase_id and p.line = r.line and p.version = r.version_before",
        "where p.purchase_id = r.purchase_id and p.line = r.line",
      ),
    ],
    caughtBy: [test, "a capture and the end of the hold"],
  },
  {
    name: "a sale of before outlives a revocation",
    changes: [
      kernel(
        "mandate-commands.ts",
        "update mandate_buckets set active = ${active}, version = version + 1 where mandate_id = ${mandateId}",
        "update mandate_buckets set active = ${active}, version = version + 1 where mandate_id = ${mandateId} and false",
      ),
    ],
    caughtBy: [test, "a purchase and a revocation"],
  },
  {
    name: "a sale of before outlives the agent's block",
    changes: [kernel("agent-commands.ts", "await outlastSales(db, block);", "")],
    caughtBy: [test, "a purchase and a block of the agent"],
  },
  {
    name: "a pause brings a revoked mandate half-way back",
    changes: [
      kernel(
        "mandate-commands.ts",
        'if (gate === "pause" && before === "revoked") return revokedForGood;',
        "",
      ),
    ],
    caughtBy: [test, "a revocation and a pause"],
  },
  {
    name: "a refund is written without a guard, at read committed",
    breaks: "C2",
    changes: [
      readCommitted,
      kernel(
        "apply.ts",
        "where p.purchase_id = r.purchase_id and p.line = r.line and p.version = r.version_before",
        "where p.purchase_id = r.purchase_id and p.line = r.line",
      ),
      kernel(
        "apply.ts",
        "set remaining_minor = r.remaining_minor, version = r.version from ${moneyColumns.of(rows)} as r where b.mandate_id = r.mandate_id and b.bucket = r.bucket and b.version = r.version_before",
        "set remaining_minor = r.remaining_minor, version = r.version from ${moneyColumns.of(rows)} as r where b.mandate_id = r.mandate_id and b.bucket = r.bucket",
      ),
    ],
    caughtBy: [test, "2 refunds of all of a purchase"],
  },
];
