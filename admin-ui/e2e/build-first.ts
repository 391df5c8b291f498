import { buildConsole } from "../../server/commands/console-build.ts";

/** What is tested is what is there now. */
export async function setup(): Promise<void> {
  await buildConsole({ say: (line) => void process.stderr.write(`${line}\n`) });
}
