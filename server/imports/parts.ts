import { hash } from "node:crypto";
import type { Db } from "../db/open.ts";
import { sql } from "../db/sql.ts";
import { transact, type Tx } from "../db/transact.ts";
import { pieceMax } from "./limits.ts";
import {
  beginning,
  CsvReader,
  markLength,
  type CsvRow,
  type Delimiter,
  type Place,
} from "./csv-reader.ts";

/** The bytes of a file, kept in pieces that a row can hold on any engine. */

export interface Upload {
  readonly importId: string;
  readonly tenantId: string;
  readonly at: number;
  readonly bytes: Buffer;
}

/** Appends, in the transaction that counts the bytes. */
export async function addParts(tx: Tx, { importId, tenantId, at, bytes }: Upload): Promise<void> {
  const written: Promise<void>[] = [];
  for (let from = 0; from < bytes.length; from += pieceMax) {
    const piece = bytes.subarray(from, from + pieceMax);
    written.push(
      tx.write(
        sql`insert into import_parts (import_id, at, tenant_id, size, sha256, bytes)
            values (${importId}, ${at + from}, ${tenantId}, ${piece.length}, ${sha256Of(piece)}, ${piece})`,
        1,
      ),
    );
  }
  written.push(
    tx.write(
      sql`update imports set bytes = bytes + ${bytes.length}::integer, changed_at = now()
           where import_id = ${importId} and bytes = ${at}`,
      1,
    ),
  );
  await Promise.all(written);
}

/** Whether these very bytes came before: the answer to them was lost, and they are sent again. */
export async function hasParts(tx: Tx, { importId, at, bytes }: Upload): Promise<boolean> {
  const found = await tx.tuples<[at: number, sha256: string]>(
    sql`select at, sha256 from import_parts
         where import_id = ${importId} and at >= ${at} and at < ${at + bytes.length}
         order by at`,
  );
  let next = 0;
  for (const [place, sha256] of found) {
    const piece = bytes.subarray(next, next + pieceMax);
    if (place !== at + next || sha256 !== sha256Of(piece)) return false;
    next += piece.length;
  }
  return next === bytes.length;
}

export function sha256Of(bytes: Buffer): string {
  return hash("sha256", bytes, "hex");
}

export interface Piece {
  readonly at: number;
  readonly bytes: Buffer;
}

/** The piece that holds this byte. */
async function readPiece(db: Db, importId: string, byte: number): Promise<Piece | undefined> {
  const query = sql`select at, bytes from import_parts
                     where import_id = ${importId} and at > ${byte - pieceMax} and at <= ${byte}
                       and at + size > ${byte}`;
  const [piece] = await transact(db, "read_import_part", (tx) => tx.rows<Piece>(query), {
    readOnly: true,
  });
  return piece;
}

/** The file's bytes from there on, piece by piece. */
export async function* bytesFrom(db: Db, importId: string, byte: number): AsyncGenerator<Buffer> {
  for (let next = byte; ;) {
    const piece = await readPiece(db, importId, next);
    if (!piece) return;
    yield piece.bytes.subarray(next - piece.at);
    next = piece.at + piece.bytes.length;
  }
}

/** How the file begins: enough for its header and some rows. */
export async function readStart(db: Db, importId: string): Promise<Buffer> {
  const piece = await readPiece(db, importId, 0);
  return piece?.bytes ?? Buffer.alloc(0);
}

/** The file's rows from a place on, a list for each piece of it; with `heard` for all of its bytes. */
export async function* rowsFrom(
  db: Db,
  importId: string,
  delimiter: Delimiter,
  from: Place,
  heard: (bytes: Buffer) => void = () => undefined,
): AsyncGenerator<CsvRow[]> {
  const isStart = from.byte === 0;
  let reader = new CsvReader(delimiter, from);
  let isFirst = true;
  for await (const bytes of bytesFrom(db, importId, from.byte)) {
    heard(bytes);
    const mark = isStart && isFirst ? markLength(bytes) : 0;
    if (mark > 0) reader = new CsvReader(delimiter, { ...beginning, byte: mark });
    isFirst = false;
    yield [...reader.push(bytes.subarray(mark))];
  }
  if (isFirst && isStart) markLength(Buffer.alloc(0));
  yield [...reader.end()];
}
