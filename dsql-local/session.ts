import type { Socket } from "node:net";
import type { Cluster } from "./cluster.ts";
import { commit, rollback, tooOld, type End } from "./ending.ts";
import {
  client,
  completeFrame,
  errorFrame,
  frame,
  readyFrame,
  server,
  textAt,
  type Frame,
} from "./frames.ts";
import type { Output } from "./output.ts";
import { refuse, type Refusal } from "./rules.ts";
import { runAlone, runsAlone } from "./special.ts";
import { needsTransaction, Planner, stepsOfQuery, type Step } from "./steps.ts";
import { Transaction, type Catalog } from "./transaction.ts";
import type { Work, Wrong } from "./work.ts";

/** What a client sent up to a point where it waits for an answer. */
interface Unit {
  readonly frames: readonly Frame[];
  /** With which message it ended. */
  readonly end: number;
}

/** One client's conversation: takes its messages apart, admits or refuses, and answers. */
export class Session {
  readonly #socket: Socket;
  readonly #cluster: Cluster;
  readonly #work: Work;
  readonly #output: Output;
  readonly #planner = new Planner();
  readonly #units: Unit[] = [];
  #frames: Frame[] = [];
  #isPumping = false;
  /** After an error everything up to the next Sync is passed over. */
  #isSkipping = false;
  #catalog: Catalog;
  /** The end of its own jobs is no news to it. */
  #startsJobs = false;
  #hasSeenCatalog = false;
  #isOver = false;

  constructor(socket: Socket, cluster: Cluster, work: Work, output: Output) {
    this.#socket = socket;
    this.#cluster = cluster;
    this.#work = work;
    this.#output = output;
    this.#catalog = cluster.catalog;
  }

