import { setTimeout as sleep } from "node:timers/promises";
import type { FaultyPlace } from "../db/faulty.ts";
import type { Db } from "../db/open.ts";
import { Latency } from "../proof/latency.ts";
import { fourNumbers, holds, prove, type Proof } from "../proof/prove.ts";
import type { SwarmReport } from "../proof/swarm-report.ts";
import { runSwarm, type SwarmProgress } from "../proof/swarm.ts";
import type { FromChild, Task } from "./messages.ts";
import { Picture } from "./picture.ts";
import type { RunFrame } from "./wire.ts";

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
  const watch = new Watch(db, sizes);
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
          // Books are opened and proven in peace: what is put to the test is the sale.
          bad?.set(true);
          void proveNowAndThen(db, tenantId, (proof) => (watch.proof = proof), over.signal);
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

const sentAgainKinds = new Set(["exhausted", "overloaded", "unknown"]);

/** What is seen of a run while it goes on. */
class Watch {
  proof: Proof | undefined;
  readonly #db: Db;
  readonly #agents: number;
  readonly #picture: Picture;
  readonly #latency = new Latency();
  readonly #startedAt = performance.now();
  #sellingAt: number | undefined;
  #soldAt: number | undefined;
  #conflicts = 0;
  #sentAgain = 0;
  #peakBytes = 0;

  constructor(db: Db, sizes: Task["sizes"]) {
    this.#db = db;
    this.#agents = sizes.agents;
    this.#picture = new Picture(sizes);
  }

  note(agent: number, kind: string, ms: number): void {
    this.#latency.record(ms);
    if (kind === "granted" || kind === "declined") this.#picture.note(agent, kind === "granted");
    else if (kind === "conflict") this.#conflicts++;
    else if (sentAgainKinds.has(kind)) this.#sentAgain++;
  }

  async frame(progress: SwarmProgress): Promise<RunFrame> {
    const { phase, asked, answered, sold, declined, declinedBy } = progress;
    const now = performance.now();
    if (phase === "selling") this.#sellingAt ??= now;
    if (phase === "proving") this.#soldAt ??= now;
    this.#peakBytes = Math.max(this.#peakBytes, process.memoryUsage.rss());
    const sellingMs = (this.#soldAt ?? now) - (this.#sellingAt ?? now);
    const { values } = await this.#db.metrics.lostRaces.get();
    return {
      phase,
      elapsedMs: Math.round(now - this.#startedAt),
      etaMs: this.#etaMs(phase, answered, sellingMs),
      asked,
      answered,
      sold,
      declined,
      declinedBy: { ...declinedBy },
      replays: progress.replaysMatched,
      replaysMismatched: progress.replaysMismatched,
      conflicts: this.#conflicts,
      sentAgain: this.#sentAgain,
      lostRaces: values[0]?.value ?? 0,
      asksPerSecond: sellingMs > 0 ? Math.round((this.#latency.count / sellingMs) * 1_000) : 0,
      p50Ms: rounded(this.#latency.quantile(0.5)),
      p99Ms: rounded(this.#latency.quantile(0.99)),
      maxMs: rounded(this.#latency.maxMs),
      peakMb: Math.round(this.#peakBytes / 1024 / 1024),
      unitCells: this.#picture.unitCells(),
      arrivalCells: this.#picture.arrivalCells(asked),
      proof: this.proof ? shownOf(this.proof) : null,
    };
  }

  /** Nobody can tell from the first second. */
  #etaMs(phase: SwarmProgress["phase"], answered: number, sellingMs: number): number | null {
    if (phase === "proving") return 0;
    if (sellingMs < 1_000 || answered === 0) return null;
    return Math.round(((this.#agents - answered) / answered) * sellingMs);
  }
}

function shownOf(proof: Proof): RunFrame["proof"] {
  const { at, ms } = proof;
  return { at: at.toISOString(), ms: rounded(ms), holds: holds(proof), ...fourNumbers(proof) };
}

const rounded = (value: number): number => Number(value.toFixed(2));
