import { astOf, constantOf, listOf, textOf, unwrap, type Ast } from "./ast.ts";

/** A value as a client wrote it, on its way into a column: a parameter by its number, or so many bytes. */
export interface Stored {
  /** Undefined where an INSERT does not name its columns. */
  readonly column: string | undefined;
  readonly parameter: number;
  readonly bytes: number;
}

/** The values of each row that a statement names itself. */
export function storedBy(tag: string, body: Ast): Stored[][] {
  if (tag === "UpdateStmt") {
    const row = listOf(body.targetList).map((node) => {
      const { name, val } = astOf(node.ResTarget);
      return storedIn(textOf(name), val);
    });
    return [row.flat()];
  }
  if (tag !== "InsertStmt") return [];
  const columns = listOf(body.cols).map((node) => textOf(astOf(node.ResTarget).name));
  const rows = listOf(astOf(astOf(body.selectStmt).SelectStmt).valuesLists);
  return rows.map((row) =>
    listOf(astOf(row.List).items).flatMap((value, at) => storedIn(columns[at], value)),
  );
}

function storedIn(column: string | undefined, value: unknown): Stored[] {
  const [tag, body] = unwrap(value);
  if (tag === "TypeCast") return storedIn(column, body.arg);
  if (tag === "ParamRef") return [{ column, parameter: Number(body.number ?? 0), bytes: 0 }];
  const bytes = Buffer.byteLength(constantOf(value) ?? "");
  return bytes > 0 ? [{ column, parameter: 0, bytes }] : [];
}

/** The lengths of the values of a Bind. */
export function lengthsOf(values: Buffer): number[] {
  let at = 2 + 2 * values.readUInt16BE(0);
  const lengths: number[] = [];
  const count = values.readUInt16BE(at);
  at += 2;
  for (let nth = 0; nth < count; nth++) {
    const length = Math.max(0, values.readInt32BE(at));
    lengths.push(length);
    at += 4 + length;
  }
  return lengths;
}
