import { z } from "zod";
import { rfc3339 } from "../http/cursor.ts";
import { pageQuery } from "../http/list.ts";
import { count, currency, id, listOf, time, words } from "../http/shapes.ts";
import { buyingReasons } from "../kernel/reasons.ts";
import type { Agent, CountRow } from "./store.ts";

/** The bodies and answers of /v1/agents. */

export const agentField = words(255).meta({
  description: "The name that the agent gives itself in its asks.",
  example: "agent-7",
});

export const listQuery = z.object({
  ...pageQuery.shape,
  state: z
    .enum(["blocked"], "must be blocked")
    .optional()
    .meta({ description: "Only those that are blocked, also when they never asked." }),
});

export const blockBody = z
  .strictObject({
    reason: words(500).optional().meta({ description: "Why, for the audit log." }),
  })
  .meta({ examples: [{ reason: "buys what nobody asked it to" }] });

const reason = z.enum(Object.keys(buyingReasons) as (keyof typeof buyingReasons)[]);
const spent = z.object({
  currency,
  amountMinor: z.string().meta({ description: "In minor units; a whole number as text." }),
});

const agentView = z
  .object({
    id: z.string().meta({ description: "The agent's name, as it stands in its asks." }),
    firstSeenAt: time.nullable(),
    lastSeenAt: time.nullable(),
    asks: count.meta({ description: "Commits and holds that were answered." }),
    granted: count,
    declined: count,
    declines: z
      .array(z.object({ reason, asks: count }))
      .meta({ description: "By the constraint that refused them, the commonest first." }),
    spent: z
      .array(spent)
      .meta({ description: "What was paid and not given back, in each currency." }),
    block: z
      .object({ at: time, by: z.string(), reason: z.string().nullable() })
      .nullable()
      .meta({ description: "Since when it buys nothing; null: it may." }),
  })
  .meta({ id: "Agent", description: "A buyer, by the name that it gives itself in its asks." });

export const agentList = listOf("AgentList", agentView).extend({
  asOf: time.nullable().meta({ description: "Asks are counted up to then, half a minute back." }),
});

const label = z.string().nullable();

export const wholeAgentView = agentView
  .extend({
    asOf: time.nullable(),
    mandates: z.array(z.object({ id, name: label, asks: count })),
    callers: z
      .array(z.object({ id: z.string(), name: label, asks: count }))
      .meta({ description: "Who sent its asks: `key:…` or `person:…`." }),
  })
  .meta({ id: "WholeAgent", description: "An agent with what it asked with." });

export type AgentView = z.output<typeof agentView>;
export type AgentListView = z.output<typeof agentList>;
export type WholeAgentView = z.output<typeof wholeAgentView>;

export function viewOf(agent: Agent): AgentView {
  const { agentId, asks, granted, firstAt, lastAt, block } = agent;
  return {
    id: agentId,
    firstSeenAt: firstAt === null ? null : rfc3339(firstAt),
    lastSeenAt: lastAt === null ? null : rfc3339(lastAt),
    asks: Number(asks),
    granted: Number(granted),
    declined: Number(asks - granted),
    declines: of(agent, "reason").map(({ name, asks: times }) => ({
      reason: name as keyof typeof buyingReasons,
      asks: Number(times),
    })),
    spent: of(agent, "spent").map(({ name, amountMinor }) => ({
      currency: name,
      amountMinor: String(amountMinor),
    })),
    block: block && { at: rfc3339(block.at), by: block.by, reason: block.reason },
  };
}

export function viewOfWhole(agent: Agent, asOf: string | undefined): WholeAgentView {
  const named = (what: CountRow["what"]) =>
    of(agent, what).map(({ name, label: called, asks }) => {
      return { id: name, name: called, asks: Number(asks) };
    });
  return {
    ...viewOf(agent),
    asOf: asOf === undefined ? null : rfc3339(asOf),
    mandates: named("mandate"),
    callers: named("by"),
  };
}

const of = ({ counts }: Agent, wanted: CountRow["what"]): CountRow[] =>
  counts.filter(({ what }) => what === wanted);
