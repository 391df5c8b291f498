import { sumOf } from "../base/metrics.ts";
import type { Db } from "../db/open.ts";
import { Latency } from "../proof/latency.ts";
import { fourNumbers, holds, type Proof } from "../proof/prove.ts";
import type { SwarmProgress } from "../proof/swarm.ts";
import { LatencyStrip } from "./latency-strip.ts";
import { RunLog } from "./log.ts";
import { Picture } from "./picture.ts";
import type { RunSizes } from "./store.ts";
import type { RunFrame } from "./wire.ts";

const sentAgainKinds = new Set(["exhausted", "overloaded", "unknown"]);

/** What is seen of a run while it goes on. */
export class Watch {
  readonly #db: Db;
  readonly #agents: number;
  readonly #picture: Picture;
  readonly #latency = new Latency();
  readonly #strip = new LatencyStrip();
  readonly #log: RunLog;
  readonly #signal: AbortSignal;
  readonly #startedAt = performance.now();
  #sellingAt: number | undefined;
  #soldAt: number | undefined;
  #conflicts = 0;
  #sentAgain = 0;
  #peakBytes = 0;
  #proof: { readonly proof: Proof; readonly snapshotAt: number } | undefined;

  constructor(db: Db, sizes: RunSizes, signal: AbortSignal) {
    this.#db = db;
    this.#signal = signal;
    this.#log = new RunLog(sizes);
    this.#agents = sizes.agents;
    this.#picture = new Picture(sizes);
  }

  begin(): void {
    this.#sellingAt = performance.now();
  }

  proven(proof: Proof): void {
    this.#proof = { proof, snapshotAt: performance.now() - proof.ms };
  }

  note(agent: number, kind: string, ms: number): void {
    const afterMs = performance.now() - (this.#sellingAt ?? 0);
    this.#latency.record(ms);
    this.#strip.record(afterMs, ms);
    if (kind === "granted" || kind === "declined") {
      this.#picture.note(agent, kind === "granted", afterMs, ms);
    } else if (kind === "conflict") this.#conflicts++;
    else if (sentAgainKinds.has(kind)) this.#sentAgain++;
  }

  async frame(progress: SwarmProgress): Promise<RunFrame> {
    const { phase, asked, answered, sold, declined, declinedBy } = progress;
    const now = performance.now();
    if (phase === "proving") this.#soldAt ??= now;
    this.#peakBytes = Math.max(this.#peakBytes, process.memoryUsage.rss());
    const sellingMs = (this.#soldAt ?? now) - (this.#sellingAt ?? now);
    const lostRaces = await sumOf(this.#db.metrics.lostRaces);
    const proof = this.#proof ? shownOf(this.#proof.proof, now - this.#proof.snapshotAt) : null;
    const regions = await this.#regions();
    const elapsedMs = Math.round(now - this.#startedAt);
    const wrong = proof && wrongIn(proof);
    const [isStopping, sentAgain] = [this.#signal.aborted, this.#sentAgain];
    this.#log.look(
      { phase, answered, sold, lostRaces, sentAgain, isStopping, wrong, regions },
      elapsedMs,
    );
    return {
      phase,
      elapsedMs,
      etaMs: this.#etaMs(phase, answered, sellingMs),
      asked,
      answered,
      sold,
      declined,
      declinedBy: { ...declinedBy },
      replays: progress.replaysMatched,
      replaysMismatched: progress.replaysMismatched,
      conflicts: this.#conflicts,
      sentAgain,
      lostRaces,
      asksPerSecond: sellingMs > 0 ? Math.round((this.#latency.count / sellingMs) * 1_000) : 0,
      p50Ms: rounded(this.#latency.quantile(0.5)),
      p99Ms: rounded(this.#latency.quantile(0.99)),
      maxMs: rounded(this.#latency.maxMs),
      peakMb: Math.round(this.#peakBytes / 1024 / 1024),
      unitCells: this.#picture.unitCells(),
      buyers: this.#picture.buyers,
      arrivalCells: this.#picture.arrivalCells(asked),
      waitCells: this.#picture.waitCells(),
      latency: this.#strip.view(),
      regions,
      log: this.#log.events,
      proof,
    };
  }

  async #regions(): Promise<RunFrame["regions"]> {
    const { values } = await this.#db.metrics.regionTransactions.get();
    return this.#db.regions.all.map(({ name, breaker }) => ({
      name,
      batches: values.find(({ labels }) => labels.region === name)?.value ?? 0,
      isUsed: !breaker.isOpen,
    }));
  }

  /** Nobody can tell from the first second. */
  #etaMs(phase: SwarmProgress["phase"], answered: number, sellingMs: number): number | null {
    if (phase === "proving") return 0;
    if (sellingMs < 1_000 || answered === 0) return null;
    return Math.round(((this.#agents - answered) / answered) * sellingMs);
  }
}

type ShownProof = NonNullable<RunFrame["proof"]>;

function shownOf(proof: Proof, ageMs: number): ShownProof {
  const { at, ms } = proof;
  const how = { at: at.toISOString(), ageMs: Math.round(ageMs), ms: rounded(ms) };
  return { ...how, holds: holds(proof), ...fourNumbers(proof) };
}

function wrongIn(proof: ShownProof): number {
  const { oversells, duplicateSettlements, ledgerDrift, mandateBreaches } = proof;
  return oversells + duplicateSettlements + ledgerDrift + mandateBreaches;
}

const rounded = (value: number): number => Number(value.toFixed(2));
