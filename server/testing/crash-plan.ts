/** Where processes of the tests are made to die; together they pass every crash point that there is. */

/** What brings a server to a point that purchases alone do not pass. */
export type Provocation = "purchases" | "adjust" | "block" | "conflicts";

interface Crash {
  /** As the setting has it. */
  readonly at: string;
}

export interface ServerCrash extends Crash {
  readonly by: Provocation;
}

const of = <By extends string>(by: By, ...all: readonly string[]) => all.map((at) => ({ at, by }));

export const serverCrashes: readonly ServerCrash[] = [
  ...of(
    "purchases",
    "batch.taken#7",
    "batch.decided#5",
    "commit.before@batch#6",
    "commit.sent@batch#4",
    "commit.after@batch#5",
    "reply.before#9",
    "reply.after#12",
  ),
  ...of("conflicts", "batch.halved"),
  ...of(
    "adjust",
    "commit.after@raise_gate",
    "gate.raised",
    "commit.before@gate_adjust",
    "commit.sent@gate_adjust",
    "commit.after@gate_adjust",
  ),
  ...of("block", "commit.after@block_agent", "block.written", "commit.before@outlast_sales"),
];

export type WorkerProvocation = "sales" | "webhooks" | "holds";

export interface WorkerCrash extends Crash {
  readonly by: WorkerProvocation;
}

export const workerCrashes: readonly WorkerCrash[] = [
  ...of(
    "sales",
    "relay.read",
    "relay.handed",
    "project.read",
    "put.chunk",
    "handle.told",
    "commit.before@outbox_settle",
    "commit.sent@outbox_settle",
    "commit.after@outbox_settle",
    "handle.settled",
    "handle.counted",
    "job.done",
  ),
  ...of(
    "webhooks",
    "commit.before@fan_out",
    "commit.after@fan_out",
    "commit.after@claim_webhooks",
    // The first is a test event, which nobody is owed.
    "webhook.claimed#4",
    "webhook.posted#3",
    "commit.before@webhook_outcome",
    "commit.after@webhook_outcome",
  ),
  ...of(
    "holds",
    "commit.before@expire_holds",
    "commit.sent@expire_holds",
    "commit.after@expire_holds",
  ),
];

export const migrationCrashes: readonly Crash[] = [
  { at: "migrate.before#40" },
  { at: "migrate.after#3" },
];

/** Of tables the one in the middle. */
export const restoreCrashes = of(
  "restore",
  "restore.schema",
  "restore.table#12",
  "restore.before",
  "restore.after",
);

/** Of a long list a share, and with another turn another one. */
export interface Share {
  readonly oneIn: number;
  readonly turn: number;
}

/** The crashes of this turn, under what brings a process to them. */
export function inTurn<By extends string>(
  crashes: readonly { readonly at: string; readonly by: By }[],
  { oneIn, turn }: Share,
): [By, string[]][] {
  const chosen = crashes.filter((_, index) => index % oneIn === turn % oneIn);
  const groups = Map.groupBy(chosen, ({ by }) => by);
  return [...groups].map(([by, group]) => [by, group.map(({ at }) => at)]);
}
