import { crc32 } from "node:zlib";
import type { Listener } from "./backend.ts";
import { columnsOf, readError, rowsOf, server, textAt, type ServerError } from "./frames.ts";
import type { Output } from "./output.ts";
import type { Entry } from "./transaction.ts";

type Ending = "parsed" | "bound" | "closed" | "described" | "completed" | "ready";

/** One message to the database, and what becomes of its answers. */
export interface Op {
  readonly ends: Ending;
  /** Whether the client hears the answers. */
  visible: boolean;
  /** Which of the steps sent it. */
  readonly step: number;
  /** Takes down what was answered, to compare it when the statement has to run again. */
  readonly entry?: Entry;
  /** In place of the database's own command tag. */
  readonly tag?: Buffer;
  /** The answer must be the one that was given before. */
  readonly mustRepeat?: boolean;
}

export interface Ears {
  /** A statement is done: false when it was one row too many. */
  completed(entry: Entry, rows: number): boolean;
  parameterChanged(name: string, value: string): void;
  /** The database wants the rows of a COPY. */
  copyStarts(): void;
  /** The client is slower than the database. */
  tooFast(): void;
}

/** Follows the answers to a row of messages, and passes on those that the client waits for. */
export class Conversation implements Listener {
  error: ServerError | undefined;
  failedAt = -1;
  /** The first answer that differed from the one given before. */
  divergedAt = -1;
  status = 0;
  overflowed = false;
  readonly rows: (string | null)[][] = [];
  readonly #ops: readonly Op[];
  readonly #output: Output | undefined;
  readonly #ears: Ears | undefined;
  #at = 0;
  #mark = 0;
  #sum = 0;
  #muted = false;

  constructor(ops: readonly Op[], output?: Output, ears?: Ears) {
    this.#ops = ops;
    this.#output = output;
    this.#ears = ears;
    this.#mark = output?.mark() ?? 0;
  }

  hear(type: number, bytes: Buffer, start: number, end: number): boolean {
    const op = this.#ops[this.#at] as Op;
    switch (type) {
      case server.row:
        if (op.entry) this.#sum = crc32(bytes.subarray(start, end), this.#sum);
        if (!this.#output) this.rows.push(columnsOf(bytes, start));
        this.#pass(op, bytes, start, end);
        return true;
      case server.complete:
        this.#complete(op, bytes, start, end);
        return true;
      case server.empty:
      case server.suspended:
        this.#pass(op, bytes, start, end);
        if (op.ends === "completed") this.#next();
        return true;
      case server.parsed:
      case server.bound:
      case server.closed:
        this.#pass(op, bytes, start, end);
        this.#next();
        return true;
      case server.rowDescription:
      case server.noData:
        this.#pass(op, bytes, start, end);
        if (op.ends === "described") this.#next();
        return true;
      case server.error:
        this.#fail(op, readError(Buffer.from(bytes.subarray(start, end))));
        return true;
      case server.ready:
        this.status = bytes[start + 5] ?? 0;
        this.#next();
        return this.#at < this.#ops.length;
      case server.copyIn:
        this.#pass(op, bytes, start, end);
        this.#ears?.copyStarts();
        return true;
      case server.parameter:
        this.#parameter(bytes, start, end);
        return true;
      default:
        this.#pass(op, bytes, start, end);
        return true;
    }
  }

  #pass(op: Op, bytes: Buffer, start: number, end: number): void {
    if (!op.visible || this.#muted || !this.#output) return;
    if (this.#output.add(bytes, start, end)) this.#ears?.tooFast();
  }

  #complete(op: Op, bytes: Buffer, start: number, end: number): void {
    if (op.entry) {
      this.#sum = crc32(bytes.subarray(start, end), this.#sum);
      if (op.mustRepeat && op.entry.sum !== this.#sum && this.divergedAt < 0) {
        this.divergedAt = op.step;
      }
      op.entry.sum = this.#sum;
      this.#sum = 0;
      const rows = rowsOf(bytes, start, end);
      if (!op.mustRepeat && this.#ears?.completed(op.entry, rows) === false) {
        this.overflowed = true;
        this.#output?.takeBack(this.#mark);
        this.#muted = true;
      }
    }
    if (op.tag) this.#pass(op, op.tag, 0, op.tag.length);
    else this.#pass(op, bytes, start, end);
    if (op.ends === "completed") this.#next();
  }

  /** Nothing of a failed statement has been heard: it may run again. */
  #fail(op: Op, error: ServerError): void {
    this.#sum = 0;
    this.#output?.takeBack(this.#mark);
    if (!this.error) {
      this.error = error;
      this.failedAt = this.#at;
    }
    if (op.ends === "ready") return;
    while (this.#at < this.#ops.length && this.#ops[this.#at]?.ends !== "ready") this.#at++;
  }

  #parameter(bytes: Buffer, start: number, end: number): void {
    const [name, next] = textAt(bytes, start + 5);
    this.#ears?.parameterChanged(name, textAt(bytes, next)[0]);
    if (this.#output && name !== "is_superuser") this.#output.add(bytes, start, end);
  }

  #next(): void {
    this.#at++;
    const op = this.#ops[this.#at];
    if (op?.visible && op.entry) this.#mark = this.#output?.mark() ?? 0;
    else if (op?.ends === "completed" || op?.ends === "ready")
      this.#mark = this.#output?.mark() ?? 0;
  }
}
