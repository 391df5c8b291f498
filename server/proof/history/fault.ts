import type { EngineName } from "./engine.ts";
import type { Luck } from "./luck.ts";
import type { Stage } from "./stage.ts";

/** What a fault is done to: an installation of the run's own, and the clients that use it. */
export interface Struck {
  /** Absent where the run is a guest: then nothing is done that would touch others. */
  readonly stage: Stage | undefined;
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

export const spellMs = 2_000;
