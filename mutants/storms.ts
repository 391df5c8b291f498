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
    changes: [
      atCommit(`const { command } = await committing.catch((error: unknown) => {
        if (sqlStateOf(error) === "40001") return { command: "COMMIT" };
        throw error;
      });`),
    ],
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
    caughtBy: storm,
  },
  {
    // Both who use two keys at once read that there is no purchase yet, and write rows of their own.
    name: "write skew: the duplicate window looks at purchases, and writes no row for itself",
    changes: [
      kernel(
        "load-rows.ts",
        "join recent_grants g on",
        `join (select mandate_id, agent_id, item_id, amount_minor, max(created_at) as last_at
                 from purchases group by 1, 2, 3, 4) g on`,
      ),
      kernel(
        "apply.ts",
        "from ${grantColumns.of(rows)} as r on conflict (mandate_id,",
        "from ${grantColumns.of(rows)} as r where false on conflict (mandate_id,",
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
