import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createSecureContext } from "node:tls";
import { text } from "node:stream/consumers";
import { Cluster } from "./cluster.ts";
import { receive, type House } from "./door.ts";
import { Injections } from "./injections.ts";
import { refuse, type Refusal } from "./rules.ts";
import { defaults, type Settings } from "./settings.ts";

export interface LocalDsql {
  readonly port: number;
  readonly controlPort: number | undefined;
  readonly injections: Injections;
  close(): Promise<void>;
}

export type Given = Pick<Settings, "databaseUrl" | "port"> & Partial<Settings>;

/** A local Aurora DSQL in front of the PostgreSQL at `databaseUrl`. */
export async function startLocalDsql(given: Given): Promise<LocalDsql> {
  const settings: Settings = { ...defaults, ...given };
  const injections = new Injections();
  for (const spec of settings.injections) injections.add(spec);
  const sockets = new Set<Socket>();
  const clusters = new Map<string, Promise<Cluster>>();
  const crowd = new Crowd(settings);
  const house: House = {
    settings,
    secureContext: settings.tls && createSecureContext(settings.tls),
    admit: () => crowd.admit(sockets.size),
    clusterOf(database) {
      const there = clusters.get(database) ?? Cluster.open(settings, database, injections);
      clusters.set(database, there);
      const forget = (): unknown => clusters.get(database) === there && clusters.delete(database);
      there.then((cluster) => (cluster.onClose = forget)).catch(forget);
      return there;
    },
  };
  const listener = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    if (settings.passThrough) relay(socket, new URL(settings.databaseUrl));
    else void receive(socket, house);
  });
  await listening(listener, settings.port, settings.host);
  const control = settings.controlPort === undefined ? undefined : controlOf(injections);
  if (control) await listening(control, settings.controlPort ?? 0, "127.0.0.1");
  return {
    port: (listener.address() as AddressInfo).port,
    controlPort: control && (control.address() as AddressInfo).port,
    injections,
    async close() {
      listener.close();
      control?.close();
      for (const socket of sockets) socket.destroy();
      for (const cluster of clusters.values())
        await cluster.then(
          (one) => one.close(),
          () => undefined,
        );
    },
  };
}

async function listening(server: Server | HttpServer, port: number, host: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(port, host, resolve);
  return promise;
}

/** A plain relay: what a proxy costs that judges nothing. */
function relay(socket: Socket, { hostname, port }: URL): void {
  const upstream = connect({ host: hostname, port: Number(port || "5432") });
  for (const [from, to] of [
    [socket, upstream],
    [upstream, socket],
  ] as const) {
    from.setNoDelay(true);
    from.on("error", () => undefined);
    from.on("close", () => to.destroy());
    from.pipe(to);
  }
}

/** How many may be connected, and how fast they may come: a bucket that fills again. */
class Crowd {
  readonly #settings: Settings;
  #tokens: number;
  #filledAt = performance.now();

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#tokens = settings.connectBurst;
  }

  admit(connected: number): Refusal | undefined {
    const { connectionsMax, connectRate, connectBurst } = this.#settings;
    const now = performance.now();
    const fresh = ((now - this.#filledAt) / 1000) * connectRate;
    this.#tokens = Math.min(connectBurst, this.#tokens + fresh);
    this.#filledAt = now;
    if (connected > connectionsMax) return refuse("tooMany");
    if (this.#tokens < 1) return refuse("tooFast");
    this.#tokens--;
    return undefined;
  }
}

/** `POST /inject` with a line of `name=value` pairs, `POST /clear`, `GET /status`. */
function controlOf(injections: Injections): HttpServer {
  return createHttpServer((request, response) => {
    void text(request).then((body) => {
      try {
        const route = `${request.method} ${request.url}`;
        if (route === "POST /inject") injections.add(body);
        else if (route === "POST /clear") injections.clear();
        else if (route !== "GET /status") response.statusCode = 404;
      } catch (error) {
        response.statusCode = 400;
        response.end(`${(error as Error).message}\n`);
        return;
      }
      response.end(`${injections.status()}\n`);
    });
  });
}
