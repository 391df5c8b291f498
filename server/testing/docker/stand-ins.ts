import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { environment } from "../../base/config.ts";
import type { Installation } from "./engine.ts";

/** The images here are not the official ones: scripts/check-docker.sh says why. */
export const isStandIn = environment().STAND_INS === "1";

interface Recipe {
  readonly service: string;
  /** A folder beside this file. */
  readonly from: string;
  readonly args?: Readonly<Record<string, string>>;
}

/** Makes images under the names that these services ask for: those names, to be removed at the end. */
export async function makeStandIns(
  here: Installation,
  recipes: readonly Recipe[],
): Promise<string[]> {
  if (!isStandIn) return [];
  const text = await readFile(join(here.dir, "docker-compose.yml"), "utf8");
  const file = parse(text, { merge: true }) as { services: Record<string, { image: string }> };
  const made: string[] = [];
  for (const { service, from, args = {} } of recipes) {
    const image = file.services[service]?.image ?? "";
    const dir = fileURLToPath(new URL(from, import.meta.url));
    const by = Object.entries(args).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]);
    await here.docker("build", "--quiet", ...by, "--tag", image, dir);
    made.push(image);
  }
  return made;
}
