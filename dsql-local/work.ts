import { AskError } from "./asking.ts";
import type { Backend } from "./backend.ts";
import type { Cluster } from "./cluster.ts";
import { Conversation, type Ears, type Op } from "./conversation.ts";
import {
  commands,
  encode,
  executed,
  hidden,
  nameOf,
  reboundOps,
  sync,
  type Command,
} from "./encode.ts";
import { executeFrame, noValues, parseFrame, syncFrame, type ServerError } from "./frames.ts";
import type { InjectionCall } from "./injection-calls.ts";
import type { Output } from "./output.ts";
import { isPresent, recover } from "./losing.ts";
import { refuse, type Refusal } from "./rules.ts";
import { rebound, type Step } from "./steps.ts";
import type { Transaction, Entry } from "./transaction.ts";

let numbers = 0;

/** What goes wrong with a statement: an error of the database's, or a refusal of ours. */
export type Wrong = ServerError | Refusal;

/**
 * The database's side of a session: runs statements inside the open transaction, and again where a
 * race or another's lock came between.
 *
 * Behind every BEGIN stands a savepoint. Rolling back to it gives up all locks and keeps the
 * snapshot, so that a transaction can step aside for another and come back by running its log again.
 */
export class Work implements Ears {
  readonly number = ++numbers;
  transaction: Transaction | undefined;
  application = "";
  since = 0;
  /** A unit of the client's is being answered: it cannot step aside before the next one. */
  #isEngaged = false;
  readonly cluster: Cluster;
  readonly #backend: Backend;
  readonly #output: Output;
  readonly #onSlowClient: () => void;
  #isCopying = false;
  readonly #copied: Buffer[] = [];
  /** The step is done when this is: nothing else may be said to the database before. */
  #stepping: Promise<void> | undefined;

  constructor(cluster: Cluster, backend: Backend, output: Output, onSlowClient: () => void) {
    this.cluster = cluster;
    this.#backend = backend;
    this.#output = output;
    this.#onSlowClient = onSlowClient;
  }

  get pid(): number {
    return this.#backend.pid;
  }

  /** Our own statements, prepared once per connection: they leave the client's unnamed one alone. */
  async prepare(): Promise<void> {
    const names = Object.keys(commands) as Command[];
    const parses = names.map((name) => parseFrame(nameOf(name), commands[name]));
    const ops = names.map((): Op => ({ ends: "parsed", visible: false, step: 0 }));
    const talk = new Conversation([...ops, sync]);
    await this.#backend.converse(Buffer.concat([...parses, syncFrame]), talk);
  }

