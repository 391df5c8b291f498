import { setTimeout as sleep } from "node:timers/promises";
import type { DsqlEngine } from "./engine.ts";
import { spellMs, type Fault } from "./fault.ts";
import type { Luck } from "./luck.ts";

const onDsql = (
  name: string,
  says: string,
  strike: (engine: DsqlEngine, luck: Luck) => Promise<void>,
): Fault => ({
  name,
  says,
  needsStage: true,
  engine: "dsql",
  async strike({ stage }, luck) {
    if (stage?.engine.name === "dsql") await strike(stage.engine, luck);
  },
});

const changes = 5;

/** For a while so large a share of the COMMITs meets each of these. */
async function withFates(
  engine: DsqlEngine,
  luck: Luck,
  fates: Readonly<Record<string, number>>,
  meanwhile?: Promise<unknown>,
): Promise<void> {
  const specs = Object.entries(fates).map(
    ([fault, share]) => `fault=${fault} probability=${share} seed=${luck.from(1, 2 ** 31)}`,
  );
  await engine.inject(specs);
  await Promise.all([sleep(spellMs), meanwhile]);
  await engine.heal();
}

/** What only Aurora DSQL does to who commits. */
export const dsqlFaults: readonly Fault[] = [
  onDsql(
    "occ-storm",
    "Of the COMMITs of two seconds 30 % lose their race (40001, OC000).",
    (engine, luck) => withFates(engine, luck, { OC000: 0.3 }),
  ),
  onDsql(
    "occ-schema",
    "Five changes of the catalog in two seconds: what is open fails (40001, OC001), and a tenth of the rest.",
    async (engine, luck) => {
      const changing = async (): Promise<void> => {
        for (let nth = 0; nth < changes; nth++) {
          await engine.changeCatalog();
          await sleep(spellMs / changes);
        }
      };
      await withFates(engine, luck, { OC001: 0.1 }, changing());
    },
  ),
  onDsql(
    "commit-doubt",
    "A fifth of the COMMITs of two seconds has no answer that says what became of it: XX000, or a closed socket.",
    (engine, luck) =>
      withFates(engine, luck, {
        "XX000-before": 0.05,
        "XX000-after": 0.05,
        "cut-before": 0.05,
        "cut-after": 0.05,
      }),
  ),
  onDsql(
    "cluster-full",
    "All sessions end as if their hour was over, and for a second nobody new is let in (53300).",
    async (engine) => {
      await engine.crowd();
      await sleep(spellMs / 2);
      await engine.heal();
    },
  ),
  onDsql(
    "cluster-kill",
    "What makes a cluster of PostgreSQL is killed and started again: every connection is gone.",
    (engine) => engine.killCluster(),
  ),
];
