import type { Plan } from "./plan.ts";
import type { Entry } from "./types.ts";

/**
 * What a batch weighs for Aurora DSQL, which takes 3,000 changed rows and 10 MiB a transaction and
 * counts every row and every entry of an index with something on top. How much on top is not said: a
 * hundred bytes for each are assumed here.
 */
const fixed = {
  /** A row of `asks` with its three index entries; key, body and answer come on top. */
  answer: 680,
  /** With four; agent and charge come on top. */
  line: 880,
  stock: 300,
  mandate: 370,
  leg: 560,
  event: 310,
  /** The agent comes on top twice: it is part of the key. */
  grant: 320,
};

const answerMost = 700;

const bytesIn = (text: string | null): number => (text === null ? 0 : Buffer.byteLength(text));

/** What an ask will write at most, before anything is known of its facts. */
export function weightOf({ ask, body }: Entry): { rows: number; bytes: number } {
  const agent = "agentId" in ask ? bytesIn(ask.agentId) : 0;
  const lines = "lines" in ask ? ask.lines.length + (ask.charges?.length ?? 0) : 1;
  // The names of charges are in the body, and in their lines again.
  const texts = 2 * ask.key.length + 2 * bytesIn(body) + answerMost;
  const perLine = fixed.line + fixed.stock + fixed.grant + 3 * agent;
  const { answer, event, leg, mandate } = fixed;
  return {
    // Answer, event, legs, a mandate bucket; a line each, with its bucket and its recent grant.
    rows: 5 + 2 * lines,
    bytes: answer + event + 3 * leg + mandate + texts + lines * perLine,
  };
}

export function rowsOf(plan: Plan): number {
  const { nowMs: _, ...tables } = plan;
  return Object.values(tables).reduce((rows, table) => rows + table.length, 0);
}

export function bytesOf(plan: Plan): number {
  let bytes =
    fixed.stock * plan.stock.length +
    fixed.mandate * plan.mandates.length +
    fixed.leg * plan.legs.length +
    fixed.event * plan.events.length;
  for (const { key, body, text } of plan.answers) {
    bytes += fixed.answer + 2 * key.length + bytesIn(body) + text.length;
  }
  const lines = [...plan.newLines, ...plan.changedLines.map(({ line }) => line)];
  for (const { agentId, charge } of lines) bytes += fixed.line + bytesIn(agentId) + bytesIn(charge);
  for (const { agentId } of plan.recentGrants) bytes += fixed.grant + 2 * bytesIn(agentId);
  return bytes;
}
