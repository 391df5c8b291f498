import { describeConfig } from "../base/config.ts";
import { json, twoColumns, type Command } from "./command.ts";

export const configCommand: Command = {
  name: "config",
  summary: "Show the settings that are in force, with the secrets masked.",
  options: { json },
  examples: [["config", "what a server started here would run with"]],
  run({ values, config, terminal }) {
    const rows = describeConfig(config);
    if (values.json === true) {
      const named = Object.fromEntries(rows.map(({ name, value }) => [name, value]));
      terminal.result(JSON.stringify(named, null, 2));
    } else {
      terminal.result(twoColumns(rows.map(({ name, value }) => [name, value])).join("\n"));
    }
    return Promise.resolve(true);
  },
};
