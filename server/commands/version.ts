import { readFileSync } from "node:fs";
import type { Command } from "./command.ts";

export const versionCommand: Command = {
  name: "version",
  summary: "Show the version of ZeroRace and of the Node.js that runs it.",
  options: {},
  examples: [["version", "for a bug report"]],
  run({ terminal }) {
    const file = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
    const { version } = JSON.parse(file) as { version: string };
    terminal.result(`zerorace ${version} (Node.js ${process.versions.node})`);
    return Promise.resolve(true);
  },
};
