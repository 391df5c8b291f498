import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { openKeyring } from "./auth/keyring.ts";
import { openSessions } from "./auth/sessions.ts";
import { openBalances } from "./balances/copies.ts";
import type { Config } from "./base/config.ts";
import type { Log } from "./base/log.ts";
import { collectRuntime } from "./base/metrics.ts";
import type { Context } from "./context.ts";
import { reopen, type Db } from "./db/open.ts";
import { makeApp } from "./http/app.ts";
import { answerMalformed } from "./http/malformed.ts";
import { openKernel } from "./kernel/gather.ts";
import { openLimits } from "./limits/limits.ts";
import { announceSales } from "./live/announce-sales.ts";
import { openLive } from "./live/live.ts";
import { openRunner } from "./runs/runner.ts";
import { openRequestLog } from "./requests/log.ts";
import { answeredBy } from "./requests/routes.ts";
import { openPlane } from "./readplane/open.ts";
import { countReplays, openReplayCounter } from "./usage/replays.ts";

export interface RunningServer {
  readonly url: string;
  readonly metricsUrl: string;
  /** Finishes what is inside, takes no more, and closes kernel, keys and sessions; the database is the caller's. */
  drain(): Promise<void>;
}

/** The address cannot be listened on: somebody else does, or it is not ours. */
export class AddressError extends Error {
  override readonly name = "AddressError";
}

/** How long a request may still take once the door is closed; a purchase has its own, shorter deadline. */
const patienceMs = 15_000;

/** Before the slow part of a start: better told in a moment than after a database was made. */
export async function checkAddresses(config: Config, withWorker = false): Promise<void> {
  const { host, port, metricsPort, workerPort } = config;
  for (const [wanted, setting] of [
    [port, "ZERORACE_PORT"],
    [metricsPort, "ZERORACE_METRICS_PORT"],
    ...(withWorker ? ([[workerPort, "ZERORACE_WORKER_METRICS_PORT"]] as const) : []),
  ] as const) {
    const probe = createServer();
    await listen(probe, host, wanted, setting);
    probe.close();
    await once(probe, "close");
  }
}

/** Listens until it is drained. The schema is checked, and the sandbox made, by who calls this. */
export async function startServer(config: Config, db: Db, log: Log): Promise<RunningServer> {
  const { metrics } = db;
  const limits = await openLimits(config, metrics, log);
  const live = openLive(config, metrics);
  const counted = countReplays(openKernel(db, config), openReplayCounter(db, log));
  const kernel = announceSales(counted, live);
  const runs = openRunner({ config, db, log, live });
  const door = reopen(db, { name: "zerorace-door", poolMax: 2, hurried: true });
  const keyring = openKeyring(door, log);
  const sessions = openSessions(door, log, config);
  const plane = openPlane(config, metrics);
  const { redisUrl, redisTimeoutMs: timeoutMs } = config;
  const balances = redisUrl === undefined ? undefined : openBalances(redisUrl, { timeoutMs });
  const ctx: Context = {
    config,
    log,
    metrics,
    db,
    door,
    kernel,
    keyring,
    sessions,
    limits,
    live,
    runs,
    plane,
    balances,
  };
  const requests = openRequestLog(db, log, { tells: live });
  const close = async (): Promise<void> => {
    await runs.close();
    await Promise.all([kernel.close(), keyring.close(), sessions.close(), requests.close()]);
    await door.close();
    limits.close();
    live.close();
    plane?.close();
    balances?.close();
  };
  const app = makeApp(ctx, (req, res, caller) => requests.note(answeredBy(req, res, caller)));
  const api = apiServer(app);
  const scrape = metricsServer(ctx);
  try {
    await listen(api, config.host, config.port, "ZERORACE_PORT");
    await listen(scrape, config.host, config.metricsPort, "ZERORACE_METRICS_PORT");
  } catch (error) {
    api.close();
    await close();
    throw error;
  }
  collectRuntime(metrics);
  return {
    url: urlOf(api, config.host),
    metricsUrl: `${urlOf(scrape, config.host)}/metrics`,
    async drain() {
      app.locals.draining = true;
      // Streams stay until others take requests: who is sent away comes back a second later.
      await stop(api, config.drainDelayMs, () => live.end());
      await close();
      await stop(scrape, 0);
    },
  };
}

function apiServer(app: RequestListener): Server {
  const server = createServer(
    {
      // Whoever dribbles headers or a body is cut off; looked for twice a second.
      headersTimeout: 4_000,
      requestTimeout: 10_000,
      connectionsCheckingInterval: 500,
      keepAliveTimeout: 65_000,
      // The app says this better than an empty answer does.
      requireHostHeader: false,
    },
    app,
  );
  // Beyond its own limit Node.js drops headers in silence; their bytes are limited to 16 KB anyway.
  server.maxHeadersCount = 0;
  // The body is asked for when the headers were found to be right.
  server.on("checkContinue", app);
  server.on("checkExpectation", app);
  answerMalformed(server);
  return server;
}

function metricsServer({ metrics }: Context): Server {
  return createServer((req, res) => {
    if (req.url !== "/metrics" || (req.method !== "GET" && req.method !== "HEAD")) {
      res.writeHead(404).end();
      return;
    }
    metrics.registry.metrics().then(
      (text) => res.writeHead(200, { "Content-Type": metrics.registry.contentType }).end(text),
      () => res.writeHead(500).end(),
    );
  });
}

async function listen(server: Server, host: string, port: number, setting: string): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const says: Partial<Record<string, string>> = {
      EADDRINUSE: `Port ${port} on ${host} is taken: stop what listens there, or set ${setting} to another port (0: a free one).`,
      EACCES: `Port ${port} on ${host} needs more rights than this user has: set ${setting} to one above 1023.`,
      EADDRNOTAVAIL: `${host} is not an address of this machine: set ZERORACE_HOST to one that is.`,
      ENOTFOUND: `${host} is not known as a name: set ZERORACE_HOST to an address of this machine.`,
    };
    throw new AddressError(says[code ?? ""] ?? `Cannot listen on ${host}:${port} (${code}).`, {
      cause: error,
    });
  }
}

function urlOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  const shown = host === "0.0.0.0" || host === "::" ? "localhost" : host;
  return `http://${shown.includes(":") ? `[${shown}]` : shown}:${port}`;
}

/** While it waits, every answer tells its client to come back elsewhere: nobody meets a closed door. */
async function stop(server: Server, delayMs: number, onClosing?: () => void): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, delayMs));
  const closed = once(server, "close");
  server.close();
  onClosing?.();
  const tooLong = setTimeout(() => server.closeAllConnections(), patienceMs);
  await closed;
  clearTimeout(tooLong);
}
