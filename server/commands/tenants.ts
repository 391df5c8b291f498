import { createOrganisation, listTenants } from "../tenants/store.ts";
import { json, type Command } from "./command.ts";
import { refusal, required } from "./key-options.ts";
import { operator } from "./operator.ts";
import { asTable } from "./table.ts";
import { withDatabase } from "./with-database.ts";

export const tenantsCreateCommand: Command = {
  name: "tenants create",
  summary: "Make an organisation with its live tenant and its test tenant.",
  options: { name: { value: "NAME", says: "What the organisation is called." }, json },
  examples: [['tenants create --name "Acme Ltd"', "prints the ids of both tenants"]],
  async run(call) {
    const name = required(call.values, "name");
    return withDatabase(call, async (db) => {
      const made = await createOrganisation(db, { name, actor: operator() });
      if (made.kind === "refused") throw refusal(made);
      const { organisationId, liveTenantId, testTenantId } = made;
      call.terminal.result(
        call.values.json === true
          ? JSON.stringify({ organisationId, name, liveTenantId, testTenantId })
          : asTable([
              ["organisation", organisationId, name],
              ["live tenant", liveTenantId, ""],
              ["test tenant", testTenantId, ""],
            ]),
      );
      return true;
    });
  },
};

export const tenantsListCommand: Command = {
  name: "tenants list",
  summary: "Show the organisations and their tenants.",
  options: {
    organisation: { value: "NAME", says: "Only the organisations with this name." },
    json,
  },
  examples: [["tenants list --json", "for a script"]],
  run: (call) =>
    withDatabase(call, async (db) => {
      const { organisation } = call.values;
      const wanted = typeof organisation === "string" ? { organisation } : {};
      const tenants = await listTenants(db, wanted);
      if (call.values.json === true) call.terminal.result(JSON.stringify({ tenants }));
      else if (tenants.length > 0) {
        const rows = tenants.map(({ tenantId, mode, name }) => [tenantId, mode, name]);
        call.terminal.result(asTable([["TENANT", "MODE", "ORGANISATION"], ...rows]));
      } else call.terminal.say("There are none: zerorace tenants create --name NAME makes one.");
      return true;
    }),
};
