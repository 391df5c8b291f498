import type { ServerResponse } from "node:http";
import { Connection, Session } from "better-sse";

/** What may wait for a client that is slow to read, beside what the system's own buffers hold. */
const waitingMax = 64 * 1024;
/** Of that, what has a newer one soon anyway. */
const waitingOfStandsMax = 16 * 1024;
const pingMs = 15_000;

export interface StreamTerms {
  readonly tenantId: string;
  /** Who has opened it, for the limits. */
  readonly caller: string;
  readonly topics: ReadonlySet<string>;
  readonly headers: Readonly<Record<string, string>>;
  readonly lastEventId: string | undefined;
  /** On the clock of `performance.now()`. */
  readonly endsAt: number;
  /** For how long a client may take nothing of what waits for it. */
  readonly stuckMs?: number;
  /** Asked twice a second: a code when the caller may not hear this any longer. */
  readonly refusal: () => Promise<string | undefined>;
}

/** better-sse's own one builds a URL of the Host header, which anybody may write; this one trusts none. */
class Outlet extends Connection {
  readonly url = new URL("http://localhost/");
  readonly request: Request;
  readonly response = new Response(null);
  readonly #res: ServerResponse;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(res: ServerResponse, headers: Readonly<Record<string, string>>) {
    super();
    this.#res = res;
    this.#headers = headers;
    const closed = new AbortController();
    this.request = new Request(this.url, { signal: closed.signal });
    res.once("close", () => closed.abort());
    res.socket?.setNoDelay(true);
  }

  sendHead(): void {
    if (!this.#res.destroyed) this.#res.writeHead(200, this.#headers);
  }

  sendChunk(chunk: string): void {
    // Pings come from the library; one that finds no room is not worth keeping.
    if (!this.#res.destroyed && this.#res.writableLength < waitingMax) this.#res.write(chunk);
  }

  cleanup(): void {
    this.#res.removeAllListeners("drain");
  }
}

/** One client that listens. Whatever it does not read is bounded, and told to it as a gap. */
export class Stream {
  readonly terms: StreamTerms;
  /** Resolves when the client has gone or was sent away. */
  readonly closed: Promise<void>;
  readonly #res: ServerResponse;
  readonly #session: Session;
  #hasMissed = false;
  #waitedBefore = 0;
  #movedAt = performance.now();
  #isAsking = false;

  private constructor(res: ServerResponse, terms: StreamTerms, session: Session) {
    this.terms = terms;
    this.#res = res;
    this.#session = session;
    this.closed = new Promise((resolve) => {
      res.once("close", resolve);
      if (res.destroyed) resolve();
    });
  }

  /** Undefined when the client has gone meanwhile. */
  static async open(res: ServerResponse, terms: StreamTerms): Promise<Stream | undefined> {
    const outlet = new Outlet(res, terms.headers);
    // After a restart not all of them come back in the same moment.
    const retry = 1_000 + Math.floor(Math.random() * 2_000);
    const serializer = (text: unknown): string => text as string;
    const options = { retry, keepAlive: pingMs, trustClientEventId: false, serializer };
    const session = new Session(outlet, options);
    const { promise, resolve } = Promise.withResolvers<void>();
    session.once("connected", resolve).once("disconnected", resolve);
    await promise;
    return session.isConnected ? new Stream(res, terms, session) : undefined;
  }

  /** False when there was no room: then a gap will tell of it. `text` is JSON. */
  change(name: string, id: string, text: string): boolean {
    if (this.#hasMissed || this.#res.writableLength > waitingMax) {
      this.#hasMissed = true;
      return false;
    }
    this.#push(name, id, text);
    return true;
  }

  stand(name: string, id: string, text: string): void {
    if (!this.#hasMissed && this.#res.writableLength <= waitingOfStandsMax) {
      this.#push(name, id, text);
    }
  }

  /** Looked at twice a second. Returns whether it has missed something and can be told now. */
  isReadyForGap(): boolean {
    const waits = this.#res.writableLength;
    const now = performance.now();
    if (waits === 0 || waits < this.#waitedBefore) this.#movedAt = now;
    this.#waitedBefore = waits;
    if (now - this.#movedAt > (this.terms.stuckMs ?? 30_000)) this.#res.destroy();
    if (!this.#hasMissed || waits > waitingOfStandsMax) return false;
    this.#hasMissed = false;
    return true;
  }

  /** Whether its caller may still listen; what cannot be looked up now is asked again in a moment. */
  async askAgain(): Promise<string | undefined> {
    if (this.#isAsking) return undefined;
    this.#isAsking = true;
    try {
      return await this.terms.refusal();
    } finally {
      this.#isAsking = false;
    }
  }

  /** DRAINING, TIME, or the code of what refuses its caller. */
  end(reason: string, id: string): void {
    this.#push("end", id, JSON.stringify({ reason }));
    this.#res.end();
    // Who does not read does not read that either.
    setTimeout(() => this.#res.destroy(), 1_000).unref();
  }

  #push(name: string, id: string, text: string): void {
    if (this.#session.isConnected && !this.#res.writableEnded) this.#session.push(text, name, id);
  }
}
