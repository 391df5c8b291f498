/** What a run through dsql-local leaves out, and why. Everything else is the same tests. */
const ownProcess =
  "starts the command in a process of its own, which reaches DSQL by TLS and a token only";
const ownCluster = "has a DSQL of its own, or looks at one, whatever the run goes through";

export const filesLeftOut: Readonly<Record<string, string>> = {
  "server/cli.db.test.ts": ownProcess,
  "server/docs.db.test.ts": ownProcess,
  "server/commands/audit.db.test.ts": ownProcess,
  "server/commands/keys.db.test.ts": ownProcess,
  "server/commands/people.db.test.ts": ownProcess,
  "server/commands/operate.db.test.ts": ownProcess,
  "server/commands/purge.db.test.ts": ownProcess,
  "server/commands/trial.db.test.ts": ownProcess,
  "server/runs/runs.db.test.ts": ownProcess,
  "server/runs/faults.db.test.ts": ownProcess,
  "server/testing/side-by-side/side-by-side.db.test.ts": ownProcess,
  "worker/chaos.db.test.ts": ownProcess,
  "worker/stop.db.test.ts": ownProcess,
  "worker/imports.db.test.ts": ownProcess,
  "worker/crashes.db.test.ts": ownProcess,
  "server/proof/faults/crashes.db.test.ts": ownProcess,
  "server/proof/faults/crowds.db.test.ts": ownProcess,
  "server/proof/faults/cuts.db.test.ts":
    "PostgreSQL's own triggers make its COMMIT slow; doubt.db.test.ts is for both",
  "server/proof/faults/kills.db.test.ts": ownProcess,
  "server/proof/history/told.db.test.ts": ownProcess,
  "server/commands/up.db.test.ts": "starts an embedded PostgreSQL for `zerorace up`",
  "server/commands/dsql-local.db.test.ts": ownCluster,
  "server/db/dsql.db.test.ts": ownCluster,
  "server/db/migrate-dsql.db.test.ts": ownCluster,
  "server/db/roles.db.test.ts": `${ownCluster}; PostgreSQL's half takes a role by startup options`,
  "server/kernel/interleavings.db.test.ts":
    "steps PostgreSQL's own transactions; on DSQL nobody waits, and races are lost at COMMIT",
  "server/proof/faults/durability.db.test.ts":
    "has PostgreSQLs of its own, on disks of its own or one after the other",
  "server/proof/faults/full-log.db.test.ts":
    "starts PostgreSQL on disks of its own, and fills that of its log",
  "server/http/memory.db.test.ts": ownProcess,
  "server/http/overload.db.test.ts":
    "times the way to a PostgreSQL; DSQL opens connections slower, and at a rate",
  "server/kernel/weight.db.test.ts": ownCluster,
  "server/db/embedded.db.test.ts": "is about the embedded PostgreSQL",
  "server/backups/backups.db.test.ts": "copies out of PostgreSQL; DSQL has a backup of its own",
  "server/backups/deaths.db.test.ts": "copies out of PostgreSQL; DSQL has a backup of its own",
  "server/db/catalogue.db.test.ts": "is about schema.sql, which PostgreSQL describes",
  "server/db/expand-contract.db.test.ts": "PostgreSQL's way to migrate; DSQL's has its own tests",
  "server/db/migrate.db.test.ts": "PostgreSQL's way to migrate; DSQL's has its own tests",
  "server/http/canary.db.test.ts": "makes a superuser with a password: DSQL knows neither",
};

export interface TestLeftOut {
  readonly file: string;
  readonly test: string;
  readonly reason: string;
}

const triggers = "a trigger of PostgreSQL guards it; on DSQL the server's role may not";
const plans = "reads PostgreSQL's plan of a statement by the name that it was prepared under";

export const testsLeftOut: readonly TestLeftOut[] = [
  ...[
    "legs that do not sum to zero",
    "legs that sum to zero over two currencies only",
    "a leg that is changed",
    "a leg that is deleted",
    "a ledger that is emptied",
  ].map((test) => ({ file: "server/proof/guards.db.test.ts", test, reason: triggers })),
  {
    file: "server/audit/audit.db.test.ts",
    test: "is refused every change by the database itself",
    reason: triggers,
  },
  {
    file: "server/db/purge.db.test.ts",
    test: "of a real tenant is refused, and PostgreSQL refuses it to the janitor too",
    reason: triggers,
  },
  ...[
    "recall probes the unique key also on a table that nobody has analysed",
    "every statement of a load is planned by index also while the tables are empty",
  ].map((test) => ({ file: "server/kernel/recall-plan.db.test.ts", test, reason: plans })),
  {
    file: "server/db/silence.db.test.ts",
    test: "while too many wait, reads are refused at once and writes keep their place",
    reason: "holds connections by a lock that DSQL does not have",
  },
  {
    file: "server/kernel/doubt.db.test.ts",
    test: "that arrives after the deadline is unknown, and the same key then tells what became of it",
    reason:
      "nobody waits for a late COMMIT on DSQL: the second attempt sells, and the late one is lost",
  },
];

const ownFaults = "causes the failures of commits itself, and counts them";

/** Files that run through it, but without the failures that a run adds. */
export const withoutFaults: Readonly<Record<string, string>> = {
  "server/http/command-once.db.test.ts": ownFaults,
  "server/kernel/doubt.db.test.ts": ownFaults,
  "server/kernel/poison.db.test.ts": ownFaults,
  "server/proof/regions.db.test.ts": ownFaults,
};
