import { readFileSync } from "node:fs";
import { Client, type PoolConfig } from "pg";
import { ConfigError, type Config } from "../base/config.ts";
import { ConnectRate } from "./connect-rate.ts";
import { dsql, postgres, type Dialect } from "./dialect.ts";
import type { Fresh } from "./fresh.ts";
import { identityFromChain, tokensFor, type Identity } from "./tokens.ts";

/** Where the truth is: one database, and the ways to it. The first is home. */
export interface Place {
  readonly dialect: Dialect;
  readonly endpoints: readonly Endpoint[];
  /** How long a connection is used, drawn for each anew; undefined: as long as it works. */
  readonly lifetimeSeconds?: () => number;
}

/** A way to the database: what it is called, without secrets, and what the driver is told. */
export interface Endpoint {
  readonly name: string;
  readonly driver: PoolConfig;
}

export function postgresAt(urls: readonly string[]): Place {
  const endpoints = urls.map((url) => {
    const { hostname, port } = new URL(url);
    const name = `${hostname}${port === "" ? "" : `:${port}`}`;
    return { name, driver: { connectionString: url } };
  });
  return { dialect: postgres, endpoints };
}

export interface DsqlOptions {
  readonly hosts: readonly {
    readonly host: string;
    readonly port: number;
    readonly region: string;
  }[];
  readonly user: string;
  /** A certificate authority beside the usual ones' place: that of a local server. */
  readonly ca?: string | undefined;
  readonly connectsPerSecond: number;
  /** DSQL has one database; a local server may have others for tests. */
  readonly database?: string;
  readonly identity?: Identity;
  readonly lifetimeSeconds?: () => number;
}

/** DSQL drops a connection after an hour: ours end before, and not all at once. */
const beforeTheHour = (): number => 2_700 + Math.random() * 600;

/** DSQL itself admits ten seconds' worth of connections at once. */
const burstSeconds = 10;

export function dsqlAt(options: DsqlOptions): Place {
  const { hosts, user, ca, connectsPerSecond, database = "postgres" } = options;
  const identity = options.identity ?? identityFromChain(hosts[0]?.region ?? "");
  const endpoints = hosts.map(({ host, port, region }) => {
    const tokens = tokensFor({ host, region, user }, identity);
    const rate = new ConnectRate(connectsPerSecond, connectsPerSecond * burstSeconds);
    const driver: PoolConfig = {
      host,
      port,
      user,
      database,
      password: () => tokens.get(),
      ssl: { rejectUnauthorized: true, ...(ca !== undefined && { ca }) },
      sslnegotiation: "direct",
      Client: clientWith(tokens, rate),
    };
    return { name: region, driver };
  });
  const { lifetimeSeconds = beforeTheHour } = options;
  return { dialect: dsql, endpoints, lifetimeSeconds };
}

/** A connection that waits for its turn, and asks for another token when its own was refused. */
function clientWith(tokens: Fresh<string>, rate: ConnectRate): NonNullable<PoolConfig["Client"]> {
  return class extends Client {
    override connect(): Promise<Client>;
    override connect(callback: (error: Error) => void): void;
    override connect(callback?: (error: Error) => void): Promise<Client> | void {
      const opened = rate.turn().then(() => super.connect());
      opened.catch(({ message }: Error) => {
        if (/access denied/i.test(message)) tokens.forget();
      });
      if (callback === undefined) return opened;
      const told = callback as (error?: Error) => void;
      opened.then(() => told(), told);
    }
  };
}

/** The settings that a database is found by. */
export type PlaceConfig = Pick<
  Config,
  | "database"
  | "databaseUrl"
  | "dsqlHosts"
  | "dsqlRegions"
  | "dsqlUser"
  | "dsqlCa"
  | "dsqlConnectRate"
>;

/** What a process beside this one finds the same database by, also one that no setting names. */
export function placeConfigOf({ endpoints }: Place, config: PlaceConfig): PlaceConfig {
  const { database, dsqlHosts, dsqlRegions, dsqlUser, dsqlCa, dsqlConnectRate } = config;
  const urls = endpoints.flatMap(({ driver }) => driver.connectionString ?? []);
  const databaseUrl = urls.length === 0 ? undefined : urls.join(" ");
  return { database, databaseUrl, dsqlHosts, dsqlRegions, dsqlUser, dsqlCa, dsqlConnectRate };
}

/** The database that the settings name; undefined when they name none. */
export function placeOf(config: PlaceConfig): Place | undefined {
  if (config.database === "postgres") {
    return config.databaseUrl === undefined
      ? undefined
      : postgresAt(config.databaseUrl.split(/\s+/));
  }
  const { dsqlHosts = [], dsqlRegions = [], dsqlUser, dsqlCa, dsqlConnectRate } = config;
  const complaints = [
    ...(dsqlHosts.length === 0 ? ["ZERORACE_DSQL_HOSTS must name the cluster's endpoint"] : []),
    ...(config.databaseUrl === undefined
      ? []
      : ["ZERORACE_DATABASE_URL is for PostgreSQL, and ZERORACE_DATABASE is dsql"]),
  ];
  const hosts = dsqlHosts.map(({ host, port }, index) => {
    const region = dsqlRegions[index] ?? /\.dsql[\w-]*\.([a-z0-9-]+)\.on\.aws$/.exec(host)?.[1];
    if (region === undefined)
      complaints.push(`ZERORACE_DSQL_REGIONS must name the region of ${host}`);
    return { host, port, region: region ?? "" };
  });
  if (complaints.length > 0) throw new ConfigError(complaints);
  const ca = dsqlCa === undefined ? undefined : readFileSync(dsqlCa, "utf8");
  return dsqlAt({ hosts, user: dsqlUser, ca, connectsPerSecond: dsqlConnectRate });
}
