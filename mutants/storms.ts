import { kernel, type Change, type Mutant } from "./mutant.ts";

/** On a local Aurora DSQL, where a race is lost at COMMIT only. */
const storm = [
  "server/proof/history/storm.db.test.ts",
  "a history on Aurora DSQL is kept as it was told",
] as const;

const atCommit = (replace: string): Change => ({
  file: "server/db/transact.ts",
  find: "const { command } = await committing;",
  replace,
});

/** How a race that is lost at COMMIT could be taken for something else. */
export const storms: readonly Mutant[] = [
  {
    name: "a race lost at COMMIT is a failure, and not run again",
    changes: [
      {
        file: "server/db/transact.ts",
        find: 'if (fault === "lostRace" || fault === "unavailable") return true;',
        replace: 'if (fault === "unavailable") return true;',
      },
    ],
    caughtBy: storm,
  },
  {
    name: "a race lost at COMMIT is taken for a success",
    breaks: "C1",
    under: ["occ-storm"],
    changes: [
      atCommit(`const { command } = await committing.catch((error: unknown) => {
        if (sqlStateOf(error) === "40001") return { command: "COMMIT" };
        throw error;
      });`),
    ],
    caughtBy: storm,
  },
  {
    name: "a COMMIT without an answer is taken for a success",
    changes: [
      atCommit(`const { command } = await committing.catch((error: unknown) => {
        if (sqlStateOf(error) === "40001") throw error;
        return { command: "COMMIT" };
      });`),
    ],
    breaks: "C1",
    under: ["commit-doubt"],
    caughtBy: storm,
  },
  {
    name: "of a lost race only the COMMIT is sent again",
    changes: [
      atCommit('const { command } = await committing.catch(() => client.query("commit"));'),
    ],
    caughtBy: storm,
  },
  {
    name: "a lost race is run again with what was decided before",
    changes: [
      kernel(
        "batch.ts",
        "const { decisions, plan } = await consider(db, tx, entries, { luck, attempt: 1 + lostRaces });",
        `const held = travellers as { first?: ReturnType<typeof consider> };
         held.first ??= consider(db, tx, entries, { luck, attempt: 1 + lostRaces });
         const { decisions, plan } = await held.first;`,
      ),
    ],
    caughtBy: storm,
  },
  {
    name: "a change of the catalog (OC001) is no lost race",
    changes: [
      {
        file: "server/db/faults.ts",
        find: 'if (lostRaces.has(code)) return "lostRace";',
        replace:
          'if (lostRaces.has(code) && !(error as Error).message.includes("OC001")) return "lostRace";',
      },
    ],
    under: ["occ-schema"],
    caughtBy: storm,
  },
  {
    // Two who use two keys at once both read that there is no such row yet, and each writes another one.
    name: "write skew: of the duplicate window everybody writes a row of its own",
    changes: [
      kernel(
        "apply.ts",
        'const grantColumns = new Columns<RecentGrant>({ mandate_id: ["uuid", (r) => r.mandateId], agent_id: ["text", (r) => r.agentId],',
        `const grantColumns = new Columns<RecentGrant>({ mandate_id: ["uuid", (r) => r.mandateId],
           agent_id: ["text", (r) => \`\${r.agentId}~\${Math.random()}\`],`,
      ),
      kernel(
        "load-rows.ts",
        `select g.mandate_id, g.agent_id, g.item_id, g.amount_minor, g.last_at
           from \${grantColumns.of(grants)} as k
           join recent_grants g on g.mandate_id = k.mandate_id and g.agent_id = k.agent_id`,
        `select g.mandate_id, k.agent_id, g.item_id, g.amount_minor, g.last_at
           from \${grantColumns.of(grants)} as k
           join recent_grants g on g.mandate_id = k.mandate_id and starts_with(g.agent_id, k.agent_id || '~')`,
      ),
    ],
    caughtBy: storm,
  },
  {
    name: "a sale whose claims and returns cancel out reads its gate, and does not write it",
    changes: [
      kernel(
        "running-pool.ts",
        "if (after === undefined || after.version === before.version) return;",
        "if (after === undefined || after.available === before.available) return;",
      ),
    ],
    caughtBy: storm,
  },
];
