import type { DsqlEngine, EngineName, PostgresEngine } from "./engine.ts";
import type { Luck } from "./luck.ts";
import type { Sink } from "./sink.ts";
import type { Stage } from "./stage.ts";

/** What a fault is done to: an installation of the run's own, and the clients that use it. */
export interface Struck {
  /** Absent where the run is a guest: then nothing is done that would touch others. */
  readonly stage: Stage | undefined;
  /** Where the webhooks of its worlds lead. */
  readonly sink?: Sink | undefined;
  /** Many ask the same under the same key, all at once. */
  readonly storm: (count: number) => Promise<void>;
}

export interface Fault {
  readonly name: string;
  readonly says: string;
  readonly needsStage?: true;
  /** Absent: every one. */
  readonly engine?: EngineName;
  /** What a stage lacks on which it cannot be struck. */
  readonly lacks?: (stage: Stage) => string | undefined;
  /** Returns when what it did is over: from then on things must get well. */
  strike(struck: Struck, luck: Luck): Promise<void>;
}

export const onStage = (
  name: string,
  says: string,
  strike: (stage: Stage, luck: Luck) => Promise<void>,
): Fault => ({
  name,
  says,
  needsStage: true,
  async strike({ stage }, luck) {
    if (stage !== undefined) await strike(stage, luck);
  },
});

export const onPostgres = (
  name: string,
  says: string,
  strike: (engine: PostgresEngine, luck: Luck) => Promise<void>,
): Fault => ({
  ...onStage(name, says, async ({ engine }, luck) => {
    if (engine.name === "postgres") await strike(engine, luck);
  }),
  engine: "postgres",
});

export const onDsql = (
  name: string,
  says: string,
  strike: (engine: DsqlEngine, luck: Luck) => Promise<void>,
): Fault => ({
  ...onStage(name, says, async ({ engine }, luck) => {
    if (engine.name === "dsql") await strike(engine, luck);
  }),
  engine: "dsql",
});

export const spellMs = 2_000;