  /** One message of the client's. */
  take(type: number, bytes: Buffer): void {
    switch (type) {
      case client.copyData:
      case client.copyDone:
      case client.copyFail:
        this.#work.copy(bytes);
        return;
      case client.terminate:
        this.#socket.end();
        return;
      case client.query:
      case client.sync:
      case client.flush:
        this.#units.push({ frames: [...this.#frames, { type, bytes }], end: type });
        this.#frames = [];
        if (!this.#isPumping) void this.#pump();
        return;
      default:
        this.#frames.push({ type, bytes });
    }
  }

  /** The hour is over: at once, or when the transaction has ended. */
  retire(): void {
    this.#isOver = true;
    if (!this.#isPumping && !this.#work.transaction) this.#socket.destroy();
  }

  /** The client has gone. What it has sent completely still happens, a COMMIT above all. */
  leave(): void {
    if (!this.#isPumping) this.#work.close();
  }

  async #pump(): Promise<void> {
    this.#isPumping = true;
    try {
      for (let unit = this.#units.shift(); unit; unit = this.#units.shift()) {
        await this.#work.engage();
        await this.#answer(unit);
        this.#work.release();
        this.#output.send();
        if (this.#isOver && !this.#work.transaction) this.#socket.end();
      }
    } catch (error) {
      // The database has gone, or we have a bug: as on a cluster the client sees the socket close.
      if (!this.#socket.destroyed) this.#cluster.settings.onTrouble(error);
      this.#socket.destroy();
    }
    this.#isPumping = false;
    if (this.#socket.destroyed) this.#work.close();
  }

  async #answer({ frames, end }: Unit): Promise<void> {
    if (end === client.query) {
      const [sql] = textAt((frames.at(-1) as Frame).bytes, 5);
      this.#planner.forgetUnnamed();
      await this.#perform(this.#cluster.surroundings.seenBy(stepsOfQuery(sql)), false);
      await this.#settle();
      return;
    }
    if (!this.#isSkipping) {
      const steps = this.#cluster.surroundings.seenBy(this.#planner.stepsOf(frames));
      const failed = await this.#perform(steps, end === client.flush);
      this.#isSkipping = failed && end === client.flush;
    }
    if (end === client.flush) return;
    this.#isSkipping = false;
    await this.#settle();
  }

  /** The end of a unit: what has no COMMIT of its own is committed, and the client may go on. */
  async #settle(): Promise<void> {
    const { transaction } = this.#work;
    if (transaction?.isImplicit) {
      const end = await commit(this.#work, () => this.#work.end());
      this.#learn(transaction);
      if (end === "cut") {
        this.#output.takeBack(0);
        this.#socket.destroy();
        return;
      }
      if (end === "rolledBack") {
        this.#output.takeBack(0);
        this.#say(refuse("oc000"));
      }
      if (typeof end === "object") {
        this.#output.takeBack(0);
        this.#say(end.wrong);
      }
    }
    this.#output.pinned = false;
    const open = this.#work.transaction;
    this.#output.push(readyFrame(open ? (open.failed ? "E" : "T") : "I"));
  }

  /** Runs steps in as few round trips as possible. True when an error was answered. */
  async #perform(steps: readonly Step[], isFlush: boolean): Promise<boolean> {
    if (steps.length === 0) this.#output.push(frame(server.empty));
    const isMany = steps.length > 1 && steps[0]?.isSimple === true;
    const needs = isFlush || isMany || steps.some(needsTransaction);
    let batch: Step[] = [];
    const flush = async (): Promise<Wrong | undefined> => {
      const ready = batch;
      batch = [];
      return ready.length === 0 ? undefined : this.#work.run(ready);
    };
    for (const step of steps) {
      const refusal = this.#refused(step) ?? this.#admit(step, needs);
      if (refusal) return this.#fail((await flush()) ?? refusal);
      const kind = step.statement?.kind;
      if (kind === "commit" || kind === "rollback") {
        const wrong = await flush();
        if (wrong) return this.#fail(wrong);
        if (await this.#finish(step, kind)) return true;
        continue;
      }
      if (runsAlone(step, this.#work)) {
        const wrong = (await flush()) ?? (await runAlone(step, this.#work, this.#output));
        if (wrong) return this.#fail(wrong);
        continue;
      }
      batch.push(step);
      const wrong = step.isSimple ? await flush() : undefined;
      if (wrong) return this.#fail(wrong);
    }
    const wrong = await flush();
    return wrong ? this.#fail(wrong) : false;
  }

  /** What speaks against a statement by itself. In a failed transaction nobody reads on beyond its grammar. */
  #refused({ refusal, statement }: Step): Refusal | undefined {
    const isEnd = statement?.kind === "commit" || statement?.kind === "rollback";
    const { transaction } = this.#work;
    if (!refusal || !transaction?.failed || isEnd || refusal.sqlstate === "42601") return refusal;
    return refuse("aborted");
  }

  /** What speaks against a statement here and now, whatever it says. */
  #admit({ statement }: Step, needsOwn: boolean): Refusal | undefined {
    if (!statement) return undefined;
    const { kind, effects } = statement;
    if (kind === "commit" || kind === "rollback") return undefined;
    let { transaction } = this.#work;
    if (transaction?.failed) return refuse("aborted");
    if (kind === "begin") {
      if (!transaction) this.#begin(false);
      return undefined;
    }
    if (kind === "call" && transaction) return refuse("waitInTransaction");
    const stale = kind === "setting" ? undefined : this.#lookAtCatalog(transaction);
    if (stale) return stale;
    if (!transaction && needsOwn) transaction = this.#begin(true);
    if (!transaction) return undefined;
    const old = tooOld(this.#work, transaction);
    if (old) return old;
    transaction.statements++;
    if (kind === "ddl") {
      if (transaction.ddl > 0) return refuse("twoDdl");
      if (transaction.wroteRows) return refuse("ddlAndDml");
      transaction.ddl++;
      if (statement.startsJob) transaction.startedJob = this.#startsJobs = true;
    }
    if (effects.writes && transaction.ddl > 0) return refuse("ddlAndDml");
    if (effects.writes) transaction.wroteRows = true;
    if (effects.locks) transaction.locks = true;
    if (statement.label !== undefined) transaction.label = statement.label;
    for (const { name } of effects.targets) transaction.tables.add(name);
    for (const name of effects.deletesFrom) transaction.deletedFrom.add(name);
    if (effects.writes || effects.locks) this.#output.pinned = true;
    return undefined;
  }

  #begin(isImplicit: boolean): Transaction {
    const { catalog, commits } = this.#cluster;
    const transaction = new Transaction(isImplicit, catalog, commits);
    this.#work.transaction = transaction;
    this.#output.pinned = isImplicit;
    return transaction;
  }

  /** Who looked at the catalog before it changed has to look again: one statement fails. */
  #lookAtCatalog(transaction: Transaction | undefined): Refusal | undefined {
    if (transaction && transaction.statements > 0) return undefined;
    const { catalog } = this.#cluster;
    const isNew =
      this.#catalog.changes !== catalog.changes ||
      (this.#catalog.builds !== catalog.builds && !this.#startsJobs);
    const isStale = this.#hasSeenCatalog && isNew;
    this.#hasSeenCatalog = true;
    this.#catalog = catalog;
    return isStale && this.#cluster.settings.staleSessions ? refuse("oc001") : undefined;
  }

  /** Its own change of the catalog is news to everybody else only. */
  #learn({ ddl, catalog }: Transaction): void {
    if (ddl > 0 || catalog === this.#catalog) this.#catalog = this.#cluster.catalog;
  }

  async #finish(step: Step, kind: "commit" | "rollback"): Promise<boolean> {
    const { transaction } = this.#work;
    if (!transaction) {
      await this.#work.run([step]);
      return false;
    }
    const mark = this.#output.mark();
    const end: End =
      kind === "commit" ? await commit(this.#work, () => this.#work.run([step])) : "rolledBack";
    if (kind === "rollback") await rollback(this.#work);
    this.#learn(transaction);
    this.#output.pinned = false;
    if (end === "done") return false;
    this.#output.takeBack(mark);
    if (end === "cut") this.#socket.destroy();
    else if (end === "rolledBack") this.#pretend(step, "ROLLBACK");
    else this.#say(end.wrong);
    return typeof end === "object";
  }

  /** The answers to a statement that the database did not hear. */
  #pretend({ messages, isSimple }: Step, tag: string): void {
    const answers = { parsed: server.parsed, bound: server.bound, closed: server.closed } as const;
    for (const { ends } of messages) {
      if (ends === "described") this.#output.push(frame(server.noData));
      else if (ends === "completed" || isSimple) this.#output.push(completeFrame(tag));
      else if (ends !== "ready") this.#output.push(frame(answers[ends]));
    }
  }

  /** Answers an error. The transaction can only be rolled back now, and gives up what it holds. */
  async #fail(wrong: Wrong): Promise<true> {
    const { transaction } = this.#work;
    this.#say(wrong);
    if (transaction?.isImplicit) await rollback(this.#work);
    else if (transaction) {
      transaction.failed = true;
      transaction.log.length = 0;
      await this.#work.command("back");
    }
    return true;
  }

  #say(wrong: Wrong): void {
    this.#output.push("frame" in wrong ? wrong.frame : errorFrame(wrong));
  }
}
