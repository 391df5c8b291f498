import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { environment } from "../base/config.ts";
import type { Terminal } from "./terminal.ts";

const top = fileURLToPath(new URL("../../", import.meta.url));
const sources = [
  "admin-ui/src",
  "admin-ui/public",
  "admin-ui/index.html",
  "admin-ui/vite.config.ts",
];

/**
 * Before a start from a checkout: whoever has just pulled sees the console that belongs to it. Where the
 * tools for it are not installed, as in the image, it is as it was built.
 */
export async function buildConsole(terminal: Pick<Terminal, "say">): Promise<void> {
  const hasTools = existsSync(`${top}node_modules/vite`) && existsSync(`${top}admin-ui/src`);
  if (!hasTools || !isOlder()) return;
  terminal.say("Building the console, which takes some seconds…");
  const child = spawn(process.execPath, [`${top}admin-ui/build.ts`], {
    stdio: ["ignore", "ignore", "pipe"],
    // From a test it would be React's slow form, half as large again.
    env: { ...environment(), NODE_ENV: "production" },
  });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) {
    terminal.say(
      `The console could not be built: npm run build tells why.\n${said.slice(0, 2_000)}`,
    );
  }
}

function isOlder(): boolean {
  const builtAt = changedAt(`${top}admin-ui/dist/index.html`);
  return sources.some((path) => newest(`${top}${path}`) > builtAt);
}

function newest(path: string): number {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return changedAt(path);
  const names = readdirSync(path, { recursive: true, encoding: "utf8" });
  return Math.max(changedAt(path), ...names.map((name) => changedAt(`${path}/${name}`)));
}

function changedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
