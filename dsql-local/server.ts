import { connect, type Socket } from "node:net";
import { createSecureContext } from "node:tls";
import { Cluster } from "./cluster.ts";
import { openControl } from "./control.ts";
import { receive, type House } from "./door.ts";
import { Endpoint } from "./endpoint.ts";
import { Injections } from "./injections.ts";
import { defaults, type Settings } from "./settings.ts";

export interface LocalDsql {
  readonly port: number;
  /** The first, and the one of the other region where there is one. */
  readonly endpoints: readonly Endpoint[];
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
  const clusters = new Map<string, Promise<Cluster>>();
  const house: House = {
    settings,
    secureContext: settings.tls && createSecureContext(settings.tls),
    clusterOf(database) {
      const there = clusters.get(database) ?? Cluster.open(settings, database, injections);
      clusters.set(database, there);
      const forget = (): unknown => clusters.get(database) === there && clusters.delete(database);
      there.then((cluster) => (cluster.onClose = forget)).catch(forget);
      return there;
    },
  };
  const ports = [
    settings.port,
    ...(settings.secondPort === undefined ? [] : [settings.secondPort]),
  ];
  const endpoints = ports.map(
    () =>
      new Endpoint(settings, (socket, endpoint) => {
        if (settings.passThrough) relay(socket, new URL(settings.databaseUrl));
        else void receive(socket, house, endpoint);
      }),
  );
  for (const [at, endpoint] of endpoints.entries()) await endpoint.open(ports[at] ?? 0);
  const { controlPort } = settings;
  const control =
    controlPort === undefined ? undefined : await openControl(controlPort, injections, endpoints);
  return {
    port: endpoints[0]?.port ?? 0,
    endpoints,
    controlPort: control?.port,
    injections,
    async close() {
      control?.server.close();
      for (const endpoint of endpoints) endpoint.close();
      const open = await Promise.allSettled(clusters.values());
      for (const cluster of open) if (cluster.status === "fulfilled") cluster.value.close();
    },
  };
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
