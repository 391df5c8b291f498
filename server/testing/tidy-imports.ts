import { posix } from "node:path";
import { factsOf, isTest, isTypeScript, type SourceFile } from "./source.ts";

interface Room {
  readonly name: string;
  /** A room may use those on lower floors only: never its neighbours, never what is above. */
  readonly floor: number;
}

/** From the ground up. A folder of `server/` that no line names is a noun. */
const rooms: readonly (readonly [name: string, floor: number, paths: RegExp])[] = [
  ["base", 0, /^server\/base\//],
  ["db", 1, /^server\/db\//],
  ["redis", 1, /^server\/redis\//],
  ["readplane", 1, /^server\/readplane\//],
  ["kernel", 2, /^server\/kernel\//],
  ["proof", 3, /^server\/proof\//],
  ["limits", 3, /^server\/limits\//],
  ["balances", 3, /^server\/balances\//],
  ["live", 3, /^server\/live\//],
  ["app", 6, /^server\/http\/app\.ts$/],
  ["basics", 4, /^server\/(context\.ts$|(http|auth|audit|tenants)\/)/],
  // What was told again stands in the audit log.
  ["outbox", 4.5, /^server\/outbox\//],
  // How old the newest backup is stands on the page of the instance.
  ["backups", 4.5, /^server\/backups\//],
  ["main", 7, /^server\/main\.ts$/],
  ["worker", 7, /^worker\//],
  ["dsql-local", 7, /^dsql-local\//],
  ["grafana", 7, /^grafana\//],
  ["helm", 8, /^helm\//],
  ["cli", 8, /^server\/(cli\.ts$|commands\/)/],
  ["testing", Infinity, /^(server\/testing|bench|mutants|admin-ui\/e2e)\//],
];
const nounFloor = 5;

function roomOf(path: string): Room | undefined {
  for (const [name, floor, paths] of rooms) if (paths.test(path)) return { name, floor };
  const noun = /^server\/([^/]+)\//.exec(path)?.[1];
  return noun === undefined ? undefined : { name: noun, floor: nounFloor };
}

const mayImportAnything = (file: SourceFile): boolean =>
  isTest(file) || roomOf(file.path)?.name === "testing" || /^[^/]+\.config\.ts$/.test(file.path);

/** Imports go down, never up, never sideways. */
export function strayImports(files: readonly SourceFile[]): string[] {
  const wrong: string[] = [];
  for (const file of files.filter(isTypeScript)) {
    if (mayImportAnything(file)) continue;
    for (const name of factsOf(file).imports.filter((target) => target.startsWith("."))) {
      // A form of it that Vite makes: its address, its text, a worker.
      const target = name.replace(/\?.*$/, "");
      const to = posix.normalize(posix.join(posix.dirname(file.path), target));
      if (to.endsWith(".json")) continue;
      const why = reasonAgainst(file.path, to);
      if (why) wrong.push(`${file.path} → ${to} (${why})`);
    }
  }
  return wrong;
}

function reasonAgainst(from: string, to: string): string | undefined {
  if (from.startsWith("admin-ui/")) {
    const fine = to.startsWith("admin-ui/") || /^server\/.*\/wire\.ts$/.test(to);
    return fine ? undefined : "the screens know the server by its wire.ts files only";
  }
  if (to.startsWith("admin-ui/")) return "the server knows the console by its build only";
  const [own, other] = [roomOf(from), roomOf(to)];
  if (!own) return `${from} is in no room`;
  if (!other) return `${to} is in no room`;
  if (own.name === other.name) return undefined;
  if (own.name === "worker" && /\/(routes|hub|app)\.ts$/.test(to)) {
    return "the worker does not speak HTTP";
  }
  if (other.floor > own.floor) return `${own.name} is below ${other.name}`;
  if (other.floor === own.floor) return `${own.name} is beside ${other.name}`;
  return undefined;
}

const web = /^(express|ioredis|bullmq|@aws-sdk\/.*)$/;

/** Each library in its room. */
export function strayPackages(files: readonly SourceFile[]): string[] {
  const wrong: string[] = [];
  for (const file of files.filter(isTypeScript)) {
    const room = roomOf(file.path);
    if (mayImportAnything(file) || !room) continue;
    for (const name of factsOf(file).imports.filter((target) => !target.startsWith("."))) {
      const why = reasonAgainstPackage(file.path, room, name);
      if (why) wrong.push(`${file.path} uses ${name} (${why})`);
    }
  }
  return wrong;
}

function reasonAgainstPackage(path: string, room: Room, name: string): string | undefined {
  if (name === "pg" && room.name !== "db") return "the driver is known in server/db only";
  if (/^(ioredis|js-redis-server)\b/.test(name) && !["redis", "worker"].includes(room.name)) {
    return "Redis is known in server/redis, and to the worker's queue, only";
  }
  if (name === "@aws-sdk/dsql-signer" && room.name !== "db")
    return "tokens are made in server/db only";
  if (name === "bullmq" && room.name !== "worker") return "the queue is known in worker only";
  if (["base", "kernel", "proof"].includes(room.name) && web.test(name)) {
    return `${room.name} knows the database and nothing else outside`;
  }
  const isNoun = room.floor === nounFloor;
  if (isNoun && name === "express" && !path.endsWith("/routes.ts")) {
    return "routes.ts is a noun's only file that knows HTTP";
  }
  return undefined;
}

/** The screens take types from the server: a value would bring the server into the browser. */
export function strayValues(files: readonly SourceFile[]): string[] {
  return files
    .filter(({ path }) => path.startsWith("admin-ui/src/") && isTypeScript({ path, text: "" }))
    .flatMap((file) =>
      factsOf(file)
        .values.filter((name) => /(^|\/)server\//.test(name))
        .map((name) => `${file.path} imports values from ${name}: import types only`),
    );
}
