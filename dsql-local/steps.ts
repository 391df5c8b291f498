import type { Op } from "./conversation.ts";
import {
  bindFrame,
  client,
  closeFrame,
  completeFrame,
  noValues,
  parseFrame,
  queryFrame,
  textAt,
  type Frame,
} from "./frames.ts";
import { statementsIn, type Statement } from "./parse.ts";
import type { Refusal } from "./rules.ts";

/** A statement that the client named, or did not. */
interface Prepared {
  readonly name: string;
  readonly statement: Statement | undefined;
  readonly types: Buffer;
}

export interface Portal {
  readonly name: string;
  readonly prepared: Prepared;
  readonly values: Buffer;
}

export interface Message {
  readonly bytes: Buffer;
  readonly ends: Op["ends"];
  readonly binds: boolean;
}

/** Messages up to and including the execution of one statement. */
export interface Step {
  readonly isSimple: boolean;
  readonly messages: Message[];
  readonly statement?: Statement;
  /** What is executed, by the extended protocol. */
  readonly portal?: Portal;
  readonly tag?: Buffer;
  readonly refusal?: Refusal;
}

const noTypes = Buffer.alloc(2);

/** The steps of a simple query: each statement on its own. */
export function stepsOfQuery(sql: string): Step[] {
  const statements = statementsIn(sql);
  return statements.map((statement) => ({
    isSimple: true,
    statement,
    ...tagOf(statement),
    messages: [{ bytes: queryFrame(statement.sql), ends: "ready" as const, binds: false }],
    ...(statement.refusal && { refusal: statement.refusal }),
  }));
}

const tagOf = ({ tag }: Statement): { tag?: Buffer } =>
  tag === undefined ? {} : { tag: completeFrame(tag) };

/** Reads the extended protocol: what is prepared under which name, and what is executed. */
export class Planner {
  readonly #prepared = new Map<string, Prepared>();
  readonly #portals = new Map<string, Portal>();

  /** The steps of a row of messages; those behind a refusal are never looked at. */
  stepsOf(frames: readonly Frame[]): Step[] {
    const steps: Step[] = [];
    let messages: Message[] = [];
    const add = (bytes: Buffer, ends: Op["ends"], binds = false): void => {
      messages.push({ bytes, ends, binds });
    };
    for (const { type, bytes } of frames) {
      switch (type) {
        case client.parse: {
          const { frame, refusal, ...of } = this.#parse(bytes);
          if (refusal) return [...steps, { isSimple: false, messages, refusal, ...of }];
          add(frame, "parsed");
          break;
        }
        case client.bind:
          this.#bind(bytes);
          add(bytes, "bound", true);
          break;
        case client.describe:
          add(bytes, "described");
          break;
        case client.close:
          this.#close(bytes);
          add(bytes, "closed");
          break;
        case client.execute: {
          add(bytes, "completed");
          const [name] = textAt(bytes, 5);
          const portal = this.#portals.get(name);
          const statement = portal?.prepared.statement;
          steps.push({
            isSimple: false,
            messages,
            ...(portal && { portal }),
            ...(statement && { statement, ...tagOf(statement) }),
          });
          messages = [];
          break;
        }
      }
    }
    if (messages.length > 0) steps.push({ isSimple: false, messages });
    return steps;
  }

  /** A simple query takes the unnamed statement with it. */
  forgetUnnamed(): void {
    this.#prepared.delete("");
  }

  #parse(bytes: Buffer): { frame: Buffer; refusal?: Refusal; statement?: Statement } {
    const [name, second] = textAt(bytes, 5);
    const [sql, third] = textAt(bytes, second);
    const statements = statementsIn(sql);
    const [statement] = statements;
    if (statements.length > 1) {
      const message = "cannot insert multiple commands into a prepared statement";
      return { frame: bytes, refusal: { sqlstate: "42601", message } };
    }
    const types = bytes.subarray(third);
    this.#prepared.set(name, { name, statement, types });
    if (!statement) return { frame: bytes };
    const frame = statement.isEdited ? parseFrame(name, statement.sql, types) : bytes;
    return { frame, ...(statement.refusal && { refusal: statement.refusal, statement }) };
  }

  #bind(bytes: Buffer): void {
    const [name, second] = textAt(bytes, 5);
    const [from, third] = textAt(bytes, second);
    const prepared = this.#prepared.get(from) ?? {
      name: from,
      statement: undefined,
      types: noTypes,
    };
    this.#portals.set(name, { name, prepared, values: bytes.subarray(third) });
  }

  #close(bytes: Buffer): void {
    const [name] = textAt(bytes, 6);
    if (bytes[5] === 0x53) this.#prepared.delete(name);
    else this.#portals.delete(name);
  }
}

/** The name under which we prepare statements again; no client uses it. */
export const ownName = "dsql_local";

/** A Bind of the same values to a text of our own, and the Parse that goes before it. */
export function rebound(sql: string, types: Buffer, portal: string, values: Buffer): Buffer[] {
  return [closeFrame(ownName), parseFrame(ownName, sql, types), bindFrame(portal, ownName, values)];
}

/** Types and values of a step, for the log. */
export function argumentsOf({ portal }: Step): { types: Buffer; values: Buffer } {
  if (!portal) return { types: noTypes, values: noValues };
  return { types: portal.prepared.types, values: portal.values };
}

/** What writes, locks or changes the catalog has a transaction, if only of its own. */
export function needsTransaction({ statement }: Step): boolean {
  if (!statement || statement.refusal) return false;
  const { kind, effects, node } = statement;
  return (
    kind === "ddl" || effects.writes || effects.locks || (kind === "order" && node !== "VacuumStmt")
  );
}
