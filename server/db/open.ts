import { Client, Pool, types, type ClientBase, type ClientConfig } from "pg";
import type { Metrics } from "../base/metrics.ts";
import type { Dialect } from "./dialect.ts";
import { DeadlineError } from "./faults.ts";
import { Lookout } from "./lookout.ts";
import { postgresAt, type Endpoint, type Place } from "./place.ts";
import { Region, Regions, type OnTurn } from "./regions.ts";
import { cut } from "./socket.ts";
import { Turns } from "./turns.ts";

export interface Db {
  /** Of the home endpoint: for what is no transaction. */
  readonly pool: Pool;
  readonly regions: Regions;
  readonly metrics: Metrics;
  readonly dialect: Dialect;
  readonly place: Place;
  readonly turns: Turns;
  readonly options: DbOptions;
  close(): Promise<void>;
}

/** A PostgreSQL by its URL, or any place. */
type Where = { readonly url: string } | { readonly place: Place };

export type DbOptions = Where & {
  /** As the server's own views show it. */
  readonly name?: string;
  readonly poolMax?: number;
  /** How long to wait for a connection, a new one or one from the pool. */
  readonly connectTimeoutMs?: number;
  /** For who asks again anyway: what the endpoint says nothing about is soon tried elsewhere, or anew. */
  readonly hurried?: boolean;
  /** For statements that must stay index probes, however young the planner's statistics are. */
  readonly indexOnly?: boolean;
  /** Hears when one of several endpoints is given up for a while, and when it is back. */
  readonly onTurn?: OnTurn;
};

const int8 = 20;

/** BIGINT as bigint: a float would round money. */
const typeParsers = {
  getTypeParser: ((oid: number, format?: "text" | "binary") =>
    oid === int8
      ? BigInt
      : types.getTypeParser(oid, format as "text")) as typeof types.getTypeParser,
};

const usualName = "zerorace";

export function openDb(options: DbOptions, metrics: Metrics): Db {
  const place = "place" in options ? options.place : postgresAt([options.url]);
  const { dialect } = place;
  const opened = place.endpoints.map((endpoint) => openRegion(endpoint, place, options));
  const regions = new Regions(opened, metrics, options.onTurn);
  for (const { pool } of opened) metrics.pools.set(pool, options.name ?? usualName);
  const close = async (): Promise<void> => {
    for (const { pool } of opened) metrics.pools.delete(pool);
    await regions.close();
  };
  const turns = new Turns();
  return { pool: regions.home.pool, regions, metrics, dialect, place, turns, options, close };
}

function openRegion(
  { name: called, driver }: Endpoint,
  { dialect, endpoints, lifetimeSeconds }: Place,
  options: DbOptions,
): Region {
  const { name = usualName, poolMax = 16, connectTimeoutMs = 3_000, indexOnly = false } = options;
  const { Client: Base = Client, ...reached } = driver;
  const greeting = dialect.greeting(indexOnly).join("; ");
  const onConnect = async (client: ClientBase): Promise<void> => {
    // The pool reads it for each connection, right after this, and ends it idle or when it comes back.
    if (lifetimeSeconds) pool.options.maxLifetimeSeconds = lifetimeSeconds();
    if (greeting !== "") await greeted(client as Client);
  };
  // Where there is another way it pays to give one up; where there is none the lookout tells when.
  const isHurried = options.hurried === true && endpoints.length > 1;
  /** The pool waits for it without a limit. */
  const greeted = async (client: Client): Promise<void> => {
    const leave = (error: Error): void => cut(client, error);
    const waiter = lookout.opening(leave);
    const alarm = setTimeout(leave, connectTimeoutMs, new DeadlineError("no answer to a greeting"));
    try {
      await client.query(greeting);
    } finally {
      clearTimeout(alarm);
      lookout.done(waiter);
    }
  };
  const known = { ...reached, application_name: name, keepAlive: true };
  const lookout = new Lookout(() => new (Base as typeof Client)(known));
  const Watched = watched(Base as typeof Client, lookout);
  const pool = new Pool({
    ...known,
    Client: isHurried ? hurried(Watched, dialect.handshakeMs) : Watched,
    max: poolMax,
    connectionTimeoutMillis: connectTimeoutMs,
    idleTimeoutMillis: 600_000,
    // The pool waits for it, though its types say void.
    onConnect: onConnect as (client: ClientBase) => unknown as () => void,
    types: typeParsers,
  });
  pool.on("error", () => undefined);
  return new Region(called, pool, lookout);
}

/** Connections that end nobody but themselves, and are told when it is time to try another one instead. */
function watched(Base: typeof Client, lookout: Lookout): typeof Client {
  return class extends Base {
    override connect(): Promise<Client>;
    override connect(callback: (error: Error) => void): void;
    override connect(callback?: (error: Error) => void): Promise<Client> | void {
      // Without a listener on every client one dropped connection ends the process: the pool's own comes
      // a moment late, and hears only of idle clients. What was running fails by its own promise.
      this.on("error", () => undefined);
      const waiter = lookout.opening((error) => cut(this, error));
      const opened = super.connect() as Promise<Client>;
      opened.then(
        () => lookout.done(waiter),
        () => lookout.done(waiter),
      );
      if (callback === undefined) return opened;
      const told = callback as (error?: Error) => void;
      opened.then(() => told(), told);
    }
  };
}

/** The pool's own timeout is for the wait in its line, too. */
function hurried(Base: typeof Client, handshakeMs: number): typeof Client {
  return class extends Base {
    constructor(config: ClientConfig) {
      const given = config.connectionTimeoutMillis ?? handshakeMs;
      // The pool hides the password from whoever copies its settings.
      const { password } = config;
      const connectionTimeoutMillis = Math.min(given, handshakeMs);
      super({ ...config, ...(password !== undefined && { password }), connectionTimeoutMillis });
    }
  };
}

/** Connections of one's own to the same database. */
export function reopen(db: Db, options: Omit<DbOptions, "url" | "place">): Db {
  return openDb({ ...db.options, ...options }, db.metrics);
}
