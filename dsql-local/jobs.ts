import { setTimeout as sleep } from "node:timers/promises";
import { BackendError, type Backend } from "./backend.ts";
import { literal } from "./notes.ts";

type Row = (string | null)[];

/** Finishes what CREATE INDEX ASYNC and VALIDATE CONSTRAINT began, a while later and in the background. */
export class Jobs {
  readonly #connect: () => Promise<Backend>;
  readonly #delayMs: number;
  readonly #changed: () => unknown;
  #isWorking = false;
  #again = false;
  #stopped = false;

  constructor(connect: () => Promise<Backend>, delayMs: number, changed: () => unknown) {
    this.#connect = connect;
    this.#delayMs = delayMs;
    this.#changed = changed;
  }

  /** There may be something to do. */
  wake(): void {
    this.#again = true;
    if (this.#isWorking) return;
    this.#isWorking = true;
    void this.#work()
      .catch(() => undefined)
      .finally(() => (this.#isWorking = false));
  }

  stop(): void {
    this.#stopped = true;
  }

  async #work(): Promise<void> {
    const backend = await this.#connect();
    try {
      while (this.#again && !this.#stopped) {
        this.#again = false;
        await this.#finishAll(backend);
      }
    } finally {
      backend.close();
    }
  }

  async #finishAll(backend: Backend): Promise<void> {
    const waiting = await backend.query(
      "select job_id, work, object_id, object_name, sql from dsql_local.jobs " +
        "where status in ('submitted', 'processing') order by start_time",
    );
    for (const job of waiting) {
      await sleep(this.#delayMs / 2, undefined, { ref: false });
      if (this.#stopped) return;
      await record(backend, job, "processing", null);
      await sleep(this.#delayMs / 2, undefined, { ref: false });
      const { status, details } = await finish(backend, job);
      await record(backend, job, status, details);
      this.#changed();
    }
  }
}

interface End {
  readonly status: "completed" | "failed";
  readonly details: string | null;
}

async function finish(backend: Backend, [, work, id, name, sql]: Row): Promise<End> {
  if (work === "index") {
    const there = await backend.query(
      `update pg_index set indisvalid = true where indexrelid = ${id} returning 1`,
    );
    if (there.length > 0) return { status: "completed", details: null };
    // Recorded so on a real cluster: a build whose table has gone counts as done.
    return { status: "completed", details: `relation "${name}" does not exist` };
  }
  if (work === "duplicates") {
    return { status: "failed", details: "Found duplicate key while validating index for UCVs" };
  }
  try {
    await backend.query(sql ?? "");
    return { status: "completed", details: null };
  } catch (error) {
    if (!(error instanceof BackendError)) throw error;
    return { status: "failed", details: error.error.message };
  }
}

async function record(
  backend: Backend,
  [id]: Row,
  status: string,
  details: string | null,
): Promise<void> {
  await backend.query(
    `update dsql_local.jobs set status = ${literal(status)}, update_time = clock_timestamp(),
            details = ${details === null ? "null" : literal(details)}
      where job_id = ${literal(id ?? "")}`,
  );
}
