import type { Refusal } from "./rules.ts";

/** PostgreSQL's messages: a type byte, a length that counts itself, a body. */

const code = (letter: string): number => letter.charCodeAt(0);

export const client = {
  query: code("Q"),
  parse: code("P"),
  bind: code("B"),
  describe: code("D"),
  execute: code("E"),
  close: code("C"),
  sync: code("S"),
  flush: code("H"),
  terminate: code("X"),
  password: code("p"),
  copyData: code("d"),
  copyDone: code("c"),
  copyFail: code("f"),
};

export const server = {
  authentication: code("R"),
  parameter: code("S"),
  keyData: code("K"),
  ready: code("Z"),
  error: code("E"),
  notice: code("N"),
  parsed: code("1"),
  bound: code("2"),
  closed: code("3"),
  rowDescription: code("T"),
  noData: code("n"),
  row: code("D"),
  complete: code("C"),
  empty: code("I"),
  suspended: code("s"),
  copyIn: code("G"),
};

export interface Frame {
  readonly type: number;
  /** With its head. */
  readonly bytes: Buffer;
}

/** Larger messages end the connection without a word. */
export const messageMax = 10 * 1024 * 1024;

/** Cuts a stream of bytes into messages. `take` sees them where they lie; nothing is copied. */
export class FrameReader {
  #rest: Buffer[] = [];
  #length = 0;
  #needed = 5;
  readonly #max: number;

  constructor(max = Infinity) {
    this.#max = max;
  }

  /** False when a message was too long. */
  push(
    chunk: Buffer,
    take: (type: number, bytes: Buffer, start: number, end: number) => void,
  ): boolean {
    let bytes = chunk;
    if (this.#length > 0) {
      this.#rest.push(chunk);
      this.#length += chunk.length;
      if (this.#length < this.#needed) return true;
      bytes = Buffer.concat(this.#rest, this.#length);
      this.#rest = [];
      this.#length = 0;
    }
    let at = 0;
    while (bytes.length - at >= 5) {
      const length = 1 + bytes.readInt32BE(at + 1);
      if (length > this.#max || length < 5) return false;
      if (bytes.length - at < length) {
        this.#needed = length;
        break;
      }
      take(bytes[at] ?? 0, bytes, at, at + length);
      at += length;
    }
    if (at < bytes.length) {
      if (bytes.length - at < 5) this.#needed = 5;
      this.#rest = [at === 0 ? bytes : bytes.subarray(at)];
      this.#length = bytes.length - at;
    }
    return true;
  }
}

export function frame(type: number, ...parts: (Buffer | string)[]): Buffer {
  const bodies = parts.map((part) => (typeof part === "string" ? Buffer.from(part) : part));
  const length = bodies.reduce((sum, { length: size }) => sum + size, 4);
  const head = Buffer.alloc(5);
  head[0] = type;
  head.writeInt32BE(length, 1);
  return Buffer.concat([head, ...bodies], length + 1);
}

export const queryFrame = (sql: string): Buffer => frame(client.query, `${sql}\0`);
export const syncFrame = frame(client.sync);
const noTypes = Buffer.alloc(2);

export const parseFrame = (name: string, sql: string, types: Buffer = noTypes): Buffer =>
  frame(client.parse, `${name}\0${sql}\0`, types);

/** What follows the two names of a Bind: formats and values. */
export const bindFrame = (portal: string, statement: string, rest: Buffer): Buffer =>
  frame(client.bind, `${portal}\0${statement}\0`, rest);

/** No parameters, results as text. */
export const noValues = Buffer.alloc(6);

export const executeFrame = (portal: string): Buffer =>
  frame(client.execute, `${portal}\0`, Buffer.alloc(4));

export const closeFrame = (name: string): Buffer => frame(client.close, `S${name}\0`);

export const readyFrame = (status: "I" | "T" | "E"): Buffer => frame(server.ready, status);

export const completeFrame = (tag: string): Buffer => frame(server.complete, `${tag}\0`);

export function errorFrame(refusal: Refusal, severity = "ERROR"): Buffer {
  const { sqlstate, message, detail, hint, position } = refusal;
  const fields = [
    `S${severity}`,
    `V${severity}`,
    `C${sqlstate}`,
    `M${message}`,
    ...(detail === undefined ? [] : [`D${detail}`]),
    ...(hint === undefined ? [] : [`H${hint}`]),
    ...(position === undefined ? [] : [`P${position}`]),
  ];
  return frame(server.error, `${fields.join("\0")}\0\0`);
}

export interface ServerError {
  readonly frame: Buffer;
  readonly sqlstate: string;
  readonly message: string;
  readonly fields: ReadonlyMap<string, string>;
}

export function readError(bytes: Buffer): ServerError {
  const fields = new Map<string, string>();
  for (const field of bytes.toString("utf8", 5).split("\0")) {
    if (field !== "") fields.set(field.charAt(0), field.slice(1));
  }
  return {
    frame: bytes,
    sqlstate: fields.get("C") ?? "",
    message: fields.get("M") ?? "",
    fields,
  };
}

/** The text up to the next zero byte, and where the byte after it lies. */
export function textAt(bytes: Buffer, at: number): [text: string, next: number] {
  const end = bytes.indexOf(0, at);
  return [bytes.toString("utf8", at, end), end + 1];
}

/** How many rows a command tag counts. */
export function rowsOf(bytes: Buffer, start: number, end: number): number {
  let rows = 0;
  let unit = 1;
  for (let at = end - 2; at > start; at--) {
    const digit = (bytes[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) break;
    rows += digit * unit;
    unit *= 10;
  }
  return rows;
}

/** The columns of a DataRow as text. */
export function columnsOf(bytes: Buffer, start: number): (string | null)[] {
  const count = bytes.readInt16BE(start + 5);
  const columns: (string | null)[] = [];
  let at = start + 7;
  for (let column = 0; column < count; column++) {
    const length = bytes.readInt32BE(at);
    at += 4;
    columns.push(length < 0 ? null : bytes.toString("utf8", at, at + length));
    at += Math.max(0, length);
  }
  return columns;
}
