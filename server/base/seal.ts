import { createCipheriv, createDecipheriv, hash, randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import type { Config } from "./config.ts";

/** It was sealed with another key, or is not what was sealed. */
export class SealError extends Error {
  override readonly name = "SealError";
}

/**
 * A secret that we must be able to read again, as it is kept: AES-256-GCM, bound to what it belongs to,
 * so that it cannot be moved to another row. The key's name tells which key it needs.
 */
export function seal(key: Buffer, text: string, belongsTo: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(belongsTo));
  const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  const parts = [nonce, sealed, cipher.getAuthTag()].map((part) => part.toString("base64url"));
  return ["v1", nameOfKey(key), ...parts].join(".");
}

export function unseal(key: Buffer, sealed: string, belongsTo: string): string {
  const [version, name, ...parts] = sealed.split(".");
  if (version !== "v1" || parts.length !== 3) throw new SealError("this was never sealed");
  if (name !== nameOfKey(key)) {
    throw new SealError("sealed with another key: is ZERORACE_SEALING_KEY the same everywhere?");
  }
  const [nonce, text, tag] = parts.map((part) => Buffer.from(part, "base64url")) as Parts;
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, nonce)
      .setAAD(Buffer.from(belongsTo))
      .setAuthTag(tag);
    return Buffer.concat([decipher.update(text), decipher.final()]).toString("utf8");
  } catch (cause) {
    throw new SealError("what was sealed was changed, or belongs to something else", { cause });
  }
}

type Parts = [nonce: Buffer, text: Buffer, tag: Buffer];

/** Which key it is, without a trace of the key. */
export function nameOfKey(key: Buffer): string {
  return hash("sha256", Buffer.concat([Buffer.from("name of a key "), key]), "hex").slice(0, 8);
}

/** The one that is set, or one that is drawn once and kept beside the data. */
export function readSealingKey({
  sealingKey,
  dataDir,
}: Pick<Config, "sealingKey" | "dataDir">): Buffer {
  if (sealingKey !== undefined) return sealingKey;
  const file = `${dataDir}.sealing-key`;
  try {
    writeFileSync(file, `${randomBytes(32).toString("base64")}\n`, {
      flag: "wx",
      mode: 0o600,
      flush: true,
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const key = Buffer.from(readFileSync(file, "utf8").trim(), "base64");
  if (key.length !== 32) throw new SealError(`${file} does not hold a key of 32 bytes`);
  return key;
}
