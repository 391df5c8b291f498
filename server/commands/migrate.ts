import { migrate } from "../db/migrate.ts";
import type { Command } from "./command.ts";
import { withDatabase } from "./with-database.ts";

export const migrateCommand: Command = {
  name: "migrate",
  summary: "Bring the database to the schema of this version.",
  options: {},
  examples: [["migrate", "safe to run again, and while older servers sell"]],
  run: (call) =>
    withDatabase(
      call,
      async (db) => {
        const { terminal } = call;
        const steps = await migrate(db, {
          onStep: ({ name, step }) => terminal.say(`${name}, step ${step}`),
        });
        const done = steps.length === 1 ? "1 step taken" : `${steps.length} steps taken`;
        terminal.result(steps.length === 0 ? "The schema is up to date." : `${done}.`);
        return true;
      },
      { migrates: true },
    ),
};
