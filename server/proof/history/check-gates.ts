import type { AnswerRow, Check, Command, Commanded, History, Violation } from "./history.ts";
import { indexOf, isBuying, momentsOf } from "./indexed.ts";
import { reasonOf } from "./said.ts";
import { Register } from "./register.ts";

/** C7: what was paused, closed or priced anew was so for every answer that came after it. */
export const gatesHold: Check = (history) => {
  const registers = registersOf(history);
  const found: Violation[] = [];
  for (const row of history.books.answers) {
    if (!isBuying(row.kind)) continue;
    const says = row.granted
      ? wrongGrant(history, registers, row)
      : wrongRefusal(history, registers, row);
    if (says !== undefined)
      found.push({ check: "C7", says: `${row.key} ${says}`, keys: [row.key] });
  }
  found.push(...wrongAmounts(history, registers));
  return found;
};

interface Registers {
  readonly states: ReadonlyMap<string, Register<string>>;
  readonly opens: ReadonlyMap<string, Register<boolean>>;
  readonly prices: ReadonlyMap<string, Register<number>>;
}

const states = { pause: "paused", activate: "active", revoke: "revoked" } as const;

function registersOf({ shelf, commands }: History): Registers {
  const about = Map.groupBy(commands, ({ command }) => subjectOf(command));
  const of = (id: string): readonly Commanded[] => about.get(id) ?? [];
  const state = (command: Command): string | undefined =>
    command.kind === "pause" || command.kind === "activate" || command.kind === "revoke"
      ? states[command.kind]
      : undefined;
  const open = ({ kind }: Command): boolean | undefined =>
    kind === "open" ? true : kind === "close" ? false : undefined;
  const price = (command: Command): number | undefined =>
    command.kind === "price" ? command.priceMinor : undefined;
  return {
    states: new Map(
      shelf.mandates.map(({ mandateId }) => [
        mandateId,
        new Register<string>("active", of(mandateId), state),
      ]),
    ),
    opens: new Map(shelf.items.map(({ itemId }) => [itemId, new Register(true, of(itemId), open)])),
    prices: new Map(
      shelf.items.map(({ itemId, priceMinor }) => [
        itemId,
        new Register(priceMinor, of(itemId), price),
      ]),
    ),
  };
}

const subjectOf = (command: Command): string =>
  "itemId" in command ? command.itemId : command.mandateId;

function wrongGrant(history: History, registers: Registers, row: AnswerRow): string | undefined {
  const [from, to] = momentsOf(history, row);
  for (const line of indexOf(history).linesOf.get(row.purchaseId) ?? []) {
    const { itemId, mandateId, unitPriceMinor } = line;
    if (registers.states.get(mandateId)?.within(from, to).has("active") === false)
      return `was granted while mandate ${mandateId} was stopped`;
    if (registers.opens.get(itemId)?.within(from, to).has(true) === false)
      return `was granted while item ${itemId} was closed`;
    if (registers.prices.get(itemId)?.within(from, to).has(unitPriceMinor) === false)
      return `was sold at ${unitPriceMinor}, which was no price of item ${itemId} then`;
  }
  return undefined;
}

function wrongRefusal(history: History, registers: Registers, row: AnswerRow): string | undefined {
  const asked = indexOf(history).byKey.get(row.key)?.[0]?.asked;
  if (asked === undefined || !("mandateId" in asked)) return undefined;
  const [from, to] = momentsOf(history, row);
  const reason = reasonOf(row.said);
  const state = reason === "PAUSED" ? "paused" : reason === "REVOKED" ? "revoked" : undefined;
  if (
    state !== undefined &&
    registers.states.get(asked.mandateId)?.within(from, to).has(state) === false
  )
    return `was declined as ${reason}, and mandate ${asked.mandateId} was not`;
  const closed = asked.lines.some(
    ({ itemId }) => registers.opens.get(itemId)?.within(from, to).has(false) !== false,
  );
  if (reason === "ITEM_CLOSED" && !closed) return "was declined for a closed item, and none was";
  return undefined;
}

/** Turned away for its amount, when nothing else was the price all the while. */
function wrongAmounts({ attempts }: History, { prices }: Registers): Violation[] {
  const found: Violation[] = [];
  for (const { what, asked, key, inv, ret } of attempts) {
    if (what !== "AMOUNT_MISMATCH" || !("lines" in asked)) continue;
    let amount = 0;
    let sure = true;
    for (const { itemId, quantity } of asked.lines) {
      const [price = 0, ...others] = prices.get(itemId)?.within(inv, ret) ?? [];
      sure &&= others.length === 0;
      amount += price * quantity;
    }
    if (sure && amount === asked.amountMinor)
      found.push({
        check: "C7",
        says: `${key} named the price, and was told it did not`,
        keys: [key],
      });
  }
  return found;
}
