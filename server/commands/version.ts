import { readFileSync } from "node:fs";
import { json, type Command } from "./command.ts";

export const versionCommand: Command = {
  name: "version",
  summary: "Show the version of ZeroRace and of the Node.js that runs it.",
  options: { json },
  examples: [["version", "for a bug report"]],
  run({ terminal, values }) {
    const version = ownVersion();
    const { node } = process.versions;
    const text = `zerorace ${version} (Node.js ${node})`;
    terminal.result(values.json === true ? JSON.stringify({ version, node }) : text);
    return Promise.resolve(true);
  },
};

export function ownVersion(): string {
  const file = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(file) as { version: string }).version;
}
