import type { Check, Command, Commanded, Violation } from "./history.ts";
import type { AuditEntry, Seen } from "./outside.ts";

const actionOf: Readonly<Record<Command["kind"], string>> = {
  pause: "mandate.pause",
  activate: "mandate.activate",
  revoke: "mandate.revoke",
  topUp: "mandate.top-up",
  close: "item.close",
  open: "item.open",
  price: "item.price",
  restock: "item.adjust",
  reshard: "item.reshard",
};

/** What somebody did, as the log and the records of the run both name it. */
interface Deed {
  readonly place: string;
  readonly key: string;
  readonly isDone: boolean;
  readonly isDoubted: boolean;
}

type Say = (says: string, keys?: readonly string[]) => void;

/**
 * C11: what was acknowledged is noted once, however often it was sent; nothing else is noted; and the chain
 * of the log holds, in the database and in an export of it.
 */
export const auditComplete: Check = ({ outside, commands }) => {
  if (outside === undefined) return [];
  const found: Violation[] = [];
  const say: Say = (says, keys = []) => void found.push({ check: "C11", says, keys });
  chainHolds(outside, say);
  const deeds = Map.groupBy([...deedsOf(commands), ...errandsOf(outside)], ({ place }) => place);
  const noted = Map.groupBy(outside.log.entries, placeOf);
  for (const [place, some] of deeds) {
    const count = noted.get(place)?.length ?? 0;
    const done = some.filter(({ isDone }) => isDone).length;
    const most = some.filter(({ isDone, isDoubted }) => isDone || isDoubted).length;
    const keys = some.map(({ key }) => key);
    if (count < done)
      say(`${place} was acknowledged ${done} times, and noted ${count} times`, keys);
    if (count > most) say(`${place} was done ${most} times, and noted ${count} times`, keys);
  }
  for (const [place, entries] of noted) {
    const numbers = entries.map(({ seq }) => seq).join(", ");
    if (!deeds.has(place)) say(`nobody did ${place}, and it is entry ${numbers}`);
  }
  requestsMatch(commands, outside.log.entries, say);
  return found;
};

function chainHolds({ log: { entries, chain, exported } }: Seen, say: Say): void {
  let previous: Pick<AuditEntry, "seq" | "hash"> = { seq: 0, hash: "0".repeat(64) };
  for (const entry of entries) {
    if (entry.seq !== previous.seq + 1) say(`entry ${entry.seq} comes after ${previous.seq}`);
    else if (entry.previousHash !== previous.hash)
      say(`entry ${entry.seq} does not follow on the one before it`);
    previous = entry;
  }
  if (chain.broken !== undefined) say(`the chain is broken at ${chain.broken}`);
  if (exported.broken !== undefined) say(`an export of the log is broken at ${exported.broken}`);
  for (const [where, { entries: count }] of Object.entries({ chain, export: exported }))
    if (count !== entries.length) say(`the ${where} has ${count} of ${entries.length} entries`);
}

function deedsOf(commands: readonly Commanded[]): Deed[] {
  return [...Map.groupBy(commands, ({ key }) => key)].flatMap(([key, attempts]) => {
    const [one] = attempts;
    if (one === undefined) return [];
    const { command } = one;
    const isDone = attempts.some(({ outcome }) => outcome === "ok");
    const isDoubted = attempts.some(({ outcome }) => outcome === "info");
    const id = "itemId" in command ? command.itemId : command.mandateId;
    const place = placeAt(actionOf[command.kind], id, contentOf(key, command));
    return [{ place, key, isDone, isDoubted }];
  });
}

const errandsOf = ({ errands }: Seen): Deed[] =>
  errands.map(({ action, objectId, outcome }) => ({
    place: placeAt(action, objectId),
    key: action,
    isDone: outcome === "ok",
    isDoubted: outcome === "info",
  }));

const placeAt = (action: string, objectId: string, content: number | string = ""): string =>
  `${action} of ${objectId} ${content}`.trim();

function contentOf(key: string, command: Command): number | string {
  if (command.kind === "price") return command.priceMinor;
  if (command.kind === "topUp") return command.amountMinor;
  if (command.kind === "reshard") return command.buckets;
  return command.kind === "restock" ? key : "";
}

function placeOf({ action, objectId, after, reason }: AuditEntry): string {
  const left = (after === null ? {} : JSON.parse(after)) as Readonly<Record<string, number>>;
  const contents: Readonly<Record<string, number | string | null | undefined>> = {
    "item.price": left.priceMinor,
    "mandate.top-up": left.amountMinor,
    "item.reshard": left.buckets,
    "item.adjust": reason,
  };
  return placeAt(action, objectId, contents[action] ?? "");
}

/** An answer names its request, and so does an entry: who was told that it is done has the entry. */
function requestsMatch(
  commands: readonly Commanded[],
  entries: readonly AuditEntry[],
  say: Say,
): void {
  const byRequest = Map.groupBy(entries, ({ requestId }) => requestId ?? "");
  for (const { key, command, outcome, what, replayed, requestId } of commands) {
    if (requestId === undefined || outcome === "info") continue;
    const own = byRequest.get(requestId) ?? [];
    if (outcome === "fail" && own.length > 0)
      say(`${key} was refused (${what}), and noted as entry ${own[0]?.seq}`, [key]);
    if (outcome !== "ok" || replayed === true) continue;
    if (own.length !== 1 || own[0]?.action !== actionOf[command.kind])
      say(`${key} was done by request ${requestId}, which has ${own.length} entries`, [key]);
  }
}
