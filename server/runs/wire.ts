import { z } from "zod";
import { rfc3339 } from "../http/cursor.ts";
import { count, id, listOf, time, whole } from "../http/shapes.ts";
import type { Run } from "./store.ts";

/** The bodies and answers of /v1/runs. */

const agentsMax = 1_000_000;

export const faultsBody = z
  .strictObject({
    cutPercent: whole(0, 20)
      .optional()
      .meta({ description: "Of a hundred round trips how many find their connection cut." }),
    lostCommitPercent: whole(0, 20).optional().meta({
      description: "Of a hundred commits how many are lost: half before they arrive, half after.",
    }),
    slowMs: whole(0, 500)
      .optional()
      .meta({ description: "How much longer each round trip takes." }),
    homeAway: z
      .boolean("must be true or false")
      .optional()
      .meta({
        description:
          "The database's first endpoint is gone from a quarter of the agents on, and back for the last " +
          "three eighths. It takes a second endpoint.",
      }),
  })
  .meta({
    id: "RunFaults",
    description:
      "Done to the connections of this run alone. For the instance operator, on servers with " +
      "`ZERORACE_RUN_FAULTS=1`. Asks that come twice are `duplicatePercent`.",
  });

export type RunFaults = z.output<typeof faultsBody>;

export const runBody = z
  .strictObject({
    agents: whole(1, agentsMax).meta({ description: "Who asks for one unit each." }),
    units: whole(0, agentsMax).meta({ description: "What there is to sell." }),
    mandates: whole(1, 100_000)
      .optional()
      .meta({ description: "Among how many the agents are spread. Default: 1,000, or one each." }),
    concurrency: whole(1, 10_000)
      .optional()
      .meta({ description: "Asks that are on their way at any moment.", default: 2_000 }),
    duplicatePercent: whole(0, 100)
      .optional()
      .meta({ description: "How many of a hundred ask twice, under one key.", default: 1 }),
    seed: whole(0, 2 ** 32 - 1)
      .optional()
      .meta({ description: "The same seed and sizes: the same asks. Default: a new one." }),
    faults: faultsBody.optional(),
  })
  .meta({ id: "NewRun", examples: [{ agents: 10_000, units: 100, seed: 7 }] });

export type RunBody = z.output<typeof runBody>;

const countsBy = z.record(z.string(), z.int());
const ms = z.number().meta({ description: "Milliseconds." });

const zeros = z.object({
  oversells: z.int(),
  duplicateSettlements: z.int(),
  ledgerDrift: z.int(),
  mandateBreaches: z.int(),
});

const regions = z
  .array(z.object({ name: z.string(), batches: count, isUsed: z.boolean() }))
  .meta({ description: "Transactions by endpoint of the database, home first." });

const proofFrame = z
  .object({ at: time, ageMs: ms, ms, holds: z.boolean(), ...zeros.shape })
  .meta({ description: "The last proof of the run's world, taken while it sold." });

const event = z.object({
  atMs: ms,
  what: z.enum([
    "selling",
    "first_sale",
    "sold_out",
    "answered",
    "first_lost_race",
    "first_sent_again",
    "proof",
    "region_left",
    "region_back",
    "stopping",
    "proving",
  ]),
  count: count
    .optional()
    .meta({ description: "`answered`: percent; `proof`: what the four numbers come to." }),
  region: z.string().optional(),
});

export type RunEvent = z.output<typeof event>;

const numbers = z.array(z.number());

const pictures = {
  unitCells: z.string().meta({
    description: "A letter for each unit, or an equal share: `f` free, `p` partly sold, `s` sold.",
  }),
  buyers: z.object({ agents: z.array(count), afterMs: numbers, waitMs: numbers }).meta({
    description:
      "Who got the first 400 units, in the order in which they went: the agent, when (since the sale " +
      "began), and how long its answer took.",
  }),
  arrivalCells: z.string().meta({
    description:
      "At most 2,000 letters for the agents in the order in which they came: `.` nobody came yet, " +
      "`w` some wait, `d` all were declined, `s` some bought.",
  }),
  waitCells: z.string().meta({
    description:
      "For the same cells, how long an answer took on average: `0` nobody has one, `1` under 8 ms, " +
      "each next digit twice as long, `9` all above.",
  }),
  latency: z
    .object({ columnMs: ms, columns: z.array(z.string()), p50Ms: numbers, p99Ms: numbers })
    .meta({
      description:
        "How long answers took in the course of the run: at most sixty columns of time. In each a digit, " +
        "`0` none to `9` all, for answers within 0.5 ms, 1, 2, 4 … 2,048 ms, and for all above.",
    }),
};

