import { randomBytes } from "node:crypto";
import { mintApiKey, parseApiKey } from "../auth/api-key.ts";
import { mintToken } from "../auth/secret-token.ts";
import type { Db } from "../db/open.ts";

/** A secret that is put where it does not belong, and the part of it that nobody may find again. */
export interface Canary {
  readonly name: string;
  /** As it is sent. */
  readonly text: string;
  readonly secret: string;
  /**
   * Whether it can be told from other text. A password cannot: as a name or a note that somebody
   * sends it is kept like any other.
   */
  readonly hasForm: boolean;
}

/** The secrets there are; a new kind of secret adds its line here. */
export function makeCanaries(given: {
  readonly apiKey: string;
  readonly session: string;
  readonly link: string;
  readonly password: string;
  readonly databasePassword: string;
}): Canary[] {
  const unknown = mintApiKey("live").apiKey;
  const mistyped = mintApiKey("test").apiKey.replace(/.$/, (last) => (last === "0" ? "1" : "0"));
  const cut = mintApiKey("live").apiKey.slice(0, 60);
  return [
    { name: "a valid key", text: given.apiKey, secret: secretOf(given.apiKey), hasForm: true },
    { name: "an unknown key", text: unknown, secret: secretOf(unknown), hasForm: true },
    { name: "a mistyped key", text: mistyped, secret: mistyped.slice(-49), hasForm: true },
    { name: "a key that is cut off", text: cut, secret: cut.slice(31), hasForm: true },
    tokenOf("a session", given.session),
    tokenOf("a session that is none", mintToken("session").token),
    tokenOf("a link", given.link),
    tokenOf("a link that is cut off", mintToken("link").token.slice(0, 30)),
    passwordOf("a person's password", given.password),
    passwordOf("the database's password", given.databasePassword),
  ];
}

function tokenOf(name: string, token: string): Canary {
  return { name, text: token, secret: token.slice("zrs_".length), hasForm: true };
}

function passwordOf(name: string, password: string): Canary {
  return { name, text: password, secret: password, hasForm: false };
}

function secretOf(apiKey: string): string {
  const parts = parseApiKey(apiKey);
  if (!parts) throw new Error("a canary is a key");
  return apiKey.slice(apiKey.indexOf(parts.secret));
}

const pieceLength = 8;
/** What secrets are written with, so that a piece of one never goes beyond a run of these. */
const runs = /[\w-]{8,}/g;

/**
 * Every canary of which eight characters in a row stand in the text, with what stands around them. Logs
 * of megabytes say the same words again and again: each is looked into once.
 */
export function found(canaries: readonly Canary[], text: string): string[] {
  const strange = canaries.find(({ secret }) => !/^[\w-]{8,}$/.test(secret));
  if (strange) throw new Error(`${strange.name} has characters that are not looked for`);
  const words = [...new Set(text.match(runs))].join("\n");
  return canaries.flatMap(({ name, secret }) => {
    for (let at = 0; at + pieceLength <= secret.length; at++) {
      const piece = secret.slice(at, at + pieceLength);
      if (!words.includes(piece)) continue;
      const place = text.indexOf(piece);
      return [`${name}: …${text.slice(Math.max(0, place - 200), place + 60)}…`];
    }
    return [];
  });
}

/** All that the tables hold, as text. */
export async function everything({ pool }: Db): Promise<string> {
  const { rows: tables } = await pool.query<{ name: string }>(
    "select tablename as name from pg_tables where schemaname = current_schema() order by tablename",
  );
  const texts: string[] = [];
  for (const { name } of tables) {
    const { rows } = await pool.query<{ row: string }>(`select t::text as row from ${name} t`);
    texts.push(`${name}: ${rows.map(({ row }) => row).join("\n")}`);
  }
  return texts.join("\n");
}

/** A role of the canary's own, so that its password stands in the server's settings. */
export async function withOwnRole(url: string, { pool }: Db) {
  const password = randomBytes(24).toString("hex");
  const role = `canary_${randomBytes(4).toString("hex")}`;
  await pool.query(`create role ${role} superuser login password '${password}'`);
  const own = new URL(url);
  own.username = role;
  own.password = password;
  return { url: own.href, role, password };
}
