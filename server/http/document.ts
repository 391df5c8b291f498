import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { Response } from "express";
import { apiHeaders, pageHeaders } from "./security-headers.ts";
import { sendFile, sendNotModified } from "./send.ts";
import { visitOf } from "./visit.ts";

/** A text that stays as it is while the server runs; packed once, when it is first asked for packed. */
export interface Document {
  readonly plain: Buffer;
  readonly contentType: string;
  readonly etag: string;
  packed?: Buffer;
}

export function documentOf(text: string, contentType = "text/html; charset=utf-8"): Document {
  const hash = createHash("sha256").update(text).digest("base64url").slice(0, 22);
  return { plain: Buffer.from(text), contentType, etag: `W/"${hash}"` };
}

/** Kept by the browser, which asks each time whether it is still the same, or for ever. */
export function sendDocument(res: Response, document: Document, isForEver = false): void {
  const { plain, contentType, etag } = document;
  const { headers } = res.req;
  const policy = contentType.startsWith("text/html") ? pageHeaders : apiHeaders;
  const kept = isForEver ? "public, max-age=31536000, immutable" : "no-cache";
  const always = ["ETag", etag, "Vary", "Accept-Encoding", "Cache-Control", kept];
  always.push(...policy, ...visitOf(res).rateFields);
  if (headers["if-none-match"] === etag) return sendNotModified(res, always);
  const isPacked = headers["accept-encoding"]?.includes("gzip") === true;
  if (isPacked) document.packed ??= gzipSync(plain, { level: 9 });
  const bytes = isPacked ? (document.packed ?? plain) : plain;
  always.push("Content-Type", contentType);
  if (isPacked) always.push("Content-Encoding", "gzip");
  sendFile(res, bytes, always);
}
