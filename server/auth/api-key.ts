import { hash, randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";

/**
 * `zr_live_<key id: 22><_><secret: 43><checksum: 6>`, all base62. The secret has 256 bits of chance.
 * The checksum (CRC32 of all before it) lets us, and those who scan code for leaked keys, tell a key
 * from what only looks like one, without asking a database.
 */
export type KeyMode = "live" | "test";

export interface ApiKeyParts {
  readonly mode: KeyMode;
  readonly keyId: string;
  readonly secret: string;
}

export interface MintedKey extends ApiKeyParts {
  /** The whole key: shown once, kept nowhere. */
  readonly apiKey: string;
}

/** For secret scanners. */
export const apiKeyPattern = /zr_(?:live|test)_[0-9A-Za-z]{22}_[0-9A-Za-z]{49}/;

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const lengths = { keyId: 22, secret: 43, checksum: 6 };
const form = /^(zr_(live|test)_([0-9A-Za-z]{22})_([0-9A-Za-z]{43}))([0-9A-Za-z]{6})$/;

export function mintApiKey(mode: KeyMode): MintedKey {
  const parts = { mode, keyId: randomBase62(lengths.keyId), secret: randomBase62(lengths.secret) };
  return { ...parts, apiKey: writeApiKey(parts) };
}

export function writeApiKey({ mode, keyId, secret }: ApiKeyParts): string {
  const body = `zr_${mode}_${keyId}_${secret}`;
  return body + checksumOf(body);
}

/** The parts of what is a key by its form and its checksum; undefined for anything else. */
export function parseApiKey(text: string): ApiKeyParts | undefined {
  const [, body = "", mode, keyId = "", secret = "", checksum] = form.exec(text) ?? [];
  if (checksum === undefined || checksum !== checksumOf(body)) return undefined;
  return { mode: mode === "live" ? "live" : "test", keyId, secret };
}

/** What is kept of a secret. */
export function digestOf(secret: string): string {
  return hash("sha256", secret, "hex");
}

/** As people may see it: which key it is, and no more. */
export function maskedKey({ mode, keyId }: Pick<ApiKeyParts, "mode" | "keyId">): string {
  return `zr_${mode}_${keyId}_********`;
}

export function isKeyId(text: string): boolean {
  return /^[0-9A-Za-z]{22}$/.test(text);
}

function checksumOf(body: string): string {
  let rest = crc32(body);
  let text = "";
  while (text.length < lengths.checksum) {
    text = (digits[rest % 62] ?? "") + text;
    rest = Math.floor(rest / 62);
  }
  return text;
}

/** A byte above the last multiple of 62 is thrown away: with it some digits would come more often. */
function randomBase62(length: number): string {
  let text = "";
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < 248 && text.length < length) text += digits[byte % 62] ?? "";
    }
  }
  return text;
}
