import type { Makers } from "./metrics.ts";

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Of a pool of connections, as `pg` counts them. */
export interface Connections {
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
}

/** Transactions, and the ways to the database, of which there may be several. */
export function databaseMetrics({ counter, gauge, histogram }: Makers) {
  const pools = new Map<Connections, string>();
  const connections = gauge(
    "zerorace_db_pool_connections",
    "Connections to the database by pool: idle, or busy; and callers that are waiting for one.",
    ["pool", "state"],
    () => {
      connections.reset();
      for (const [{ totalCount, idleCount, waitingCount }, pool] of pools) {
        connections.inc({ pool, state: "idle" }, idleCount);
        connections.inc({ pool, state: "busy" }, totalCount - idleCount);
        connections.inc({ pool, state: "waiting" }, waitingCount);
      }
    },
  );
  return {
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
      "zerorace_commit_retries_total",
      "Transactions that another overtook and that ran again from the top, by what the database said.",
      ["sqlstate"],
    ),
    doubts: counter(
      "zerorace_commit_unknown_total",
      "Commits whose fate was in doubt and that were asked again.",
    ),
    doubtsEnded: counter(
      "zerorace_commit_unknown_resolved_total",
      "Transactions that were in doubt, by how that ended: answered by asking again, or unknown to the caller.",
      ["as"],
    ),
    unforeseen: counter(
      "zerorace_unexpected_sqlstate_total",
      "Errors of the database that no code here foresees, by the class of their SQLSTATE.",
      ["class"],
    ),
    connections,
    /** Pools whose connections are counted whenever somebody looks. */
    pools,
    readsRefused: counter(
      "zerorace_db_reads_refused_total",
      "Reads refused at once because too many waited for a connection already, by the transaction's name.",
      ["name"],
    ),
    connectSeconds: histogram(
      "zerorace_db_pool_acquire_seconds",
      "Time until a transaction had its connection, from the pool or a new one.",
      seconds,
    ),
    ...regionMetrics({ counter, gauge }),
  };
}

function regionMetrics({ counter, gauge }: Pick<Makers, "counter" | "gauge">) {
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
