import { isUtf8 } from "node:buffer";
import { promisify } from "node:util";
import zlib from "node:zlib";
import type { Request, Response } from "express";
import type { z } from "zod";
import { holdsSecret } from "../base/log.ts";
import { pointerOf, readJson, type Json } from "./json.ts";
import { Problem, type Fault } from "./problem.ts";

export const bodyBytesMax = 65_536;
const gunzip = promisify(zlib.gunzip);

/** The client went away before it had said everything: nobody waits for an answer. */
export class ClientGone extends Error {
  override readonly name = "ClientGone";
}

/** The body of a request as its schema has it; otherwise a Problem that names every fault. */
export async function readBody<Shape extends z.ZodType>(
  req: Request,
  res: Response,
  schema: Shape,
): Promise<z.infer<Shape>> {
  return valid(schema, await readJsonBody(req, res, bodyBytesMax));
}

/** The same before any schema, for a body whose parts are looked at one by one. */
export async function readJsonBody(req: Request, res: Response, bytesMax: number): Promise<Json> {
  return parse(await readBytes(req, res, bytesMax, jsonUtf8));
}

const csvUtf8 = /^text\/csv[ \t]*(?:;[ \t]*(?:charset=utf-8|header=(?:present|absent))[ \t]*)*$/i;

/** A file, or a piece of one, as it is. */
export async function readCsvBytes(req: Request, res: Response, bytesMax: number): Promise<Buffer> {
  const bytes = await readBytes(req, res, bytesMax, csvUtf8);
  if (!holdsSecret(bytes.toString("latin1"))) return bytes;
  throw new Problem("API_KEY_IN_BODY", "The file holds an API key or a token: revoke it.");
}

async function readBytes(
  req: Request,
  res: Response,
  bytesMax: number,
  type: RegExp,
): Promise<Buffer> {
  checkHead(req, bytesMax, type);
  // Who waits to be asked for the body was not asked before its key and its headers were right.
  if (req.headers.expect !== undefined) res.writeContinue();
  const sent = await bytesOf(req, bytesMax);
  const bytes = encodingOf(req) === "gzip" ? await unpacked(sent, bytesMax) : sent;
  if (bytes.length === 0) throw new Problem("EMPTY_BODY");
  return bytes;
}

const jsonUtf8 = /^application\/json[ \t]*(?:;[ \t]*charset[ \t]*=[ \t]*"?utf-8"?[ \t]*)?$/i;

function checkHead(req: Request, bytesMax: number, wanted: RegExp): void {
  const { headers } = req;
  const length = headers["content-length"];
  const chunked = headers["transfer-encoding"] !== undefined;
  if (!chunked && (length === undefined || length === "0")) throw new Problem("EMPTY_BODY");
  const type = headers["content-type"] ?? "";
  if (!wanted.test(type)) {
    const says = wanted === csvUtf8 ? "Send Content-Type: text/csv, in UTF-8." : undefined;
    throw new Problem("UNSUPPORTED_MEDIA_TYPE", says);
  }
  if (chunked && headers["transfer-encoding"]?.toLowerCase() !== "chunked") {
    throw new Problem("UNSUPPORTED_MEDIA_TYPE", "The only Transfer-Encoding is chunked.");
  }
  if (!["identity", "gzip"].includes(encodingOf(req))) {
    const detail = "A body is taken as it is, or in the one Content-Encoding gzip.";
    const taken = ["Accept-Encoding", "gzip, identity"];
    throw new Problem("UNSUPPORTED_MEDIA_TYPE", detail, { headers: taken });
  }
  if (Number(length ?? 0) > bytesMax) throw tooLarge(bytesMax);
}

function encodingOf({ headers }: Request): string {
  return headers["content-encoding"]?.toLowerCase() ?? "identity";
}

/** What unpacks to more than the limit is given up there, however small it came. */
async function unpacked(bytes: Buffer, bytesMax: number): Promise<Buffer> {
  try {
    return await gunzip(bytes, { maxOutputLength: bytesMax });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(bytesMax);
    throw new Problem("MALFORMED_BODY", "The body is not the gzip that its Content-Encoding says.");
  }
}

function tooLarge(bytesMax: number): Problem {
  return new Problem("BODY_TOO_LARGE", `Send at most ${bytesMax.toLocaleString("en")} bytes.`);
}

async function bytesOf(req: Request, bytesMax: number): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let size = 0;
  req.on("data", (chunk: Buffer) => {
    size += chunk.length;
    // What still comes is heard and dropped, until the request's time is up.
    if (size > bytesMax) reject(tooLarge(bytesMax));
    else chunks.push(chunk);
  });
  req.on("end", () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
  const cutOff = (): void => {
    // An error is dear to make, and every request closes.
    if (!req.complete) reject(new ClientGone("the request was cut off"));
  };
  req.on("error", cutOff);
  req.on("close", cutOff);
  return promise;
}

function parse(bytes: Buffer): Json {
  if (!isUtf8(bytes)) throw new Problem("MALFORMED_BODY", "The body is not UTF-8.");
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    throw new Problem("MALFORMED_BODY", "The body begins with a byte order mark.");
  }
  try {
    return readJson(bytes.toString());
  } catch {
    throw new Problem("MALFORMED_BODY");
  }
}

/** What was read, as its schema has it; otherwise a Problem that names every fault. */
export function valid<Shape extends z.ZodType>(
  schema: Shape,
  { value, faults }: Json,
): z.infer<Shape> {
  if (typeof value !== "object" || value === null) {
    throw new Problem("MALFORMED_BODY", "The body must be a JSON object.");
  }
  const read = schema.safeParse(value);
  if (read.success && faults.length === 0) return read.data;
  const errors: Fault[] = faults.slice(0, errorsMax);
  const places = new Set(faults.map(({ pointer }) => pointer));
  for (const fault of read.success ? [] : faultsOf(read.error, value)) {
    if (errors.length === errorsMax || places.has(fault.pointer)) continue;
    places.add(fault.pointer);
    errors.push(fault);
  }
  // What makes the text ambiguous weighs more than what is wrong with its values.
  const first = faults.find(({ code }) => code === "DUPLICATE_KEY") ?? faults[0];
  const code = first?.code ?? "VALIDATION_FAILED";
  const told = errors
    .slice(0, 3)
    .map(({ pointer, detail }) => `${pointer || "The body"} ${detail}.`);
  const rest = errors.length - told.length;
  if (rest > 0) told.push(`And ${rest} more, in \`errors\`.`);
  throw new Problem(code, told.join(" "), { errors });
}

const errorsMax = 100;

/** One fault per place; zod has one issue for all unknown keys of an object. `value`: what was judged. */
export function faultsOf({ issues }: z.ZodError, value?: unknown): Fault[] {
  return issues.flatMap((issue) => {
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({
        pointer: pointerOf([...issue.path, key]),
        code: "UNKNOWN_PROPERTY",
        detail: "is not a known property",
      }));
    }
    const isMissing = value !== undefined && !isThere(value, issue.path);
    const detail = isMissing ? `is missing: it ${issue.message}` : issue.message;
    return [{ pointer: pointerOf(issue.path), code: "INVALID_VALUE", detail }];
  });
}

function isThere(value: unknown, path: readonly PropertyKey[]): boolean {
  let at = value;
  for (const name of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, name)) return false;
    at = (at as Readonly<Record<PropertyKey, unknown>>)[name];
  }
  return true;
}
