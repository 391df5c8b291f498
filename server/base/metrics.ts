import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import { databaseMetrics } from "./database-metrics.ts";
import { doorMetrics } from "./door-metrics.ts";
import { pipelineMetrics } from "./pipeline-metrics.ts";
import { roundMetrics } from "./round-metrics.ts";
import { readVersion } from "./version.ts";

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
    ...databaseMetrics(makers),
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
    buildInfo: gauge("zerorace_build_info", "One, labelled with what runs here.", [
      "version",
      "node",
    ]),
    gateAttempts: counter(
      "zerorace_gate_attempts_total",
      "Attempts at closing, pausing, revoking, repricing and the like, by the gate's name.",
      ["gate"],
    ),
  };
}

/** Over all of its labels. */
export async function sumOf(counter: Pick<Counter, "get">): Promise<number> {
  const { values } = await counter.get();
  return values.reduce((sum, { value }) => sum + value, 0);
}

export type Makers = ReturnType<typeof makersFor>;

function makersFor(registry: Registry) {
  const registers = [registry];
  return {
    gauge: <Label extends string = never>(
      name: string,
      help: string,
      labelNames: readonly Label[] = [],
      collect?: () => void,
    ) =>
      new Gauge<Label>({
        name,
        help,
        labelNames: [...labelNames],
        registers,
        ...(collect && { collect }),
      }),

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
  metrics.buildInfo.set({ version: readVersion(), node: process.versions.node }, 1);
}
