import { proveCommand as proveBooks } from "../proof/report.ts";
import { json, UsageError, type Command } from "./command.ts";
import { withDatabase } from "./with-database.ts";

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export const proveCommand: Command = {
  name: "prove",
  summary: "Search the books for an oversell, a double settlement, drift or a mandate breach.",
  options: {
    tenant: { value: "ID", says: "Only this tenant's books. Default: all of them." },
    json,
  },
  examples: [
    ["prove", "all books, in one snapshot; exit code 1 when anything is found"],
    ["prove --tenant ID --json", "one world, for a script"],
  ],
  async run(call) {
    const { tenant, json } = call.values;
    if (typeof tenant === "string" && !uuid.test(tenant)) {
      throw new UsageError(`--tenant must be a tenant's id (a uuid), not "${tenant}".`);
    }
    return withDatabase(call, async (db) => {
      const tenantId = typeof tenant === "string" ? tenant.toLowerCase() : undefined;
      const { text, ok } = await proveBooks(db, { json: json === true, tenantId });
      call.terminal.result(text);
      return ok;
    });
  },
};
