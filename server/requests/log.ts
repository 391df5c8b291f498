import type { Log } from "../base/log.ts";
import { holdsSecret } from "../base/log.ts";
import type { Db } from "../db/open.ts";
import { tellsNobody, type Tells } from "../live/announce.ts";
import { Sample } from "./sample.ts";
import { writeRows, type LoggedRequest } from "./store.ts";

/** A request whose answer has gone out. */
export type Answered = Omit<LoggedRequest, "standsFor" | "atMs">;

export interface RequestLog {
  /** Costs a push onto a list; nobody waits for the row. */
  note(answered: Answered): void;
  flush(): Promise<void>;
  close(): Promise<void>;
}

const flushMs = 1_000;
/** More wait for nobody: a database that is slow loses rows of the log, and no sale waits for them. */
const rowsMax = 1_000;

export interface RequestLogOptions {
  /** Who watches is told of what can be read now. */
  readonly tells?: Tells;
  readonly now?: () => number;
}

export function openRequestLog(
  db: Db,
  log: Pick<Log, "warn">,
  { tells = tellsNobody, now = () => Date.now() }: RequestLogOptions = {},
): RequestLog {
  const { requestsLogged } = db.metrics;
  const sample = new Sample();
  let rows: LoggedRequest[] = [];
  let writing: Promise<void> | undefined;
  const write = async (some: readonly LoggedRequest[]): Promise<void> => {
    try {
      await writeRows(db, some);
      requestsLogged.inc({ result: "written" }, some.length);
      for (const tenantId of new Set(some.filter(isNews).map((row) => row.tenantId))) {
        tells.change(tenantId, "requests");
      }
    } catch (err) {
      requestsLogged.inc({ result: "dropped" }, some.length);
      log.warn({ err, rows: some.length }, "a part of the request log could not be written");
    }
  };
  const flush = async (): Promise<void> => {
    await writing;
    const some = rows;
    rows = [];
    if (some.length === 0) return;
    writing = write(some).finally(() => (writing = undefined));
    await writing;
  };
  // While one flush hangs the rows of the next wait, up to their number.
  const timer = setInterval(() => void (writing ?? flush()), flushMs);
  timer.unref();
  return {
    note(answered) {
      const atMs = now();
      const { tenantId, status, idempotencyKey } = answered;
      const isFailure = status === null || status >= 400;
      const standsFor = sample.weigh(tenantId, isFailure, atMs);
      if (standsFor === 0) requestsLogged.inc({ result: "left_out" });
      else if (rows.length >= rowsMax) requestsLogged.inc({ result: "dropped" });
      else {
        const shown = isShowable(idempotencyKey) ? idempotencyKey : null;
        rows.push({ ...answered, idempotencyKey: shown, standsFor, atMs });
      }
    },
    flush,
    async close() {
      clearInterval(timer);
      await flush();
    },
  };
}

/** Who hears of it reads the log: were that news, too, there would be no end of it. */
function isNews({ route }: LoggedRequest): boolean {
  return !route.startsWith("/v1/requests");
}

/** As keys must be; somebody may have sent a secret as one, and was refused. */
function isShowable(key: string | null): boolean {
  return key !== null && /^[!-~]{1,255}$/.test(key) && !holdsSecret(key) && !key.includes("zr_");
}
