import { createWriteStream, type WriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { enter } from "../../kernel/ask.ts";
import type { Ask } from "../../kernel/types.ts";
import type {
  Asked,
  Attempt,
  Command,
  Commanded,
  Heard,
  Read,
  Shelf,
  SumsRead,
} from "./history.ts";
import type { Target } from "./target.ts";

/**
 * Writes down every attempt: what was asked and heard, and between which moments. A world's records
 * are kept in memory and dropped with it, so that a run of any length needs the memory of one world;
 * with a path each is a line of a file, too.
 */
export class Recorder {
  readonly attempts: Attempt[] = [];
  readonly commands: Commanded[] = [];
  readonly reads: Read[] = [];
  readonly sums: SumsRead[] = [];
  readonly #shelf: Shelf;
  readonly #file: WriteStream | undefined;
  readonly #written: Promise<void>;
  #sent = 0;

  constructor(shelf: Shelf, path?: string) {
    this.#shelf = shelf;
    this.#file = path === undefined ? undefined : createWriteStream(path, { flags: "a" });
    this.#written = this.#file ? finished(this.#file) : Promise.resolve();
    // Told at the end, by `close`.
    this.#written.catch(() => undefined);
  }

  async ask(target: Target, op: number, key: string, asked: Asked): Promise<Attempt> {
    const nth = this.#sent++;
    const { fingerprint } = enter(askOf(this.#shelf, key, asked), "");
    const inv = performance.now();
    const heard = await heardBy(() => target.ask(key, asked));
    const attempt = { op, nth, key, fingerprint, asked, inv, ret: performance.now(), ...heard };
    this.attempts.push(attempt);
    this.#write("attempt", attempt);
    return attempt;
  }

  async command(target: Target, key: string, command: Command): Promise<Commanded> {
    const nth = this.#sent++;
    const inv = performance.now();
    const heard = await heardBy(() => target.command(key, command));
    const commanded = { nth, key, command, inv, ret: performance.now(), ...heard };
    this.commands.push(commanded);
    this.#write("command", commanded);
    return commanded;
  }

  read(read: Read): void {
    this.reads.push(read);
    this.#write("read", read);
  }

  sum(read: SumsRead): void {
    this.sums.push(read);
    this.#write("sums", read);
  }

  #write(record: string, what: object): void {
    this.#file?.write(`${JSON.stringify({ record, tenantId: this.#shelf.tenantId, ...what })}\n`);
  }

  /** Fails where not all of it could be written. */
  async close(): Promise<void> {
    this.#file?.end();
    await this.#written.catch((cause: Error) => {
      throw new Error(`The record is not whole: ${cause.message}.`, { cause });
    });
  }
}

/** What breaks promises nothing: it may be recorded. */
async function heardBy(ask: () => Promise<Heard>): Promise<Heard> {
  try {
    return await ask();
  } catch (cause) {
    return { outcome: "info", what: cause instanceof Error ? cause.message : String(cause) };
  }
}

/** As the kernel takes it. */
export function askOf({ tenantId, merchantId, currency }: Shelf, key: string, asked: Asked): Ask {
  const base = { tenantId, merchantId, key };
  switch (asked.kind) {
    case "commit":
    case "hold": {
      const { mandateId, agentId, holdSeconds = 0 } = asked;
      const lines = asked.lines.map(({ itemId, quantity }) => ({
        itemId,
        quantity: BigInt(quantity),
      }));
      const amountMinor = BigInt(asked.amountMinor);
      const buying = { ...base, mandateId, agentId, lines, amountMinor, currency };
      return asked.kind === "commit"
        ? { kind: "commit", ...buying }
        : { kind: "hold", ...buying, holdSeconds };
    }
    case "capture": {
      const { kind, purchaseId, quantity } = asked;
      const part = quantity === undefined ? {} : { quantity: BigInt(quantity) };
      return { kind, ...base, purchaseId, ...part };
    }
    case "refund": {
      const { kind, purchaseId, amountMinor, line, returnQuantity } = asked;
      return {
        kind,
        ...base,
        purchaseId,
        amountMinor: BigInt(amountMinor),
        ...(line !== undefined && { line }),
        ...(returnQuantity !== undefined && { returnQuantity: BigInt(returnQuantity) }),
      };
    }
    case "extend":
    case "release":
      return { ...base, ...asked };
  }
}
