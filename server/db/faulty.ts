import { Client } from "pg";
import type { Endpoint, Place } from "./place.ts";

/** What is done, on purpose, to the connections of whoever opens the database here. */
export interface FaultRates {
  /** Of a hundred round trips how many find their connection cut. */
  readonly cutPercent: number;
  /** Of a hundred COMMITs how many are lost: half before the database has them, half after it did them. */
  readonly lostCommitPercent: number;
  /** How much longer each round trip takes. */
  readonly slowMs: number;
}

export interface FaultCounts {
  cuts: number;
  commitsLostBefore: number;
  commitsLostAfter: number;
  failovers: number;
}

/** The same database, badly reached; nobody else's connections are touched. */
export interface FaultyPlace {
  readonly place: Place;
  readonly counts: Readonly<FaultCounts>;
  /** Until then, and after, everything passes. */
  set(on: boolean): void;
  /** The first endpoint is gone for these connections, or back. */
  setHomeAway(away: boolean): void;
}

/** What the driver throws when the other end has gone; so does whoever plays it. */
class Cut extends Error {
  readonly code = "ECONNRESET";
  constructor() {
    super("cut by a fault of this run");
  }
}

interface State extends FaultRates {
  on: boolean;
  homeAway: boolean;
  readonly counts: FaultCounts;
  readonly atHome: Set<Client>;
}

export function withFaults(
  { endpoints, ...rest }: Place,
  rates: FaultRates,
  luck: () => number = Math.random,
): FaultyPlace {
  const counts = { cuts: 0, commitsLostBefore: 0, commitsLostAfter: 0, failovers: 0 };
  const state: State = { ...rates, on: false, homeAway: false, counts, atHome: new Set() };
  return {
    place: { ...rest, endpoints: endpoints.map((one, nth) => faulty(one, nth === 0, state, luck)) },
    counts,
    set(on) {
      state.on = on;
      if (!on) state.homeAway = false;
    },
    setHomeAway(away) {
      if (away === state.homeAway) return;
      state.homeAway = away;
      if (!away) return;
      counts.failovers += 1;
      for (const client of state.atHome) cut(client);
    },
  };
}

function faulty(
  { name, driver }: Endpoint,
  isHome: boolean,
  state: State,
  luck: () => number,
): Endpoint {
  const Base = (driver.Client ?? Client) as typeof Client;
  const isGone = (): boolean => isHome && state.homeAway;
  class Faulty extends Base {
    override connect(): Promise<Client>;
    override connect(callback: (error: Error) => void): void;
    override connect(callback?: (error: Error) => void): Promise<Client> | void {
      if (isHome) {
        state.atHome.add(this);
        this.once("end", () => state.atHome.delete(this));
      }
      if (!isGone()) return callback ? super.connect(callback) : super.connect();
      const gone = new Cut();
      if (callback === undefined) return Promise.reject(gone);
      process.nextTick(callback, gone);
    }
  }
  // By its name: it is told below whose query it is.
  const own = Reflect.get(Base.prototype, "query") as (...args: unknown[]) => unknown;
  const send = (client: Client, args: unknown[]): unknown => own.apply(client, args);
  const later = (client: Client, args: unknown[]): unknown => {
    if (state.slowMs === 0) return send(client, args);
    const [query] = args;
    // A round is told by its own handlers; whoever sends something else waits for a promise.
    const isRound = typeof query === "object" && query !== null && "submit" in query;
    if (!isRound) return pause(state.slowMs).then(() => send(client, args));
    setTimeout(() => send(client, args), state.slowMs);
    return query;
  };
  Faulty.prototype.query = function query(this: Client, ...args: unknown[]): unknown {
    if (!state.on) return send(this, args);
    if (args[0] === "commit") return commit(this, args);
    if (luck() * 100 < state.cutPercent) {
      state.counts.cuts += 1;
      cut(this);
    }
    return later(this, args);
  } as typeof Faulty.prototype.query;
  const commit = (client: Client, args: unknown[]): unknown => {
    const fate = luck() * 100;
    if (fate >= state.lostCommitPercent) return later(client, args);
    if (fate < state.lostCommitPercent / 2) {
      state.counts.commitsLostBefore += 1;
      cut(client);
      return Promise.reject(new Cut());
    }
    return Promise.resolve(send(client, args)).then(() => {
      state.counts.commitsLostAfter += 1;
      cut(client);
      throw new Cut();
    });
  };
  return { name, driver: { ...driver, Client: Faulty } };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** As when the other end resets it. */
function cut(client: Client): void {
  const { stream } = (client as unknown as { connection: { stream: NodeJS.WritableStream } })
    .connection;
  (stream as unknown as { destroy(error: Error): void }).destroy(new Cut());
}
