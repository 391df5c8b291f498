import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { weaknessOf } from "../base/weak-secret.ts";
import { json, UsageError, type Command } from "./command.ts";

/** Letters that stand in a URL, a configuration file and a shell as they are. */
const draw = (): string => randomBytes(32).toString("base64url");

interface SecretFile {
  readonly path: string;
  /** Who reads it: the database and Redis run as users of their own, each with a volume of its own. */
  readonly mode: number;
  readonly text: (secrets: Secrets) => string;
}

interface Secrets {
  readonly database: string;
  readonly redis: string;
  readonly sealing: string;
  readonly grafana: string;
}

/** Where each secret is kept alone: what is there already counts. */
const own: Readonly<Record<keyof Secrets, SecretFile>> = {
  database: { path: "db/password", mode: 0o444, text: ({ database }) => database },
  redis: { path: "redis/password", mode: 0o444, text: ({ redis }) => redis },
  sealing: { path: "app/sealing-key", mode: 0o400, text: ({ sealing }) => sealing },
  grafana: { path: "grafana/password", mode: 0o444, text: ({ grafana }) => grafana },
};

/** What is made of them; written anew each time, so that it always fits them. */
const made: readonly SecretFile[] = [
  {
    path: "app/database-url",
    mode: 0o600,
    text: ({ database }) => `postgres://zerorace:${database}@db:5432/zerorace`,
  },
  {
    // The same way in, and as one who can rewrite no book: `zerorace migrate --roles` has made the role.
    path: "app/server-url",
    mode: 0o600,
    text: ({ database }) =>
      `postgres://zerorace:${database}@db:5432/zerorace?options=${encodeURIComponent("-c role=zerorace_server")}`,
  },
  { path: "app/redis-url", mode: 0o600, text: ({ redis }) => `redis://:${redis}@redis:6379` },
  {
    path: "redis/redis.conf",
    mode: 0o644,
    text: ({ redis }) =>
      [
        "# Queues must not be thrown away when memory runs out, and outlive a restart.",
        "maxmemory-policy noeviction",
        "appendonly yes",
        "appendfsync everysec",
        "dir /data",
        "bind * -::*",
        `requirepass ${redis}`,
        "",
      ].join("\n"),
  },
];

export const initCommand: Command = {
  name: "init",
  summary: "Draw the secrets of an installation that are not there yet, as files.",
  options: {
    dir: { value: "DIR", says: "Where they are kept: app/, db/, redis/ and grafana/ below it." },
    json,
  },
  examples: [
    ["init --dir /run/zerorace", "the first service of docker-compose.yml; safe to repeat"],
  ],
  run({ values, terminal }) {
    const { dir } = values;
    if (typeof dir !== "string") throw new UsageError("zerorace init needs --dir DIR.");
    const drawn: string[] = [];
    const kept = (file: SecretFile, fresh: string): string => {
      const there = readIfThere(join(dir, file.path));
      if (there !== undefined) return refuseWeak(join(dir, file.path), there);
      drawn.push(file.path);
      return fresh;
    };
    const secrets: Secrets = {
      database: kept(own.database, draw()),
      redis: kept(own.redis, draw()),
      sealing: kept(own.sealing, randomBytes(32).toString("base64")),
      grafana: kept(own.grafana, draw()),
    };
    for (const file of Object.values(own)) {
      if (drawn.includes(file.path)) write(dir, file, secrets, "wx");
    }
    for (const file of made) write(dir, file, secrets, "w");
    const says =
      drawn.length === 0
        ? `All secrets are in ${dir}; none was changed.`
        : `Drawn at random, into ${dir}: ${drawn.join(", ")}.`;
    terminal.result(values.json === true ? JSON.stringify({ drawn }) : says);
    return Promise.resolve(true);
  },
};

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trimEnd();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function refuseWeak(path: string, secret: string): string {
  const weakness = weaknessOf(secret);
  if (weakness === undefined) return secret;
  throw new Error(
    `The secret in ${path} ${weakness}. Put a better one there, as \`openssl rand -base64 32\` prints ` +
      "it, or delete the file: then one is drawn. (A database keeps the password that it was made with.)",
  );
}

function write(
  dir: string,
  { path, mode, text }: SecretFile,
  secrets: Secrets,
  flag: string,
): void {
  const file = join(dir, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text(secrets), { mode, flag, flush: true });
}
