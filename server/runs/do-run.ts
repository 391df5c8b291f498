import { setTimeout as sleep } from "node:timers/promises";
import type { FaultyPlace } from "../db/faulty.ts";
import type { Db } from "../db/open.ts";
import { prove, type Proof } from "../proof/prove.ts";
import type { SwarmReport } from "../proof/swarm-report.ts";
import { runSwarm, type SwarmProgress } from "../proof/swarm.ts";
import type { FromChild, Task } from "./messages.ts";
import { Watch } from "./watch.ts";

interface Given {
  readonly tell: (message: FromChild) => void;
  readonly signal: AbortSignal;
  /** What is done to the connections, when something is. */
  readonly bad: FaultyPlace | undefined;
}

/** One run from its world to its proof, told ten times a second. */
export async function doRun(
  db: Db,
  { sizes, seed, kernel, faults }: Task,
  { tell, signal, bad }: Given,
): Promise<SwarmReport> {
  const watch = new Watch(db, sizes, signal);
  const over = new AbortController();
  let told = Promise.resolve();
  try {
    const report = await runSwarm(
      db,
      {
        ...sizes,
        seed,
        duplicates: sizes.duplicatePercent / 100,
        kernel,
        signal,
        reportsWhenStopped: true,
        onWorld(tenantId) {
          tell({ kind: "world", tenantId });
          watch.begin();
          // Books are opened and proven in peace: what is put to the test is the sale.
          bad?.set(true);
          void proveNowAndThen(db, tenantId, (proof) => watch.proven(proof), over.signal);
        },
        onAnswer: (agent, { kind }, ms) => watch.note(agent, kind, ms),
      },
      (progress) => {
        if (progress.phase === "proving") {
          over.abort();
          bad?.set(false);
        } else if (faults?.homeAway === true) bad?.setHomeAway(isHomeAway(progress));
        told = watch.frame(progress).then((frame) => tell({ kind: "frame", frame }));
      },
    );
    await told;
    return report;
  } finally {
    over.abort();
  }
}

const isHomeAway = ({ agents, answered }: SwarmProgress): boolean =>
  answered >= agents / 4 && answered < (agents * 5) / 8;

/** A proof reads whole tables: it may take one part in twenty of the time, and rests for the others. */
const restPerProof = 19;

async function proveNowAndThen(
  db: Db,
  tenantId: string,
  onProof: (proof: Proof) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const startedAt = performance.now();
    const proof = await prove(db, { tenantId }).catch(() => undefined);
    if (proof) onProof(proof);
    const restMs = Math.max(1_000, restPerProof * (performance.now() - startedAt));
    await sleep(restMs, undefined, { signal }).catch(() => undefined);
  }
}
