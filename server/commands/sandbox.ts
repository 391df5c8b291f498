import { findSandbox, openSandbox, type SandboxWorld } from "../sandbox/world.ts";
import { json, twoColumns, type Call, type Command } from "./command.ts";
import { operator } from "./operator.ts";
import { withDatabase } from "./with-database.ts";

export const sandboxCommand: Command = {
  name: "sandbox",
  summary: "Show the sandbox world.",
  options: { json },
  examples: [["sandbox", "the ids of what the sandbox sells"]],
  run: (call) =>
    withDatabase(call, async (db) => {
      const world = await findSandbox(db);
      if (world) show(call, world);
      else call.terminal.say("There is no sandbox yet: the first start of a server makes one.");
      return world !== undefined;
    }),
};

export const sandboxResetCommand: Command = {
  name: "sandbox reset",
  summary: "Open a new sandbox world with full stock.",
  options: { json },
  examples: [["sandbox reset", "running servers follow within a second; used keys are free again"]],
  run: (call) =>
    withDatabase(call, async (db) => {
      show(call, await openSandbox(db, call.config.sandboxUnits, operator()));
      return true;
    }),
};

function show({ values, terminal }: Call, world: SandboxWorld): void {
  const { tenantId, merchantId, itemId, mandateId, currency, priceMinor } = world;
  const shown = { tenantId, merchantId, itemId, mandateId, currency };
  const rows: [string, string][] = [...Object.entries(shown), ["priceMinor", `${priceMinor}`]];
  terminal.result(
    values.json === true
      ? JSON.stringify({ ...shown, priceMinor: Number(priceMinor) })
      : twoColumns(rows).join("\n"),
  );
}
