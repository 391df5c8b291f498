import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { fileURLToPath } from "node:url";
import { environment, type Env } from "../../base/config.ts";
import { freePort } from "../../base/free-port.ts";

const run = promisify(execFile);
const top = fileURLToPath(new URL("../../..", import.meta.url));

export interface Installation {
  /** The clone. */
  readonly dir: string;
  readonly url: string;
  readonly grafanaUrl: string;
  /** `docker compose …` in it: what it printed. */
  compose(...args: readonly string[]): Promise<string>;
  docker(...args: readonly string[]): Promise<string>;
  /** `zerorace …` in the server's container. */
  zerorace(...args: readonly string[]): Promise<string>;
  /** With its image, and others that were made for it. */
  remove(...images: readonly string[]): Promise<void>;
}

/** A clone of what is committed, as somebody has it who has just come; beside any other on this engine. */
export async function cleanClone(more: Env = {}): Promise<Installation> {
  const dir = await mkdtemp(join(tmpdir(), "zerorace-clone-"));
  await run("git", ["clone", "--quiet", "--depth=1", `file://${top}`, dir]);
  if (environment().STAND_INS === "1") await dropDigests(dir);
  const [port, grafanaPort] = [await freePort(), await freePort()];
  // What is left behind when all of us is killed is found by this name: scripts/check-docker.sh.
  const name = environment().CHECK_PROJECT ?? `zerorace-check-${process.pid}`;
  const env = {
    ...environment(),
    COMPOSE_PROJECT_NAME: `${name}-${port}`,
    ZERORACE_PORT: String(port),
    ZERORACE_GRAFANA_PORT: String(grafanaPort),
    // An image of its own, so that no older one passes for it.
    ZERORACE_VERSION: name,
    ...more,
  };
  const maxBuffer = 64 * 1024 * 1024;
  const docker = async (...args: readonly string[]): Promise<string> =>
    (await run("docker", [...args], { cwd: dir, env, maxBuffer })).stdout;
  const compose = (...args: readonly string[]): Promise<string> => docker("compose", ...args);
  return {
    dir,
    url: `http://localhost:${port}`,
    grafanaUrl: `http://localhost:${grafanaPort}`,
    compose,
    docker,
    zerorace: (...args) => compose("exec", "-T", "server", "zerorace", ...args),
    async remove(...images) {
      await compose("--profile", "*", "down", "--volumes", "--timeout", "5");
      await docker("image", "rm", "--force", `zerorace:${name}`, ...images);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** What stands in for an official image has its tag, and cannot have its digest. */
async function dropDigests(dir: string): Promise<void> {
  for (const name of ["Dockerfile", "docker-compose.yml"]) {
    const text = await readFile(join(dir, name), "utf8");
    await writeFile(join(dir, name), text.replaceAll(/@sha256:[0-9a-f]{64}/g, ""));
  }
}
