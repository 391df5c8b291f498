import { connect, type Socket } from "node:net";
import { frame, Frames } from "../../proof/unreliable.ts";

/** How finely transactions are cut: by their trips to the database, or each write for itself. */
export type Grain = "trips" | "statements";

/** What goes to the server at once, when it is let through. */
interface Unit {
  readonly says: string;
  readonly frames: Buffer[];
  /** How many statements it carries, and whether a Sync ends it. */
  executes: number;
  synced: boolean;
  /** Nothing that another transaction could notice: it waits for nobody. */
  free: boolean;
}

export interface Gate {
  readonly stepping: boolean;
  readonly grain: Grain;
  /** Something arrived at the gate, or was answered. */
  stirred(): void;
  /** A transaction that may write begins. */
  begun(): void;
}

/**
 * One connection of the driver and its counterpart at the server. What the driver sends waits here
 * until it is let through; a trip may be cut into its writes, since the server does each as it comes
 * and answers when it is told to flush. What nobody else can notice waits for nobody: reads of a
 * snapshot that is taken, and the end of what wrote nothing.
 */
export class Link {
  pid = 0;
  inFlight: Unit | undefined;
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #gate: Gate;
  readonly #fromClient = new Frames(true);
  readonly #fromServer = new Frames(false);
  readonly #texts = new Map<string, string>();
  readonly #queue: Unit[] = [];
  #trip: Buffer[] = [];
  #answered = 0;
  #wrote = false;

  constructor(client: Socket, upstream: { host: string; port: number }, gate: Gate) {
    this.#client = client;
    this.#gate = gate;
    this.#server = connect(upstream);
    for (const socket of [client, this.#server]) {
      socket.setNoDelay(true);
      socket.on("error", () => undefined);
    }
    client.on("data", (bytes) => this.#ask(bytes));
    this.#server.on("data", (bytes) => this.#answer(bytes));
    client.on("close", () => this.cut());
    this.#server.on("close", () => this.cut());
  }

  /** What waits here, in words. */
  get waiting(): string | undefined {
    return this.inFlight === undefined ? this.#queue[0]?.says : undefined;
  }

  release(): void {
    const unit = this.#queue.shift();
    if (unit === undefined) return;
    this.inFlight = unit;
    this.#answered = 0;
    this.#server.write(Buffer.concat(unit.synced ? unit.frames : [...unit.frames, flush]));
  }

  cut(): void {
    this.#client.destroy();
    this.#server.destroy();
  }

  #ask(bytes: Buffer): void {
    for (const part of this.#fromClient.push(bytes)) {
      const type = part.toString("latin1", 0, 1);
      if (/[PBDECS]/.test(type) && part[0] !== 0) {
        this.#trip.push(part);
        if (type !== "S") continue;
        this.#queue.push(...this.#cut(this.#trip));
        this.#trip = [];
      } else if (type === "Q") {
        this.#queue.push(this.#simple(part));
      } else {
        this.#server.write(part);
      }
    }
    this.#move();
  }

  /** Lets through what needs no leave. */
  #move(): void {
    if (this.inFlight === undefined && (this.#queue[0]?.free || !this.#gate.stepping)) {
      this.release();
    }
    this.#gate.stirred();
  }

  #simple(part: Buffer): Unit {
    const says = part.toString("utf8", 5, part.length - 1);
    const free = says !== "commit" || !this.#wrote;
    return { says, frames: [part], executes: 0, synced: true, free };
  }

  #cut(trip: readonly Buffer[]): Unit[] {
    const units: Unit[] = [];
    let frames: Buffer[] = [];
    let says = "";
    for (const part of trip) {
      frames.push(part);
      const type = part.toString("latin1", 0, 1);
      if (type === "P") this.#texts.set(...parsed(part));
      if (type === "B") says = this.#texts.get(statementOf(part)) ?? "?";
      if (type !== "E") continue;
      this.#add(units, { says, frames, executes: 1, synced: false, free: !isWrite(says) });
      frames = [];
    }
    const last = units.at(-1);
    if (last) {
      last.frames.push(...frames);
      last.synced = true;
    }
    return units;
  }

  #add(units: Unit[], unit: Unit): void {
    if (unit.says.startsWith("begin")) {
      this.#wrote = false;
      unit.free = unit.says.endsWith("read only");
      if (!unit.free && this.#gate.stepping) this.#gate.begun();
    }
    this.#wrote ||= isWrite(unit.says);
    const last = units.at(-1);
    const apart = this.#gate.grain === "statements" && isWrite(unit.says);
    if (last === undefined || (apart && !isBegin(last))) {
      units.push(unit);
      return;
    }
    last.frames.push(...unit.frames);
    last.executes += 1;
    last.free &&= unit.free;
  }

  #answer(bytes: Buffer): void {
    this.#client.write(bytes);
    for (const part of this.#fromServer.push(bytes)) {
      const type = part.toString("latin1", 0, 1);
      if (type === "K") this.pid = part.readInt32BE(5);
      if (type === "C" || type === "I") this.#answered += 1;
      // The server skips what is left of the trip, up to its Sync.
      if (type === "E" && this.inFlight?.synced === false) this.#skip();
      const unit = this.inFlight;
      if (!unit) continue;
      if (type === "Z" || (!unit.synced && this.#answered === unit.executes)) {
        this.inFlight = undefined;
        this.#move();
      }
    }
  }

  #skip(): void {
    this.inFlight = undefined;
    for (let unit = this.#queue[0]; unit; unit = this.#queue[0]) {
      this.release();
      if (unit.synced) return;
    }
  }
}

const flush = frame("H", "");

const isBegin = ({ says, executes }: Unit): boolean => says.startsWith("begin") && executes === 1;

const isWrite = (text: string): boolean => /^\s*(insert|update|delete)/i.test(text);

function parsed(part: Buffer): [name: string, text: string] {
  const [name = "", text = ""] = part.toString("utf8", 5).split("\0");
  return [name, text];
}

/** A Bind names the portal, then the statement. */
function statementOf(part: Buffer): string {
  return part.toString("utf8", 5).split("\0")[1] ?? "";
}
