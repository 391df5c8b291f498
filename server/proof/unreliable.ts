import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/**
 * What happens to one COMMIT on its way: it passes; the connection is cut before the server has it,
 * or after the server has done it and before anybody hears; it arrives late; its answer arrives late;
 * it arrives at a transaction that had failed already, which the server answers with ROLLBACK.
 */
export type Fate =
  | "pass"
  | "cutBefore"
  | "cutAfter"
  | "abort"
  | { readonly delayMs: number }
  | { readonly holdBackMs: number };

/** Asked once for each COMMIT; the first one is number 0. */
export type Policy = (nth: number) => Fate;

export interface Unreliable {
  readonly url: string;
  readonly counts: { commits: number; cutsBefore: number; cutsAfter: number; late: number };
  /** Accepts connections and never a byte through them, in either direction. */
  blackHole(on: boolean): void;
  /** Resets whoever connects, and who is connected. */
  refuse(on: boolean): void;
  close(): Promise<void>;
}

const aborted = frame("Q", "rollback\0");

interface State {
  policy: Policy | "not PostgreSQL";
  counts: Unreliable["counts"];
  hole: boolean;
  refusing: boolean;
  upstream: { host: string; port: number };
}

/** A bad network in front of the PostgreSQL at `url`; or of something else, whose bytes just pass. */
export async function unreliable(
  url: string,
  policy: Policy | "not PostgreSQL" = () => "pass",
): Promise<Unreliable> {
  const there = new URL(url);
  const counts = { commits: 0, cutsBefore: 0, cutsAfter: 0, late: 0 };
  const upstream = { host: there.hostname, port: Number(there.port) };
  const state: State = { policy, counts, hole: false, refusing: false, upstream };
  const links = new Set<Link>();
  const server = createServer((client) => {
    if (state.refusing) {
      client.resetAndDestroy();
      return;
    }
    const link = new Link(client, state, () => links.delete(link));
    links.add(link);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const here = new URL(url);
  here.hostname = "127.0.0.1";
  here.port = String((server.address() as AddressInfo).port);
  return {
    url: here.href,
    counts,
    blackHole(on) {
      state.hole = on;
      if (!on) for (const link of links) link.resume();
    },
    refuse(on) {
      state.refusing = on;
      if (on) for (const link of links) link.cut();
    },
    async close() {
      for (const link of links) link.cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** One connection of the driver and its counterpart at the server. */
class Link {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #state: State;
  readonly #fromClient = new Frames(true);
  readonly #fromServer = new Frames(false);
  readonly #forgotten: () => void;
  /** Frames wait behind a late COMMIT. */
  #late: Buffer[] | undefined;
  #onCommitted: ((tail: Buffer) => void) | undefined;
  #held: (() => void)[] = [];
  #timers = new Set<NodeJS.Timeout>();

  constructor(client: Socket, state: State, forgotten: () => void) {
    this.#client = client;
    this.#state = state;
    this.#forgotten = forgotten;
    this.#server = connect(state.upstream);
    for (const socket of [client, this.#server]) {
      socket.setNoDelay(true);
      socket.on("error", () => undefined);
    }
    client.on("data", (bytes) => this.#whenOpen(() => this.#ask(bytes)));
    this.#server.on("data", (bytes) => this.#whenOpen(() => this.#answer(bytes)));
    // A COMMIT that is late arrives although its sender has gone: that is what makes it dangerous.
    client.on("close", () => this.#late ?? this.cut());
    this.#server.on("close", () => this.cut());
  }

  cut(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    // One that is ending cannot be reset any more: its handle would stay open, and the process with it.
    if (this.#client.writableEnded) this.#client.destroy();
    else this.#client.resetAndDestroy();
    this.#server.destroy();
    this.#forgotten();
  }

  resume(): void {
    for (const go of this.#held.splice(0)) go();
  }

  #whenOpen(go: () => void): void {
    if (this.#state.hole) this.#held.push(go);
    else go();
  }

  #ask(bytes: Buffer): void {
    const { policy } = this.#state;
    if (policy === "not PostgreSQL") {
      this.#server.write(bytes);
      return;
    }
    for (const part of this.#fromClient.push(bytes)) {
      if (this.#late) this.#late.push(part);
      else if (isCommit(part)) this.#commit(part, policy);
      else this.#server.write(part);
      if (this.#client.destroyed && !this.#late) return;
    }
  }

  #commit(part: Buffer, policy: Policy): void {
    const { counts } = this.#state;
    const fate = policy(counts.commits++);
    if (fate === "cutBefore") {
      counts.cutsBefore++;
      this.cut();
      return;
    }
    if (fate === "cutAfter") {
      this.#onCommitted = () => {
        counts.cutsAfter++;
        this.cut();
      };
    }
    if (typeof fate === "object") counts.late++;
    if (typeof fate === "object" && "holdBackMs" in fate) {
      this.#onCommitted = (tail) => this.#after(fate.holdBackMs, () => this.#client.write(tail));
    }
    if (typeof fate === "object" && "delayMs" in fate) {
      this.#late = [part];
      this.#after(fate.delayMs, () => this.#arriveLate());
      return;
    }
    this.#server.write(fate === "abort" ? aborted : part);
  }

  #arriveLate(): void {
    for (const part of this.#late ?? []) this.#server.write(part);
    this.#late = undefined;
    if (this.#client.destroyed) this.#server.end(frame("X", ""));
  }

  #answer(bytes: Buffer): void {
    if (!this.#onCommitted) {
      this.#client.write(bytes);
      return;
    }
    const parts = this.#fromServer.push(bytes);
    const at = parts.findIndex((part) => part.includes("COMMIT\0") && part[0] === 0x43);
    if (at < 0) {
      this.#client.write(Buffer.concat(parts));
      return;
    }
    const then = this.#onCommitted;
    this.#onCommitted = undefined;
    this.#client.write(Buffer.concat(parts.slice(0, at)));
    then(Buffer.concat(parts.slice(at)));
  }

  #after(ms: number, go: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      go();
    }, ms);
    this.#timers.add(timer);
  }
}

/** Cuts a stream of bytes into messages, which come many to a packet and in many packets. */
export class Frames {
  #rest: Buffer = Buffer.alloc(0);
  #starting: boolean;

  constructor(starting: boolean) {
    this.#starting = starting;
  }

  push(bytes: Buffer): Buffer[] {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const whole: Buffer[] = [];
    for (;;) {
      // The first messages of a client have no type byte: the startup packet, and what asks for TLS.
      const typed = this.#starting ? 0 : 1;
      if (this.#rest.length < typed + 4) return whole;
      const length = typed + this.#rest.readInt32BE(typed);
      if (this.#rest.length < length) return whole;
      const part = this.#rest.subarray(0, length);
      this.#rest = this.#rest.subarray(length);
      if (this.#starting && part.readInt32BE(4) === protocol3) this.#starting = false;
      whole.push(part);
    }
  }
}

const protocol3 = 196_608;

function isCommit(part: Buffer): boolean {
  return part[0] === 0x51 && part.toString("latin1", 5) === "commit\0";
}

export function frame(type: string, body: string): Buffer {
  const bytes = Buffer.alloc(5 + body.length);
  bytes.write(type, "latin1");
  bytes.writeInt32BE(4 + body.length, 1);
  bytes.write(body, 5, "latin1");
  return bytes;
}

/** A policy that cuts some commits before and some after; the same seed cuts the same ones. */
export function cutting(seed: number, before: number, after: number): Policy {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const luck = state / 2 ** 32;
    if (luck < before) return "cutBefore";
    return luck < before + after ? "cutAfter" : "pass";
  };
}

/** The fates of the first commits, one after the other; all later ones pass. */
export function scripted(...fates: readonly Fate[]): Policy {
  return (nth) => fates[nth] ?? "pass";
}
