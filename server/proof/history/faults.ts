import { setTimeout as sleep } from "node:timers/promises";
import { cutting, type Policy } from "../unreliable.ts";
import { copyFaults } from "./copy-faults.ts";
import { onStage, spellMs, type Fault } from "./fault.ts";
import type { Stage } from "./stage.ts";

async function withPolicy(stage: Stage, policy: Policy): Promise<void> {
  stage.setPolicy(policy);
  await sleep(spellMs);
  stage.setPolicy(() => "pass");
}

/** Everything that a run can do to an installation, by the names that `--faults` takes. */
export const faults: readonly Fault[] = [
  {
    name: "same-key-storm",
    says: "A hundred agents send the same ask under the same key at once.",
    strike: ({ storm }) => storm(100),
  },
  onStage(
    "commit-cut",
    "Of the COMMITs of two seconds a fifth is cut: before it arrives, or before its answer does.",
    (stage, luck) => withPolicy(stage, cutting(luck.from(1, 2 ** 31), 0.1, 0.1)),
  ),
  onStage(
    "commit-late",
    "Every fifth COMMIT of two seconds arrives when its sender has given it up.",
    (stage) => withPolicy(stage, (nth) => (nth % 5 === 0 ? { delayMs: 2_500 } : "pass")),
  ),
  onStage("database-silent", "For two seconds not a byte comes or goes.", async (stage) => {
    stage.network.blackHole(true);
    await sleep(spellMs);
    stage.network.blackHole(false);
  }),
  onStage("database-refuses", "For a second every connection is reset.", async (stage) => {
    stage.network.refuse(true);
    await sleep(spellMs / 2);
    stage.network.refuse(false);
  }),
  onStage(
    "backend-kill",
    "A connection's process of PostgreSQL is killed; all others end.",
    (stage) => stage.killBackend(),
  ),
  onStage("postgres-kill", "All of PostgreSQL is killed and started again.", (stage) =>
    stage.killPostgres(),
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
    stage.redis.refuse(true);
    await sleep(spellMs);
    stage.redis.refuse(false);
  }),
  ...copyFaults,
];

/** Nothing is in the way any more, whatever was interrupted. */
export async function heal(stage: Stage): Promise<void> {
  stage.setPolicy(() => "pass");
  stage.network.blackHole(false);
  stage.network.refuse(false);
  stage.redis.refuse(false);
  await stage.caches.heal();
}
