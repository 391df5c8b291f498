#!/usr/bin/env node
// Plain JavaScript that old versions of Node.js can read: it finds one that can run the rest.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const needed = 24;
const own = fileURLToPath(new URL("../node_modules/node/bin/node", import.meta.url));

if (Number(process.versions.node.split(".")[0]) >= needed) {
  await import("./cli.ts");
} else if (existsSync(own)) {
  const cli = fileURLToPath(new URL("./cli.ts", import.meta.url));
  const child = spawn(own, [cli, ...process.argv.slice(2)], { stdio: "inherit" });
  // Ctrl-C reaches both of us; we stay until the other has cleaned up.
  process.on("SIGINT", () => undefined);
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  child.on("exit", (code) => process.exit(code ?? 1));
} else {
  process.stderr.write(
    `zerorace needs Node.js ${needed} or newer, and this is ${process.versions.node}. ` +
      "Install it, or run `npm install` in the project, which brings one along.\n",
  );
  process.exitCode = 1;
}