  /** Between two statements of a transaction: it can be made to step aside. */
  get isIdle(): boolean {
    const { transaction } = this;
    if (this.#isEngaged || this.#stepping || !transaction) return false;
    return !transaction.aside && !transaction.failed && !transaction.committing;
  }

  stepAside(): void {
    const { transaction } = this;
    if (!transaction) return;
    transaction.aside = true;
    this.#stepping = this.command("back")
      .then(() => undefined)
      .catch(() => undefined)
      .finally(() => (this.#stepping = undefined));
  }

  /** Somebody waits for this one: they have touched the same row. Catalog changes are another matter. */
  meets(other: Work): void {
    const [mine, theirs] = [this.transaction, other.transaction];
    if (!mine || !theirs || mine.ddl > 0 || theirs.ddl > 0) return;
    mine.rivals.add(theirs);
    theirs.rivals.add(mine);
  }

  /** Runs steps in one round trip. What it returns is what the client has to hear as an error. */
  async run(steps: readonly Step[]): Promise<Wrong | undefined> {
    if (!(await isPresent(this, steps))) return refuse("oc000");
    let rest = steps;
    let isAgain = false;
    for (;;) {
      const { bytes, ops, entries } = encode(rest, isAgain, this.transaction);
      const talk = new Conversation(ops, this.#output, this);
      await this.converse(bytes, talk);
      const failed = talk.error ? (ops[talk.failedAt]?.step ?? 0) : rest.length;
      this.#remember(entries.slice(0, failed));
      if (talk.overflowed) return refuse("rows");
      if (!talk.error) return undefined;
      const step = rest[failed];
      if (!step || !(await recover(this, talk.error, step.statement))) return worded(talk.error);
      isAgain = ops[talk.failedAt]?.ends === "completed";
      rest = rest.slice(failed);
    }
  }

  /** One of our own commands; the tag it was answered with. */
  async command(name: Command): Promise<ServerError | undefined> {
    const ops: Op[] = [hidden("bound"), hidden("completed"), sync];
    const talk = new Conversation(ops);
    await this.converse(Buffer.concat([...executed(name), syncFrame]), talk);
    return talk.error;
  }

  /** A query of our own in the client's transaction. */
  async ask(sql: string, types?: Buffer, values: Buffer = noValues): Promise<(string | null)[][]> {
    const ops = [...reboundOps(0), hidden("completed"), sync];
    const frames = [...rebound(sql, types ?? Buffer.alloc(2), "", values), executeFrame("")];
    const talk = new Conversation(ops);
    await this.converse(Buffer.concat([...frames, syncFrame]), talk);
    if (talk.error) throw new AskError(talk.error);
    return talk.rows;
  }

  /** COMMIT for what the client did not begin. */
  async end(): Promise<Wrong | undefined> {
    if (!this.transaction?.isOpen) return undefined;
    const error = await this.command("commit");
    return error && worded(error);
  }

  /** From here on it stands still for nobody, once a step aside that has begun is taken. */
  async engage(): Promise<void> {
    this.#isEngaged = true;
    await this.#stepping;
  }

  release(): void {
    this.#isEngaged = false;
  }

  /** Begins at the database what the client's statement has begun here. */
  async open(): Promise<void> {
    const { transaction } = this;
    if (transaction?.isImplicit && !transaction.isOpen) {
      transaction.isOpen = true;
      await this.command("begin");
      await this.command("savepoint");
    }
  }

  async rowsWritten(): Promise<number> {
    const [row] = await this.ask("select dsql_local.rows_written()");
    return Number(row?.[0] ?? 0);
  }

  /** What `select dsql_local.inject(…)` asks of us. */
  inject({ name, argument }: InjectionCall): Refusal | undefined {
    try {
      if (name === "inject") this.cluster.injections.add(argument);
      if (name === "clear") this.cluster.injections.clear();
      return undefined;
    } catch (error) {
      return { sqlstate: "22023", message: (error as Error).message };
    }
  }

  completed(entry: Entry, rows: number): boolean {
    const { transaction } = this;
    if (!transaction || !entry.statement.effects.writes) return true;
    if (entry.statement.node !== "SelectStmt") transaction.rows += rows;
    const name = entry.statement.effects.targets[0]?.name ?? "";
    const bytes = (transaction.bytes.get(name) ?? 0) + entry.values.length + 40 * rows;
    transaction.bytes.set(name, bytes);
    return transaction.rows <= this.cluster.settings.rowsMax;
  }

  parameterChanged(name: string, value: string): void {
    if (name === "application_name") this.application = value;
  }

  tooFast(): void {
    this.#onSlowClient();
  }

  close(): void {
    this.cluster.left(this);
    this.#backend.close();
  }

  copyStarts(): void {
    this.#output.send();
    this.#isCopying = true;
    for (const bytes of this.#copied.splice(0)) this.#backend.send(bytes);
  }

  /** Rows of a COPY from the client; those that come early wait until the database asks for them. */
  copy(bytes: Buffer): void {
    if (this.#isCopying) this.#backend.send(bytes);
    else this.#copied.push(bytes);
  }

  async converse(bytes: Buffer, talk: Conversation): Promise<void> {
    this.since = performance.now();
    this.cluster.watch.begins(this);
    try {
      await this.#backend.converse(bytes, talk);
    } finally {
      this.#isCopying = false;
      this.cluster.watch.ends(this);
    }
  }

  #remember(entries: readonly (Entry | undefined)[]): void {
    for (const entry of entries) if (entry) this.transaction?.log.push(entry);
  }
}

/** In DSQL's words where it has its own. */
function worded(error: ServerError): Wrong {
  if (error.sqlstate === "40001") return refuse("oc000");
  if (error.sqlstate === "54000" && error.message.startsWith("index row")) return refuse("keySize");
  return error;
}
