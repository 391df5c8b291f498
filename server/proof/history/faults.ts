import { setTimeout as sleep } from "node:timers/promises";
import { cutting, type Policy } from "../unreliable.ts";
import { copyFaults } from "./faults-copies.ts";
import type { EngineName, PostgresEngine } from "./engine.ts";
import { onPostgres, onStage, spellMs, type Fault } from "./fault.ts";
import { dsqlFaults } from "./faults-dsql.ts";
import { sinkFaults } from "./faults-sink.ts";
import type { Sink } from "./sink.ts";
import type { Stage } from "./stage.ts";

async function withPolicy(engine: PostgresEngine, policy: Policy): Promise<void> {
  engine.setPolicy(policy);
  await sleep(spellMs);
  await engine.heal();
}

/** Everything that a run can do to an installation, by the names that `--faults` takes. */
export const faults: readonly Fault[] = [
  {
    name: "same-key-storm",
    says: "A hundred agents send the same ask under the same key at once.",
    strike: ({ storm }) => storm(100),
  },
  onPostgres(
    "commit-cut",
    "Of the COMMITs of two seconds a fifth is cut: before it arrives, or before its answer does.",
    (engine, luck) => withPolicy(engine, cutting(luck.from(1, 2 ** 31), 0.1, 0.1)),
  ),
  onPostgres(
    "commit-late",
    "Every fifth COMMIT of two seconds arrives when its sender has given it up.",
    (engine) => withPolicy(engine, (nth) => (nth % 5 === 0 ? { delayMs: 2_500 } : "pass")),
  ),
  onStage("database-silent", "For two seconds not a byte comes or goes.", async (stage) => {
    stage.engine.network.blackHole(true);
    await sleep(spellMs);
    stage.engine.network.blackHole(false);
  }),
  onStage("database-refuses", "For a second every connection is reset.", async (stage) => {
    stage.engine.network.refuse(true);
    await sleep(spellMs / 2);
    stage.engine.network.refuse(false);
  }),
  onPostgres(
    "backend-kill",
    "A connection's process of PostgreSQL is killed; all others end.",
    (engine) => engine.killBackend(),
  ),
  onStage("postgres-kill", "All of PostgreSQL is killed and started again.", (stage) =>
    stage.engine.killPostgres(),
  ),
  onStage(
    "server-kill",
    "A server is killed in the middle of its work and started again.",
    (stage, luck) => stage.killServer(luck.from(0, stage.urls.length - 1)),
  ),
  onStage(
    "worker-kill",
    "The worker is killed in the middle of its work and started again.",
    (stage) => stage.killWorker(),
  ),
  onStage("redis-gone", "For two seconds there is no Redis.", async (stage) => {
    stage.caches.redis.refuse(true);
    await sleep(spellMs);
    stage.caches.redis.refuse(false);
  }),
  ...copyFaults,
  ...sinkFaults,
  ...dsqlFaults,
];

/** What can be done to an installation of this engine; as a guest, what touches nobody else. */
export const faultsOn = (on: EngineName | undefined): readonly Fault[] =>
  faults.filter(({ needsStage, engine = on }) =>
    on === undefined ? needsStage !== true : engine === on,
  );

/** Nothing is in the way any more, whatever was interrupted. */
export async function heal({ engine, caches }: Stage, sink?: Sink): Promise<void> {
  if (sink !== undefined) sink.mood = "well";
  engine.network.blackHole(false);
  engine.network.refuse(false);
  await caches.heal();
  await engine.heal();
}
