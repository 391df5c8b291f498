import type { PoolClient } from "pg";
import type { Sql } from "./sql.ts";

/**
 * Several statements in one trip: all of them leave in one packet with one Sync behind, and the
 * server answers once, at the end. A statement each would wake the server and us once each, and on a
 * small machine the waking costs more than the work (see ARCHITECTURE.md). Where one fails the server
 * skips the rest, which fail with the same error.
 */
export class Round {
  readonly #statements: Statement[] = [];

  get empty(): boolean {
    return this.#statements.length === 0;
  }

  /** Rows as arrays of parsed columns under `columns`, and how many rows were touched. */
  add(query: Sql, wantsRows: boolean): Promise<Reply> {
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    const reply: Reply = { columns: [], rows: [], count: 0 };
    // Here, where it fails its own caller: in the driver's hands an error would end the process.
    const values = query.values.map(toText);
    this.#statements.push({ query, values, wantsRows, reply, parsers: [], resolve, reject });
    // Who fails on the first answer leaves the others unheard: they must not be unhandled.
    promise.catch(() => undefined);
    return promise;
  }

  send(client: PoolClient): void {
    (client as unknown as Driver).query(
      new Submitted(this.#statements, client as unknown as Driver),
    );
  }
}

export interface Reply {
  columns: string[];
  rows: unknown[][];
  count: number;
}

interface Statement {
  readonly query: Sql;
  readonly values: readonly (string | Buffer | null)[];
  readonly wantsRows: boolean;
  readonly reply: Reply;
  parsers: ((text: string) => unknown)[];
  readonly resolve: (reply: Reply) => void;
  readonly reject: (cause: unknown) => void;
}

/** What the driver is to a query object of one's own: a documented seam, but without types. */
interface Driver {
  query(submittable: Submitted): void;
  getTypeParser(oid: number, format: "text"): (text: string) => unknown;
}

interface Wire {
  readonly stream: { cork(): void; uncork(): void };
  parse(query: { name: string; text: string }): void;
  bind(query: { statement: string; values: Statement["values"] }): void;
  describe(query: { type: "P"; name: "" }): void;
  execute(query: object): void;
  close(query: { type: "S"; name: string }): void;
  sync(): void;
}

/** Names that each connection has prepared already. */
const prepared = new WeakMap<Driver, Set<string>>();

/** The driver calls these while the answers come in. */
class Submitted {
  readonly callback = (): void => undefined;
  readonly #statements: readonly Statement[];
  readonly #driver: Driver;
  readonly #names: Set<string>;
  #at = 0;
  #failed = false;

  constructor(statements: readonly Statement[], driver: Driver) {
    this.#statements = statements;
    this.#driver = driver;
    this.#names = prepared.get(driver) ?? new Set();
    prepared.set(driver, this.#names);
  }

  submit(wire: Wire): null {
    wire.stream.cork();
    for (const { query, values, wantsRows } of this.#statements) {
      const { name = "", text } = query;
      if (!this.#names.has(name)) {
        // It may have been parsed in a round that failed after it: a name can be taken only once.
        if (name !== "") wire.close({ type: "S", name });
        wire.parse({ name, text });
      }
      wire.bind({ statement: name, values });
      if (wantsRows) wire.describe({ type: "P", name: "" });
      wire.execute({});
    }
    wire.sync();
    wire.stream.uncork();
    return null;
  }

  handleRowDescription({ fields }: { fields: { name: string; dataTypeID: number }[] }): void {
    const statement = this.#statements[this.#at];
    if (!statement) return;
    statement.reply.columns = fields.map(({ name }) => name);
    statement.parsers = fields.map(({ dataTypeID }) =>
      this.#driver.getTypeParser(dataTypeID, "text"),
    );
  }

  handleDataRow({ fields }: { fields: (string | null)[] }): void {
    const statement = this.#statements[this.#at];
    if (!statement) return;
    const row: unknown[] = Array.from({ length: fields.length });
    for (let index = 0; index < fields.length; index++) {
      const text = fields[index] as string | null;
      row[index] = text === null ? null : statement.parsers[index]?.(text);
    }
    statement.reply.rows.push(row);
  }

  handleCommandComplete({ text }: { text: string }): void {
    const statement = this.#statements[this.#at++];
    if (!statement) return;
    const { name } = statement.query;
    if (name !== undefined) this.#names.add(name);
    statement.reply.count = Number(/\d+$/.exec(text)?.[0] ?? 0);
  }

  handleReadyForQuery(): void {
    if (this.#failed) return;
    for (const { resolve, reply } of this.#statements) resolve(reply);
  }

  handleError(cause: unknown): void {
    this.#failed = true;
    for (const { reject } of this.#statements) reject(cause);
  }

  handleEmptyQuery(): void {
    this.#at++;
  }
}

/** Parameters travel as text. Arrays are not among them: lists come as `lines` (see sql.ts). */
function toText(value: unknown): string | Buffer | null {
  if (typeof value === "string" || value === null || value instanceof Buffer) return value;
  if (value === undefined) return null;
  if (value instanceof Date) return value.toISOString();
  if (typeof value === "object")
    throw new TypeError("a parameter is text, a number, a date or bytes");
  return String(value as number | bigint | boolean);
}
