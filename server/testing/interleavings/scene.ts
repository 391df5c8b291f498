import type { Db } from "../../db/open.ts";
import type { Kernel } from "../../kernel/gather.ts";
import type { CommandResult } from "../../kernel/gate.ts";
import type { Answer, Ask } from "../../kernel/types.ts";
import { told, type Shop } from "../factories.ts";
import { look, type Sight } from "../look.ts";
import { answered, type Actor, type Run } from "./play.ts";

/** What is there before anybody acts, who acts, and what must hold of whatever comes of it. */
export interface Scene {
  readonly actors: readonly Actor[];
  /** Beside the proof of the whole database; what it returns is wrong. */
  law(run: Run): Promise<string[]>;
}

export interface Given {
  readonly db: Db;
  /** For what happened before. */
  readonly kernel: Kernel;
}

export interface Case {
  readonly name: string;
  open(given: Given): Promise<Scene>;
}

export const asks =
  (ask: Ask): Actor =>
  (way) =>
    way.kernel.ask(ask);

export const commands =
  (command: (db: Db) => Promise<CommandResult>): Actor =>
  (way) =>
    command(way.db);

/** What somebody was told, in a word. */
export function wordOf(outcome: unknown): string {
  if (outcome instanceof Error) return `${outcome.name}: ${outcome.message}`;
  const known = outcome as Answer | CommandResult;
  if (known.kind === "declined") return told(known).reason ?? "declined";
  if (known.kind === "rejected" || known.kind === "refused") return known.code;
  return known.kind;
}

export function words({ outcomes }: Run): string[] {
  return outcomes.map(wordOf);
}

/** Empty when what was told is one of these, in the order of the actors or, with `inAnyOrder`, of the alphabet. */
export function toldOneOf(run: Run, wanted: readonly string[], inAnyOrder = false): string[] {
  const said = inAnyOrder ? words(run).toSorted() : words(run);
  const found = said.join();
  return wanted.includes(found) ? [] : [`told ${found}, not ${wanted.join(" or ")}`];
}

export async function leaves(db: Db, shop: Shop, wanted: Partial<Sight>): Promise<string[]> {
  const sight = await look(db, shop);
  return (Object.keys(wanted) as (keyof Sight)[]).flatMap((name) =>
    sight[name] === wanted[name] ? [] : [`${name} is ${sight[name]}, not ${wanted[name]}`],
  );
}

/** Once `first` has its answer, nothing of what `other` began before may come through. */
export function nothingAfter(run: Run, first: number, other: number): string[] {
  if (wordOf(run.outcomes[other]) !== "granted") return [];
  const ended = run.moments.findIndex(({ actor, did }) => actor === first && did === answered);
  const came = run.moments.findLastIndex(({ actor, did }) => actor === other && did === "commit");
  return came > ended ? ["granted after the other was acknowledged"] : [];
}

/** Whether all of `first` was over before `other` began. */
export function cameBefore(run: Run, first: number, other: number): boolean {
  const ended = run.moments.findIndex(({ actor, did }) => actor === first && did === answered);
  return ended < run.moments.findIndex(({ actor }) => actor === other);
}
