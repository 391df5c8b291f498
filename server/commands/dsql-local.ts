import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { startEmbedded } from "../db/embedded.ts";
import type { Given, LocalDsql } from "../../dsql-local/server.ts";
import { twoColumns, UsageError, wholeNumber, type Call, type Command } from "./command.ts";
import { lasting } from "./lasting.ts";

export const dsqlLocalCommand: Command = {
  name: "dsql-local",
  summary: "Run a local Aurora DSQL: PostgreSQL behind a proxy that judges as DSQL does.",
  options: {
    port: { value: "N", says: "The port that it listens on; 0: a free one.", fallback: "5440" },
    "second-port": { value: "N", says: "A second endpoint before the same data: another region." },
    host: { value: "ADDRESS", says: "The address that it listens on.", fallback: "127.0.0.1" },
    "database-url": {
      value: "URL",
      says: "The PostgreSQL beneath, as its superuser. Default: an embedded one.",
    },
    "any-database": { says: "Every database beneath, not only postgres." },
    tls: { value: "NAME", says: "TLS, with a certificate made for this host name." },
    cert: { value: "FILE", says: "TLS with this certificate; --key belongs to it." },
    key: { value: "FILE", says: "The certificate's key." },
    tokens: { says: "Check the tokens that clients give as passwords; needs TLS." },
    secret: { value: "ID:SECRET", says: "Check their signatures too, made with this access key." },
    inject: {
      value: "SPECS",
      says: "Faults of COMMITs, such as 'fault=OC000 probability=0.05; …'.",
    },
    "control-port": { value: "N", says: "Injections over HTTP while it runs; 0: a free port." },
    "commit-delay": { value: "MS", says: "How long a COMMIT travels.", fallback: "0" },
    "job-delay": { value: "MS", says: "How long an asynchronous job takes.", fallback: "200" },
    "session-lifetime": { value: "TIME", says: "When sessions end.", fallback: "60m" },
    "transaction-age": { value: "TIME", says: "How old a transaction may be.", fallback: "5m" },
    "patient-sessions": { says: "Idle sessions do not fail after a change of the catalog." },
    "pass-through": { says: "Relay bytes and judge nothing, to measure what the rules cost." },
  },
  examples: [
    ["dsql-local", "user admin, database postgres, in the clear"],
    ["dsql-local --inject 'fault=OC000 probability=0.05 seed=7'", "every twentieth COMMIT is lost"],
    ["dsql-local --tls cluster.dsql.local --tokens", "as a cluster is met: TLS, a name, a token"],
  ],
  run: dsqlLocal,
};

async function dsqlLocal({ values, config, terminal, signal }: Call): Promise<boolean> {
  const options = readOptions({ values });
  const tls = await certificate({ values, dataDir: config.dataDir });
  if (values.tokens === true && tls === undefined) {
    throw new UsageError("--tokens needs --tls or --cert: a token is never sent in the clear.");
  }
  // Here, because the parser takes a moment to load and no other command needs it.
  const { startLocalDsql } = await import("../../dsql-local/server.ts");
  const given = values["database-url"];
  const dataDir = `${config.dataDir}-dsql-local`;
  if (given === undefined) terminal.say("Starting PostgreSQL …");
  const settings = { max_connections: "500" };
  const embedded = given === undefined ? await startEmbedded({ dataDir, settings }) : undefined;
  const databaseUrl = typeof given === "string" ? given : (embedded?.url ?? "");
  let dsql: LocalDsql | undefined;
  try {
    dsql = await startLocalDsql({
      ...options,
      databaseUrl,
      ...(tls && { tls }),
      onTrouble: (error) => terminal.say(`A session ended: ${String(error)}`),
    });
    terminal.result(welcome(dsql, options, { name: text(values.tls), path: tls?.path }));
    const stopped = Promise.withResolvers<void>();
    signal.addEventListener("abort", () => stopped.resolve(), { once: true });
    if (signal.aborted) stopped.resolve();
    const ended = embedded?.exited.then(() => false);
    const isAsAsked = await Promise.race([
      stopped.promise.then(() => true),
      ...(ended ? [ended] : []),
    ]);
    if (!isAsAsked) terminal.say(`PostgreSQL ended by itself: see ${resolve(dataDir)}.log.`);
    return isAsAsked;
  } finally {
    await dsql?.close();
    await embedded?.stop();
  }
}

