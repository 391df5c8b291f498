import { rename, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "vite";

/**
 * Builds beside the build that there is, and takes its place when all is written: a server that is
 * running, or a second build at the same time, never sees half of one.
 */
const dist = fileURLToPath(new URL("dist", import.meta.url));
const next = `${dist}.${process.pid}`;
const before = `${next}.before`;

try {
  await build({
    configFile: fileURLToPath(new URL("vite.config.ts", import.meta.url)),
    build: { outDir: next, emptyOutDir: true },
    logLevel: "warn",
  });
  await rename(dist, before).catch(() => undefined);
  // Somebody else's build that came first is as good as this one.
  await rename(next, dist).catch(() => undefined);
} finally {
  await rm(before, { recursive: true, force: true });
  await rm(next, { recursive: true, force: true });
}
