/** What some asks come to, agent by agent. */

export interface AskRow {
  readonly askId: string;
  /** As the database writes it. */
  readonly at: string;
  readonly kind: string;
  readonly granted: boolean;
  readonly askedBy: string | null;
  /** Of a commit or a hold: the agent as its JSON has it, with its quotes. */
  readonly agentText: string | null;
  readonly mandateId: string | null;
  /** Of a decline. */
  readonly reason: string | null;
  /** Of the purchase that it made or was about. */
  readonly agentId: string | null;
  readonly currency: string | null;
  /** What the merchant was to be paid by it; below zero: gave back. */
  readonly paidMinor: bigint | null;
}

export interface Seen {
  readonly agentId: string;
  asks: bigint;
  granted: bigint;
  readonly firstAt: string;
  lastAt: string;
  lastAskId: string;
}

export interface Count {
  readonly agentId: string;
  readonly what: "reason" | "mandate" | "by" | "spent";
  readonly name: string;
  asks: bigint;
  amountMinor: bigint;
}

/** Asks in the order of their times. A capture or a refund is no ask of the agent's, but its money is. */
export function countAsks(asks: readonly AskRow[]): { seen: Seen[]; counts: Count[] } {
  const seen = new Map<string, Seen>();
  const counts = new Map<string, Count>();
  const add = (agentId: string, what: Count["what"], name: string | null, paid = 0n): void => {
    if (name === null) return;
    const key = `${what}\n${name}\n${agentId}`;
    const count = counts.get(key) ?? { agentId, what, name, asks: 0n, amountMinor: 0n };
    count.asks++;
    count.amountMinor += paid;
    counts.set(key, count);
  };
  for (const ask of asks) {
    const agentId = ask.agentId ?? nameIn(ask.agentText);
    if (agentId === null) continue;
    if (ask.paidMinor !== null) add(agentId, "spent", ask.currency, ask.paidMinor);
    if (ask.kind !== "commit" && ask.kind !== "hold") continue;
    const known = seen.get(agentId) ?? {
      agentId,
      asks: 0n,
      granted: 0n,
      firstAt: ask.at,
      ...lastOf(ask),
    };
    seen.set(agentId, Object.assign(known, lastOf(ask)));
    known.asks++;
    if (ask.granted) known.granted++;
    else add(agentId, "reason", ask.reason);
    add(agentId, "mandate", ask.mandateId);
    add(agentId, "by", ask.askedBy);
  }
  return { seen: [...seen.values()], counts: [...counts.values()] };
}

const lastOf = ({ at, askId }: AskRow) => ({ lastAt: at, lastAskId: askId });

function nameIn(text: string | null): string | null {
  return text === null ? null : (JSON.parse(text) as string);
}