function readOptions({ values }: Pick<Call, "values">): Omit<Given, "databaseUrl" | "tls"> {
  const number = (option: string, fallback: number, max: number): number =>
    wholeNumber({ values, option, fallback }, 0, max);
  const { inject, secret, host } = values;
  const controlPort = "control-port" in values ? number("control-port", 0, 65_535) : undefined;
  return {
    port: number("port", 5_440, 65_535),
    ...(typeof host === "string" && { host }),
    ...(controlPort !== undefined && { controlPort }),
    ...("second-port" in values && { secondPort: number("second-port", 0, 65_535) }),
    anyDatabase: values["any-database"] === true,
    tokens: values.tokens === true,
    secrets: typeof secret === "string" ? secretIn(secret) : new Map(),
    injections: typeof inject === "string" ? inject.split(";").filter((one) => one.trim()) : [],
    commitDelayMs: number("commit-delay", 0, 60_000),
    jobDelayMs: number("job-delay", 200, 3_600_000),
    sessionMs: lasting(values, "session-lifetime", "60m") * 1_000,
    transactionMs: lasting(values, "transaction-age", "5m") * 1_000,
    staleSessions: values["patient-sessions"] !== true,
    passThrough: values["pass-through"] === true,
  };
}

function secretIn(text: string): Map<string, string> {
  const at = text.indexOf(":");
  if (at < 1) throw new UsageError("--secret must be an access key and its secret: ID:SECRET.");
  return new Map([[text.slice(0, at), text.slice(at + 1)]]);
}

const text = (value: string | true | undefined): string | undefined =>
  typeof value === "string" ? value : undefined;

interface Certificate {
  readonly cert: string;
  readonly key: string;
  readonly path: string;
}

/**
 * The one that was given, or one made for a name and written where clients can be told to trust it. That
 * of an earlier start is used again: who trusts it goes on doing so.
 */
async function certificate({
  values,
  dataDir,
}: Pick<Call, "values"> & { dataDir: string }): Promise<Certificate | undefined> {
  const { tls, cert, key } = values;
  if (typeof cert === "string") {
    if (typeof key !== "string") throw new UsageError("--cert needs --key beside it.");
    return { cert: await readFile(cert, "utf8"), key: await readFile(key, "utf8"), path: cert };
  }
  if (typeof tls !== "string") return undefined;
  const { isGoodFor, makeCertificate } = await import("../../dsql-local/certificate.ts");
  const path = `${resolve(dataDir)}-dsql-local.crt`;
  const keyPath = `${resolve(dataDir)}-dsql-local.key`;
  const [before, keyBefore] = await Promise.all([path, keyPath].map(readIfThere));
  if (before !== undefined && keyBefore !== undefined && isGoodFor(tls, before, keyBefore))
    return { cert: before, key: keyBefore, path };
  const made = makeCertificate([tls, "localhost", "127.0.0.1"]);
  await writeFile(keyPath, made.key, { mode: 0o600 });
  await writeFile(path, made.cert);
  return { ...made, path };
}

const readIfThere = (path: string): Promise<string | undefined> =>
  readFile(path, "utf8").catch(() => undefined);

function welcome(
  { port, endpoints, controlPort }: LocalDsql,
  { host = "127.0.0.1", passThrough }: Partial<Given>,
  { name = "NAME", path }: { name: string | undefined; path: string | undefined },
): string {
  const plain = `postgres://admin@${host}:${port}/postgres?sslmode=disable`;
  // A client names no server whose address it was given: that is what hostaddr is for.
  const secure = `postgres://admin@${name}:${port}/postgres?hostaddr=${host}&sslmode=verify-full`;
  const url = path === undefined ? plain : `${secure}&sslrootcert=${path}`;
  return [
    "",
    passThrough ? "A plain relay is up: nothing is judged." : "A local Aurora DSQL is up.",
    "",
    ...twoColumns([
      ["Connect", url],
      ...endpoints.slice(1).map((other) => ["Region 2", `the same on port ${other.port}`] as const),
      ...(controlPort === undefined
        ? []
        : [
            [
              "Faults",
              `curl -d 'fault=OC000 nth=1' http://127.0.0.1:${controlPort}/inject`,
            ] as const,
          ]),
      ["Stop", "Ctrl-C; the data stays for the next start"],
    ]),
    "",
  ].join("\n");
}
