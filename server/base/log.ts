import { pino, type DestinationStream, type Logger } from "pino";
import type { Config } from "./config.ts";

export type Log = Logger;

/** Names under which secrets travel in what we log, at the top and one or two levels down. */
const secretNames = [
  "password",
  "secret",
  "token",
  "apiKey",
  "authorization",
  "cookie",
  "databaseUrl",
  "testDatabaseUrl",
];
const paths = secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

/** The password of a URL, wherever it stands in a line: drivers put theirs into error messages. */
const passwordInUrl = /(:\/\/[^:/@\s"]*:)[^@\s"]+@/g;

/** An API key, also one that is cut off or mistyped: what stands behind its id is a secret. */
const apiKey = /(zr_(?:live|test)_[0-9A-Za-z]{0,22})[0-9A-Za-z_]+/g;

/** What a session's cookie and a link to claim, to join or to recover are made of. */
const token = /(zr[sl]_)[0-9A-Za-z_-]{6,}/g;

/** One that is whole enough to be worth something to who finds it. */
const wholeApiKey = /zr_(?:live|test)_[0-9A-Za-z]{22}_[0-9A-Za-z]{8}/;
const wholeToken = /zr[sl]_[0-9A-Za-z_-]{20}/;

/** What is kept or shown for long must not hold one. */
export function holdsSecret(text: string): boolean {
  return text.includes("zr") && (wholeApiKey.test(text) || wholeToken.test(text));
}
/** What webhooks are signed with. */
const webhookSecret = /(whsec_)[0-9A-Za-z+/=]{6,}/g;

/** A text without the secrets that have a known form. */
export function withoutSecrets(text: string): string {
  return text
    .replace(passwordInUrl, "$1********@")
    .replace(apiKey, "$1_********")
    .replace(token, "$1********")
    .replace(webhookSecret, "$1********");
}

/** JSON lines on standard output; a collector does the rest. */
export function makeLog(
  name: string,
  config: Pick<Config, "logLevel">,
  destination?: DestinationStream,
): Log {
  const options = {
    name,
    level: config.logLevel,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths, censor: "********" },
    hooks: { streamWrite: withoutSecrets },
  };
  return destination ? pino(options, destination) : pino(options);
}
