import { isUtf8 } from "node:buffer";

/**
 * Reads CSV as RFC 4180 has it, byte by byte, so that it knows where each row ends in the file and can
 * go on there. Stricter than most: a quote stands around a whole cell or nowhere.
 */

export const delimiters = [",", ";", "\t", "|"] as const;
export type Delimiter = (typeof delimiters)[number];

/** No row of a catalogue is longer; a file of one huge line is no CSV. */
export const rowBytesMax = 65_536;

export interface CsvRow {
  /** The header is row 1. Empty lines are none. */
  readonly row: number;
  /** In the file, as an editor counts. */
  readonly line: number;
  readonly cells: readonly string[];
  /** What is wrong with how the row is written. */
  readonly fault: string | undefined;
  /** Where the next row begins. */
  readonly next: Place;
}

export interface Place {
  readonly row: number;
  readonly line: number;
  readonly byte: number;
}

export const beginning: Place = { row: 1, line: 1, byte: 0 };

export type FileFaultCode =
  | "EMPTY_FILE"
  | "NOT_UTF8"
  | "ROW_TOO_LONG"
  | "QUOTE_NOT_CLOSED"
  | "NO_LINE_ENDS"
  | "BAD_HEADER"
  | "TOO_MANY_ROWS";

/** The file as a whole cannot be read on. */
export class FileFault extends Error {
  override readonly name = "FileFault";
  readonly code: FileFaultCode;

  constructor(code: FileFaultCode, says: string) {
    super(says);
    this.code = code;
  }
}

const [quote, cr, lf] = [0x22, 0x0d, 0x0a];
type State = "begins" | "plain" | "quoted" | "closed";

export class CsvReader {
  readonly #delimiter: number;
  /** From the beginning of the row that is being read. */
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #cellAt = 0;
  #state: State = "begins";
  #cells: string[] = [];
  #fault: string | undefined;
  #breaks = 0;
  #place: Place;

  constructor(delimiter: Delimiter, from: Place = beginning) {
    this.#delimiter = delimiter.charCodeAt(0);
    this.#place = from;
  }

