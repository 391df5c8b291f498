import type { DumpedTable, LoggedStep } from "../db/dump.ts";

/**
 * A backup is one gzip of one text: a header, each table's rows as COPY writes them, and a footer that
 * says how much there must be of each. It is valid SQL: whoever has lost us and has psql can still
 * load it into a migrated database.
 */
export interface Header {
  readonly format: 1;
  /** Of the program that wrote it. */
  readonly version: string;
  /** The moment of its snapshot, on the database's clock. */
  readonly at: string;
  readonly serverVersion: string;
  /** The name of the key that seals what is sealed in it; the key is not in it. */
  readonly sealingKey: string;
  readonly migrations: readonly LoggedStep[];
}

export interface Sum {
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
}

export interface Footer {
  readonly tables: Readonly<Record<string, Sum>>;
  /** Over everything before the footer. */
  readonly sha256: string;
}

/** The file is not what was written, or was never one of ours. */
export class BackupError extends Error {
  override readonly name = "BackupError";
}

const magic = "-- zerorace backup ";
const closing = "-- end ";

export const headerLine = (header: Header): string => `${magic}${JSON.stringify(header)}\n`;
export const footerLine = (footer: Footer): string => `${closing}${JSON.stringify(footer)}\n`;
export const openingLine = ({ name, columns }: DumpedTable): string =>
  `copy ${name} (${columns.join(", ")}) from stdin;\n`;
/** COPY never writes a row that looks like this: a backslash in one is doubled. */
export const endOfRows = "\\.\n";

export function readHeader(line: string): Header {
  if (!line.startsWith(magic)) throw new BackupError("this is not a backup of ZeroRace");
  const header = JSON.parse(line.slice(magic.length)) as Header;
  if (header.format !== 1) {
    throw new BackupError(
      `it has format ${String(header.format)}, of a newer version (${header.version}): use that one`,
    );
  }
  return header;
}

export function readFooter(line: string): Footer | undefined {
  return line.startsWith(closing) ? (JSON.parse(line.slice(closing.length)) as Footer) : undefined;
}

export function readOpening(line: string): DumpedTable | undefined {
  const [, name, columns] = /^copy ([a-z0-9_"]+) \(([^)]+)\) from stdin;$/.exec(line) ?? [];
  return name === undefined || columns === undefined
    ? undefined
    : { name, columns: columns.split(", ") };
}
