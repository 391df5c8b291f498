import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import { doorMetrics } from "./door-metrics.ts";
import { pipelineMetrics } from "./pipeline-metrics.ts";
import { roundMetrics } from "./round-metrics.ts";

export type Metrics = ReturnType<typeof makeMetrics>;

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const sizes = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

/** Every number this process tells about itself. One registry each: tests do not share counts. */
export function makeMetrics() {
  const registry = new Registry();
  const makers = makersFor(registry);
  const { counter, gauge, histogram } = makers;
  return {
    registry,
    transactSeconds: histogram(
      "zerorace_transact_seconds",
      "Time of one attempt at a transaction, from BEGIN to the answer of COMMIT, by its name.",
      seconds,
      ["name"],
    ),
    transactFaults: counter(
      "zerorace_transact_faults_total",
      "Attempts at a transaction that failed, by its name and the kind of fault.",
      ["name", "fault"],
    ),
    lostRaces: counter(
      "zerorace_lost_races_total",
      "Batches that another transaction overtook and that ran again from the top.",
    ),
    doubts: counter(
      "zerorace_commit_unknown_total",
      "Commits whose fate was in doubt and that were asked again.",
    ),
    ...regionMetrics(makers),
    outcomes: counter(
      "zerorace_purchases_total",
      "Asks that were answered, by kind of ask and outcome.",
      ["kind", "outcome"],
    ),
    batchSize: histogram("zerorace_batch_size", "Asks that one transaction answered.", sizes),
    batchSplits: counter(
      "zerorace_batch_splits_total",
      "Batches that were cut in halves because one ask in them failed in the database.",
    ),
    queueLength: gauge("zerorace_queue_length", "Asks that wait in memory for a free lane."),
    queueWaitSeconds: histogram(
      "zerorace_queue_wait_seconds",
      "Time an ask waited in memory for a free lane.",
      seconds,
    ),
    joinedKeys: counter(
      "zerorace_joined_keys_total",
      "Asks that joined another with the same key that was still in flight in this process.",
    ),
    expiredHoldsReleased: counter(
      "zerorace_expired_holds_released_total",
      "Expired holds whose units and money went back.",
    ),
    httpSeconds: histogram(
      "http_server_request_duration_seconds",
      "Time from a request's headers to the end of its answer, by method, route and status class.",
      seconds,
      ["method", "route", "status_class"],
    ),
    keyLookUps: counter(
      "zerorace_api_key_look_ups_total",
      "API keys that were looked up in the database; most calls find theirs in memory.",
    ),
    ...doorMetrics(makers),
    ...pipelineMetrics(makers),
    ...roundMetrics(makers),
    gateAttempts: counter(
      "zerorace_gate_attempts_total",
      "Attempts at closing, pausing, revoking, repricing and the like, by the gate's name.",
      ["gate"],
    ),
  };
}

/** The ways to the database, of which there may be several. */
function regionMetrics({ counter, gauge }: Makers) {
  return {
    regionTransactions: counter(
      "zerorace_region_transactions_total",
      "Transactions that were committed, by the endpoint of the database that they went to.",
      ["region"],
    ),
    regionFailures: counter(
      "zerorace_region_failures_total",
      "Attempts that ended because an endpoint of the database did not answer, by its name.",
      ["region"],
    ),
    regionUp: gauge(
      "zerorace_region_up",
      "Whether an endpoint of the database is used (1) or left alone (0), by its name.",
      ["region"],
    ),
  };
}
export type Makers = ReturnType<typeof makersFor>;

function makersFor(registry: Registry) {
  const registers = [registry];
  return {
    gauge: <Label extends string = never>(
      name: string,
      help: string,
      labelNames: readonly Label[] = [],
    ) => new Gauge<Label>({ name, help, labelNames: [...labelNames], registers }),

    counter: <Label extends string = never>(
      name: string,
      help: string,
      labelNames: readonly Label[] = [],
    ) => new Counter<Label>({ name, help, labelNames: [...labelNames], registers }),

    histogram: <Label extends string = never>(
      name: string,
      help: string,
      buckets: number[],
      labelNames: readonly Label[] = [],
    ) => new Histogram<Label>({ name, help, buckets, labelNames: [...labelNames], registers }),
  };
}

/** Memory, garbage collection, event loop. Asked for by servers only: it starts observers. */
export function collectRuntime(metrics: Metrics): void {
  collectDefaultMetrics({ register: metrics.registry });
}