  /** The rows that end in these bytes, which follow those before. */
  *push(bytes: Buffer): Generator<CsvRow> {
    this.#bytes = this.#bytes.length === 0 ? bytes : Buffer.concat([this.#bytes, bytes]);
    while (this.#scan()) {
      const row = this.#take();
      if (row) yield row;
    }
    if (this.#bytes.length > rowBytesMax) throw this.#tooLong();
  }

  /** The last row may have no line end. */
  *end(): Generator<CsvRow> {
    if (this.#state === "quoted") {
      const says = `Line ${this.#place.line} opens a quote that is never closed.`;
      throw new FileFault("QUOTE_NOT_CLOSED", says);
    }
    if (this.#bytes.length === 0) return;
    this.#endCell(this.#at);
    const row = this.#take();
    if (row) yield row;
  }

  /** Goes on to the end of the row; false when that is not among the bytes yet. */
  #scan(): boolean {
    const bytes = this.#bytes;
    for (; this.#at < bytes.length; this.#at++) {
      const byte = bytes[this.#at];
      if (this.#state === "quoted") {
        if (byte === quote) this.#state = "closed";
        else if (byte === lf) this.#breaks++;
      } else if (byte === quote) {
        this.#meetQuote();
      } else if (byte === this.#delimiter) {
        this.#endCell(this.#at);
        this.#cellAt = this.#at + 1;
      } else if (byte === lf) {
        const isCrLf = this.#at > this.#cellAt && bytes[this.#at - 1] === cr;
        this.#endCell(isCrLf ? this.#at - 1 : this.#at);
        this.#breaks++;
        this.#at++;
        return true;
      } else if (this.#state === "closed") {
        const isLineEnd = byte === cr && bytes[this.#at + 1] === lf;
        const mayBe = byte === cr && this.#at + 1 === bytes.length;
        if (mayBe) return false;
        if (!isLineEnd) this.#fault ??= "has text behind a closing quote";
      } else this.#state = "plain";
    }
    return false;
  }

  #meetQuote(): void {
    // In "closed" it is the second of two: a quote within the cell.
    if (this.#state === "plain") this.#fault ??= "has a quote in the middle of a cell: double it";
    else this.#state = "quoted";
  }

  #endCell(end: number): void {
    const from = this.#cellAt;
    const isQuoted = this.#state === "closed";
    const stop = isQuoted ? this.#bytes.lastIndexOf(quote, end - 1) : end;
    const text = this.#bytes.toString("utf8", isQuoted ? from + 1 : from, stop);
    const cell = isQuoted ? text.replaceAll('""', '"') : text;
    if (!isQuoted && cell.includes("\r")) this.#fault ??= "has a carriage return within a cell";
    if (cell.includes("\0")) this.#fault ??= "holds a NUL character";
    this.#cells.push(cell);
    this.#state = "begins";
  }

  #take(): CsvRow | undefined {
    const size = this.#at;
    if (size > rowBytesMax) throw this.#tooLong();
    const { row, line, byte } = this.#place;
    if (!isUtf8(this.#bytes.subarray(0, size))) {
      const says = `Line ${line} is not UTF-8. Save the file as "CSV UTF-8" and upload it again.`;
      throw new FileFault("NOT_UTF8", says);
    }
    const [cells, fault] = [this.#cells, this.#fault];
    const isEmpty = cells.length === 1 && cells[0] === "" && fault === undefined;
    const next = {
      row: isEmpty ? row : row + 1,
      line: line + this.#breaks,
      byte: byte + size,
    };
    this.#place = next;
    this.#bytes = this.#bytes.subarray(size);
    [this.#at, this.#cellAt, this.#breaks] = [0, 0, 0];
    [this.#cells, this.#fault] = [[], undefined];
    return isEmpty ? undefined : { row, line, cells, fault, next };
  }

  #tooLong(): FileFault {
    const says = `begins a row of more than ${rowBytesMax.toLocaleString("en")} bytes`;
    if (this.#state === "quoted") {
      const quoted = `Line ${this.#place.line} ${says}: a quote is opened and not closed.`;
      return new FileFault("QUOTE_NOT_CLOSED", quoted);
    }
    if (!this.#bytes.subarray(0, rowBytesMax).includes(lf) && this.#bytes.includes(cr)) {
      const ends =
        "The lines end with carriage returns alone. Save it with line feeds (LF or CRLF).";
      return new FileFault("NO_LINE_ENDS", ends);
    }
    return new FileFault("ROW_TOO_LONG", `Line ${this.#place.line} ${says}.`);
  }
}

const [byteOrderMark, utf16] = [Buffer.from([0xef, 0xbb, 0xbf]), [0xfe, 0xff]];

/** How many bytes at the beginning only say that what follows is UTF-8. */
export function markLength(first: Buffer): number {
  if (first.length === 0) throw new FileFault("EMPTY_FILE", "The file is empty.");
  const [one = 0, two = 0] = first;
  if ((one === utf16[0] && two === utf16[1]) || (one === utf16[1] && two === utf16[0])) {
    const says = 'The file is UTF-16. Save it as "CSV UTF-8" and upload it again.';
    throw new FileFault("NOT_UTF8", says);
  }
  return first.subarray(0, 3).equals(byteOrderMark) ? 3 : 0;
}

/** What stands between the cells: what the header has most of, outside quotes. */
export function delimiterOf(first: Buffer): Delimiter {
  const counts = new Map<number, number>(delimiters.map((one) => [one.charCodeAt(0), 0]));
  let isQuoted = false;
  for (const byte of first.subarray(markLength(first), rowBytesMax)) {
    if (byte === quote) isQuoted = !isQuoted;
    else if (isQuoted) continue;
    else if (byte === lf) break;
    else if (counts.has(byte)) counts.set(byte, (counts.get(byte) ?? 0) + 1);
  }
  const best = delimiters.toSorted(
    (one, other) => (counts.get(other.charCodeAt(0)) ?? 0) - (counts.get(one.charCodeAt(0)) ?? 0),
  );
  return best[0] ?? ",";
}