export const runFrame = z
  .object({
    phase: z.enum(["opening", "selling", "proving"]),
    elapsedMs: ms,
    etaMs: ms
      .nullable()
      .meta({ description: "Until the last answer; null while nobody can tell." }),
    asked: count.meta({ description: "Agents that have sent their ask." }),
    answered: count,
    sold: count,
    declined: count,
    declinedBy: countsBy.meta({ description: "By reason." }),
    replays: count.meta({ description: "Asks sent twice, answered the same in every byte." }),
    replaysMismatched: count,
    conflicts: count,
    sentAgain: count.meta({ description: "Asks that got no answer and were sent once more." }),
    lostRaces: count,
    asksPerSecond: count,
    p50Ms: ms,
    p99Ms: ms,
    maxMs: ms,
    peakMb: count,
    ...pictures,
    regions,
    log: z.array(event).meta({ description: "What happened, at most forty things." }),
    proof: proofFrame.nullable(),
  })
  .meta({ id: "RunFrame", description: "How far a run is." });

export type RunFrame = z.output<typeof runFrame>;

export const runReport = z
  .object({
    ok: z.boolean().meta({ description: "Everything was as it must be." }),
    complaints: z.array(z.string()).meta({ description: "Why it is not ok." }),
    stopped: z.boolean().meta({ description: "Before everybody had asked." }),
    sold: count,
    declined: count,
    declinedBy: countsBy,
    replays: count,
    replaysMismatched: count,
    conflicts: count,
    rejected: count,
    retried: z.object({ exhausted: z.int(), overloaded: z.int(), unknown: z.int() }),
    lostRaces: count,
    seconds: z.number(),
    asksPerSecond: count,
    p50Ms: ms,
    p99Ms: ms,
    maxMs: ms,
    peakMb: count,
    regions: z.array(z.object({ name: z.string(), batches: count })).meta({
      description: "Transactions by endpoint of the database, home first.",
    }),
    proofMs: ms,
    invariants: zeros.meta({ description: "Counted in the books at the end: each is zero." }),
    faults: z
      .object({
        cuts: z.int(),
        commitsLostBefore: z.int(),
        commitsLostAfter: z.int(),
        failovers: z.int(),
      })
      .optional()
      .meta({ description: "How often each was done; absent when none was asked for." }),
  })
  .meta({ id: "RunReport", description: "What came of a run." });

const state = z.enum(["queued", "running", "finished", "stopped", "failed", "interrupted"]).meta({
  description:
    "`failed`: its process ended before its time. `interrupted`: the server that did it is gone.",
});

const sizes = {
  agents: count,
  units: count,
  mandates: count,
  concurrency: count,
  duplicatePercent: z.int(),
  seed: count.meta({ description: "With the sizes, all that it takes to repeat the run." }),
};

const times = {
  startedBy: z
    .string()
    .nullable()
    .meta({ description: "The name of the person, or of the key; null when it is gone." }),
  createdAt: time,
  startedAt: time.nullable(),
  endedAt: time.nullable(),
};

export const runView = z
  .object({
    id,
    state,
    ...sizes,
    ...times,
    faults: faultsBody.nullable().meta({ description: "What was done to its connections." }),
    isStopping: z.boolean().meta({ description: "Somebody asked that it stop." }),
    frame: runFrame.nullable().meta({ description: "The last that was seen of it." }),
    report: runReport.nullable(),
    world: z.enum(["none", "there", "gone"]).meta({
      description:
        "The books that it sold from. `none`: not opened yet. `gone`: their days were over, and they " +
        "were deleted; the frame and the report stay.",
    }),
    worldId: id.nullable().meta({
      description: "For whoever runs the server: `zerorace prove --tenant` looks at it again.",
    }),
  })
  .meta({ id: "Run" });

export type RunView = z.output<typeof runView>;

export const runList = listOf("RunList", runView.omit({ frame: true }).meta({ id: "RunLine" }));

export type RunLine = Omit<RunView, "frame">;

export function viewOfRun(run: Run): RunView {
  const frame = run.frame === null ? null : (JSON.parse(run.frame) as RunFrame);
  return { ...lineOfRun(run), frame };
}

/** Without its pictures, for lists. */
export function lineOfRun(run: Run): RunLine {
  const { agents, units, mandates, concurrency, duplicatePercent } = run;
  return {
    id: run.runId,
    state: run.state,
    agents,
    units,
    mandates,
    concurrency,
    duplicatePercent,
    seed: Number(run.seed),
    startedBy: run.startedBy,
    createdAt: rfc3339(run.createdAt),
    startedAt: run.startedAt === null ? null : rfc3339(run.startedAt),
    endedAt: run.endedAt === null ? null : rfc3339(run.endedAt),
    faults: run.faults === null ? null : (JSON.parse(run.faults) as RunFaults),
    isStopping: run.isStopping && run.endedAt === null,
    report: run.report === null ? null : reportOf(run.report),
    world: run.world,
    worldId: run.worldId,
  };
}

/** The swarm's report without what the run itself says, and without the id of its world. */
function reportOf(text: string): RunView["report"] {
  const whole = JSON.parse(text) as z.output<typeof runReport>;
  const names = Object.keys(runReport.shape) as (keyof typeof whole)[];
  return Object.fromEntries(names.map((name) => [name, whole[name]])) as typeof whole;
}
