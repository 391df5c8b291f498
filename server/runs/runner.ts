import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setPriority } from "node:os";
import { fileURLToPath } from "node:url";
import type { Config } from "../base/config.ts";
import type { Log } from "../base/log.ts";
import type { Db } from "../db/open.ts";
import { placeConfigOf } from "../db/place.ts";
import type { Live } from "../live/live.ts";
import type { FromChild, Task, ToChild } from "./messages.ts";
import type { RunFaults } from "./wire.ts";
import { claimRun, endRun, interruptSilent, signOfLife, type Ending, type Run } from "./store.ts";

interface Given {
  readonly config: Config;
  readonly db: Db;
  readonly log: Pick<Log, "warn" | "error">;
  readonly live: Pick<Live, "change" | "stand">;
}

export interface Runner {
  /** There is one to begin, or to stop: else it is seen some seconds later. */
  nudge(): void;
  /** What goes on is over, and so is its process. */
  close(): Promise<void>;
}

const signMs = 1_000;
/** Nobody waits for what other servers left behind. */
const idleMs = 5_000;
const entry = fileURLToPath(new URL("child.ts", import.meta.url));

/** Does the runs that wait in the table, one at a time on all servers together. */
export function openRunner(given: Given): Runner {
  if (given.config.runs === "off")
    return { nudge: () => undefined, close: () => Promise.resolve() };
  return new Rounds(given);
}

class Rounds implements Runner {
  readonly #given: Given;
  readonly #serverId: string;
  readonly #timer: NodeJS.Timeout;
  #current: Attended | undefined;
  #isClosed = false;
  #looking: Promise<void> | undefined;
  #lookAgain = false;
  #lookedAt = performance.now();

  constructor(given: Given) {
    this.#given = given;
    this.#serverId = given.db.dialect.newId();
    this.#timer = setInterval(() => {
      const now = performance.now();
      if (this.#current || now - this.#lookedAt > idleMs) this.nudge();
    }, signMs);
    this.#timer.unref();
  }

  nudge(): void {
    if (this.#isClosed) return;
    this.#lookAgain = true;
    this.#looking ??= this.#look().finally(() => (this.#looking = undefined));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    await this.#looking;
    await this.#current?.kill("interrupted");
  }

  async #look(): Promise<void> {
    while (this.#lookAgain && !this.#isClosed) {
      this.#lookAgain = false;
      this.#lookedAt = performance.now();
      try {
        await (this.#current ? this.#current.sign() : this.#begin());
      } catch (err) {
        this.#given.log.warn({ err }, "runs could not be looked at: tried again in a moment");
      }
    }
  }

  async #begin(): Promise<void> {
    const { db, live } = this.#given;
    for (const gone of await interruptSilent(db)) live.change(gone.tenantId, "runs", gone.runId);
    const run = await claimRun(db, this.#serverId);
    if (!run || this.#isClosed) return;
    this.#current = new Attended(this.#given, run, this.#serverId);
    void this.#current.over.then(() => {
      this.#current = undefined;
      this.nudge();
    });
  }
}

/** A run that goes on, and the process that does it. */
class Attended {
  /** Resolves when its process has ended and that is on record. */
  readonly over: Promise<void>;
  readonly #given: Given;
  readonly #run: Run;
  readonly #serverId: string;
  readonly #child: ChildProcess;
  #worldId: string | undefined;
  #frame: string | undefined;
  #report: string | undefined;
  #killedAs: Ending["state"] | "gone" | undefined;

  constructor(given: Given, run: Run, serverId: string) {
    this.#given = given;
    this.#run = run;
    this.#serverId = serverId;
    // Its settings come as a message: they hold a password, and what a process was started with is public.
    this.#child = fork(entry, [], { execArgv: [], env: {}, stdio: ["ignore", "ignore", 2, "ipc"] });
    this.#child.on("message", (message: FromChild) => this.#hear(message));
    this.#child.on("error", (err) => this.#given.log.error({ err }, "a run's process failed"));
    yieldTo(this.#child);
    this.#send({ kind: "start", task: taskOf(given, run) });
    this.over = this.#attend();
    this.#announce();
  }

  async sign(): Promise<void> {
    const verdict = await signOfLife(this.#given.db, this.#ids());
    if (verdict === "stop") this.#send({ kind: "stop" });
    if (verdict === "gone") await this.kill("gone");
  }

  async kill(as: Ending["state"] | "gone"): Promise<void> {
    this.#killedAs ??= as;
    this.#child.kill("SIGKILL");
    await this.over;
  }

  async #attend(): Promise<void> {
    await once(this.#child, "close").catch(() => undefined);
    if (this.#killedAs !== "gone") {
      const state = this.#report === undefined ? (this.#killedAs ?? "failed") : this.#stateAtEnd();
      const ending = { ...this.#ids(), state, report: this.#report };
      await endRun(this.#given.db, ending).catch((err: unknown) => {
        this.#given.log.warn(
          { err },
          "the end of a run could not be written: it counts as broken off",
        );
      });
    }
    this.#announce();
  }

  #stateAtEnd(): Ending["state"] {
    const { stopped } = JSON.parse(this.#report ?? "{}") as { stopped?: boolean };
    return stopped === true ? "stopped" : "finished";
  }

  #hear(message: FromChild): void {
    const { runId, tenantId } = this.#run;
    switch (message.kind) {
      case "world":
        this.#worldId = message.tenantId;
        return;
      case "frame":
        this.#frame = JSON.stringify(message.frame);
        this.#given.live.stand(tenantId, `run:${runId}`, { id: runId, frame: message.frame });
        return;
      case "done":
        this.#report = JSON.stringify(message.report);
        return;
      case "failed":
        this.#given.log.error({ runId, says: message.says }, "a run failed");
    }
  }

  #announce(): void {
    this.#given.live.change(this.#run.tenantId, "runs", this.#run.runId);
  }

  #send(message: ToChild): void {
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  #ids() {
    const [worldId, frame] = [this.#worldId, this.#frame];
    return { runId: this.#run.runId, serverId: this.#serverId, worldId, frame };
  }
}

function taskOf({ config, db }: Given, run: Run): Task {
  const { agents, units, mandates, concurrency, duplicatePercent } = run;
  const { lanes, batchMax, queueMax, askDeadlineMs, attemptTimeoutMs } = config;
  return {
    place: placeConfigOf(db.place, config),
    sizes: { agents, units, mandates, concurrency, duplicatePercent },
    seed: Number(run.seed),
    kernel: { lanes, batchMax, queueMax, askDeadlineMs, attemptTimeoutMs },
    // Also a run that was asked for on a server that takes faults is done without on one that does not.
    faults:
      run.faults === null || config.runFaults === "0"
        ? undefined
        : (JSON.parse(run.faults) as RunFaults),
  };
}

/** Purchases go first where there is not enough of the machine. */
function yieldTo({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) setPriority(pid, 10);
  } catch {
    // It may be gone already, or this system knows no priorities.
  }
}
