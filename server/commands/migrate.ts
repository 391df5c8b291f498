import { migrate, readStanding } from "../db/migrate.ts";
import { prepareRoles, roleNames } from "../db/roles.ts";
import { json, type Command } from "./command.ts";
import { withDatabase } from "./with-database.ts";

export const migrateCommand: Command = {
  name: "migrate",
  summary: "Bring the database to the schema of this version.",
  options: {
    json,
    roles: {
      says: "Also make the roles that serve, purge worlds and read, with what each may do.",
    },
    alone: {
      says: "No server or worker of an older version runs: take what they could not live with, too.",
    },
  },
  examples: [
    ["migrate", "safe to run again, and while older servers sell"],
    ["migrate --roles", "by a user that may create roles"],
  ],
  run: (call) =>
    withDatabase(
      call,
      async (db) => {
        const { terminal } = call;
        const { newer } = await readStanding(db);
        const isNewer = newer.length > 0;
        const steps = await migrate(db, {
          alone: call.values.alone === true,
          onStep: ({ name, step }) => terminal.say(`${name}, step ${step}`),
        });
        const done = steps.length === 1 ? "1 step taken" : `${steps.length} steps taken`;
        // The newer version gave them their rights, and knows more tables.
        if (call.values.roles === true && !isNewer) {
          await prepareRoles(db, (statement) => terminal.say(statement));
          terminal.say(`The roles are ${roleNames.join(", ")}.`);
        }
        const says = isNewer
          ? `The schema is newer, at migration ${newer.at(-1)?.version}, and this version may serve on it.`
          : steps.length === 0
            ? "The schema is up to date."
            : `${done}.`;
        terminal.result(call.values.json === true ? JSON.stringify({ steps: steps.length }) : says);
        return true;
      },
      { migrates: true },
    ),
};
