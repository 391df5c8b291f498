import type { Socket } from "node:net";

const sendAt = 64 * 1024;

/**
 * What is on its way to the client. Bytes that lie next to each other stay one piece, and a whole unit
 * of work leaves in one write. What may still have to be taken back is pinned until it is certain.
 */
export class Output {
  pinned = false;
  readonly #socket: Socket;
  readonly #parts: Buffer[] = [];
  #size = 0;
  #bytes: Buffer | undefined;
  #start = 0;
  #end = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** True when the client reads more slowly than the database writes. */
  add(bytes: Buffer, start: number, end: number): boolean {
    if (this.#bytes === bytes && this.#end === start) {
      this.#end = end;
      return false;
    }
    this.#settle();
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
    return this.#size > sendAt && !this.pinned && !this.#write();
  }

  push(bytes: Buffer): void {
    this.add(bytes, 0, bytes.length);
  }

  mark(): number {
    this.#settle();
    return this.#parts.length;
  }

  /** Forgets everything since the mark. */
  takeBack(mark: number): void {
    this.#settle();
    for (const part of this.#parts.splice(mark)) this.#size -= part.length;
  }

  send(): void {
    this.#settle();
    if (this.#size > 0) this.#write();
  }

  #settle(): void {
    if (this.#bytes === undefined) return;
    const part = this.#bytes.subarray(this.#start, this.#end);
    this.#parts.push(part);
    this.#size += part.length;
    this.#bytes = undefined;
  }

  #write(): boolean {
    const parts = this.#parts.splice(0);
    this.#size = 0;
    if (this.#socket.destroyed) return true;
    return this.#socket.write(parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts));
  }
}
