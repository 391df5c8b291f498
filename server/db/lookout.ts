import type { Client } from "pg";
import { DeadlineError, LeftBehindError, sqlStateOf } from "./faults.ts";
import { cut } from "./socket.ts";

/** How often a new connection is tried while somebody waits, and how long each is tried. */
const everyMs = 250;
const patienceMs = 3_000;
/** Who waits longer than this makes us look. */
const quietMs = 500;
/** What went unanswered by so much later ones that were answered was said into a silence. */
const silenceMs = 1_000;

/** Something that waits for the endpoint. */
export interface Waiter {
  readonly since: number;
  readonly leave: (error: Error) => void;
}

/** A transaction waits on a connection that may be far older. */
interface Work extends Waiter {
  readonly openedAt: number;
}

interface Probe {
  readonly since: number;
}

/**
 * Looks whether an endpoint that says nothing is back. What waits on a connection from the time of the
 * silence waits for bytes that are gone, and no limit fits: a short one gives up connections that a busy
 * machine would open a little later, a long one is lost time after the return. So while somebody waits
 * for long new connections are tried, and the first that is answered ends the waiting of those from
 * before it, who ask again.
 */
export class Lookout {
  readonly #make: () => Client;
  readonly #openings = new Set<Waiter>();
  readonly #works = new Set<Work>();
  #unheard: Probe[] = [];
  #heardAt = -Infinity;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  /** The last silence: a connection from before it may lead nowhere. */
  silentUntil = -Infinity;

  constructor(make: () => Client) {
    this.#make = make;
  }

  /** A connection that is being opened. */
  opening(leave: Waiter["leave"]): Waiter {
    const waiter = { since: performance.now(), leave };
    this.#openings.add(waiter);
    return this.#watch(waiter);
  }

  /** A transaction on an open one: it is left only after a silence, for it may just be slow. */
  work(openedAt: number, leave: Waiter["leave"]): Waiter {
    const waiter = { since: performance.now(), openedAt, leave };
    this.#works.add(waiter);
    return this.#watch(waiter);
  }

  done(waiter: Waiter): void {
    this.#openings.delete(waiter);
    this.#works.delete(waiter as Work);
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
  }

  #watch(waiter: Waiter): Waiter {
    if (!this.#closed) this.#timer ??= setInterval(() => this.#look(), everyMs).unref();
    return waiter;
  }

  #look(): void {
    const [opening] = this.#openings;
    const [work] = this.#works;
    if (!opening && !work) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      return;
    }
    const since = Math.min(opening?.since ?? Infinity, work?.since ?? Infinity);
    // An endpoint that is only slow is asked less often than one that says nothing.
    if (performance.now() - Math.max(since, this.#heardAt) < quietMs) return;
    void this.#probe();
  }

  async #probe(): Promise<void> {
    const probe: Probe = { since: performance.now() };
    this.#unheard = [...this.#unheard.slice(-patienceMs / everyMs), probe];
    const client = this.#make();
    client.on("error", () => undefined);
    const late = new DeadlineError("the endpoint does not answer");
    // More than once: who waits for its turn to connect begins after the first.
    const alarm = setInterval(() => cut(client, late), patienceMs).unref();
    try {
      await client.connect();
      this.#heard(probe);
      await client.end();
    } catch (error) {
      // No room, or starting: an answer. Nobody there: no silence.
      if (sqlStateOf(error) !== undefined) this.#heard(probe);
      else if (error !== late) this.#unheard = this.#unheard.filter((one) => one !== probe);
    } finally {
      clearInterval(alarm);
    }
  }

  #heard(probe: Probe): void {
    this.#heardAt = performance.now();
    const isLost = ({ since }: Probe): boolean => since <= probe.since - silenceMs;
    const lost = this.#unheard.findLast(isLost);
    this.#unheard = this.#unheard.filter((one) => one !== probe && !isLost(one));
    if (lost) this.silentUntil = lost.since;
    // Who took long itself says nothing about the others: all of them wait for a token, or for a busy machine.
    const isQuick = this.#heardAt - probe.since < quietMs;
    for (const { since, leave } of this.#openings) {
      // Without a silence only what is far slower than others.
      const isSlower = isQuick && since < probe.since - quietMs;
      if (lost ? since < probe.since : isSlower) leave(new LeftBehindError());
    }
    for (const { since, openedAt, leave } of this.#works) {
      if (lost && since < probe.since && openedAt < lost.since) leave(new LeftBehindError());
    }
  }
}
