import { findSandbox, openSandbox } from "../sandbox/world.ts";
import { twoColumns, type Command } from "./command.ts";
import { withDatabase } from "./with-database.ts";

export const sandboxCommand: Command = {
  name: "sandbox",
  summary: "Show the sandbox world, or open a new one.",
  options: {
    reset: { says: "Open a new world with full stock. Running servers follow within a second." },
    json: { says: "One JSON object on standard output." },
  },
  examples: [
    ["sandbox", "the ids of what the sandbox sells"],
    ["sandbox --reset", "keys that were used in the old world are free again"],
  ],
  run: (call) =>
    withDatabase(call, async (db) => {
      const { values, terminal, config } = call;
      const world =
        values.reset === true ? await openSandbox(db, config.sandboxUnits) : await findSandbox(db);
      if (!world) {
        terminal.say("There is no sandbox yet: the first start of a server makes one.");
        return false;
      }
      const { tenantId, merchantId, itemId, mandateId, currency } = world;
      const shown = { tenantId, merchantId, itemId, mandateId, currency };
      terminal.result(
        values.json === true
          ? JSON.stringify({ ...shown, priceMinor: Number(world.priceMinor) })
          : twoColumns([...Object.entries(shown), ["priceMinor", `${world.priceMinor}`]]).join(
              "\n",
            ),
      );
      return true;
    }),
};
