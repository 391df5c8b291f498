import type { AskKind } from "../../kernel/types.ts";
import type { Seen } from "./outside.ts";

/**
 * A history: what everybody who asked was told, and what stands in the books afterwards. Amounts and
 * units are numbers here, because a record is a line of JSON; times are milliseconds on one
 * monotonic clock of who asked.
 */
export interface History {
  readonly seed: number;
  readonly shelf: Shelf;
  readonly attempts: readonly Attempt[];
  readonly commands: readonly Commanded[];
  readonly reads: readonly Read[];
  readonly sums: readonly SumsRead[];
  /** Absent where nobody keeps copies. */
  readonly copied?: Copied;
  readonly books: Books;
  /** What its endpoint heard and its audit log says; absent where there is nobody to tell. */
  readonly outside?: Seen;
}

/** What there was before anybody asked. */
export interface Shelf {
  readonly tenantId: string;
  readonly merchantId: string;
  readonly currency: string;
  readonly items: readonly ShelfItem[];
  readonly mandates: readonly ShelfMandate[];
}

export interface ShelfItem {
  readonly itemId: string;
  readonly stock: number;
  readonly priceMinor: number;
}

export interface ShelfMandate {
  readonly mandateId: string;
  readonly capMinor: number;
}

/** What is asked, without its key and without whose it is. */
export type Asked =
  | {
      readonly kind: "commit" | "hold";
      readonly mandateId: string;
      readonly agentId: string;
      readonly lines: readonly { readonly itemId: string; readonly quantity: number }[];
      readonly amountMinor: number;
      readonly holdSeconds?: number;
    }
  | { readonly kind: "capture"; readonly purchaseId: string; readonly quantity?: number }
  | { readonly kind: "extend"; readonly purchaseId: string; readonly holdSeconds: number }
  | { readonly kind: "release"; readonly purchaseId: string }
  | {
      readonly kind: "refund";
      readonly purchaseId: string;
      readonly amountMinor: number;
      readonly line?: number;
      readonly returnQuantity?: number;
    };

/**
 * What an answer promises: `ok` is an answer that was stored, `fail` a promise that this attempt
 * recorded nothing, `info` no promise at all: it may be recorded or not.
 */
export type Outcome = "ok" | "fail" | "info";

/** What somebody heard, whichever way they asked. */
export interface Heard {
  readonly outcome: Outcome;
  /** granted, declined, or the word for why it was neither. */
  readonly what: string;
  /** Of an answer: the ask's id, its text without `replayed`, and whether it was called a replay. */
  readonly id?: string;
  readonly said?: string;
  readonly replayed?: boolean;
  /** Of a command over HTTP: its answer names it, and so does its entry in the audit log. */
  readonly requestId?: string;
}

export interface Attempt extends Heard {
  /** The logical purchase or step: all its attempts and keys have one effect. */
  readonly op: number;
  /** Counted over the run, in the order in which they were sent. */
  readonly nth: number;
  readonly key: string;
  readonly fingerprint: string;
  readonly asked: Asked;
  readonly inv: number;
  readonly ret: number;
}

export type Command =
  | { readonly kind: "pause" | "activate" | "revoke"; readonly mandateId: string }
  | { readonly kind: "close" | "open"; readonly itemId: string }
  | { readonly kind: "price"; readonly itemId: string; readonly priceMinor: number }
  | { readonly kind: "restock"; readonly itemId: string; readonly quantity: number }
  | { readonly kind: "reshard"; readonly itemId: string; readonly buckets: number }
  | { readonly kind: "topUp"; readonly mandateId: string; readonly amountMinor: number };

/** An attempt at a command. Those on one item or mandate are sent one after the other. */
export interface Commanded extends Heard {
  readonly nth: number;
  /** Of the command; a restock leaves it as its reason. */
  readonly key: string;
  readonly command: Command;
  readonly inv: number;
  readonly ret: number;
}

/** A look at one copy by one reader. */
export interface Read {
  readonly reader: number;
  readonly of: "purchase" | "item" | "mandate";
  readonly id: string;
  /** 0 where there is none yet. */
  readonly version: number;
  readonly inv: number;
  readonly ret: number;
}

/** Sums that only grow, by a name each. */
export type Sums = Readonly<Record<string, number>>;

/** A look at the sums of the world's merchant by one reader, wherever they came from. */
export interface SumsRead {
  readonly reader: number;
  readonly from: "copies" | "books";
  readonly by: "summary" | "balances";
  /** What the answer says of itself, on the clock of who asked: what was committed before is in it. */
  readonly asOf: number;
  /** The ask whose change must be in it, in any case. */
  readonly after?: string;
  readonly sums: Sums;
  readonly inv: number;
  readonly ret: number;
}

/** What the copies came to when nothing was in the way any more. */
export interface Copied {
  readonly documents: number;
  /** How long it took from the last answer until each was equal to the books. */
  readonly ms: number;
  /** Those that never were, and in what. */
  readonly wrong: readonly { readonly name: string; readonly says: string }[];
}

/** The rows of the world, read when everybody had their answer. */
export interface Books {
  readonly answers: readonly AnswerRow[];
  readonly lines: readonly LineRow[];
  readonly transactions: readonly TransactionRow[];
  readonly moves: readonly MoveRow[];
  readonly stock: readonly BucketRow[];
  readonly money: readonly BucketRow[];
  readonly caps: ReadonlyMap<string, number>;
  /** Ids of all events that wait or were told; absent where nobody collected them. */
  readonly events: readonly string[] | undefined;
  /** How many of them still waited at the end, where somebody was there to tell them. */
  readonly untold: number;
  /** Each write of a bucket; absent where the database kept no witness. */
  readonly writes: readonly BucketWrite[] | undefined;
}

/** The transaction that wrote a row, where the database tells. */
interface Written {
  readonly xid?: string;
}

export interface AnswerRow extends Written {
  readonly id: string;
  readonly key: string;
  readonly kind: AskKind;
  readonly purchaseId: string;
  readonly fingerprint: string;
  readonly granted: boolean;
  readonly said: string;
}

export interface LineRow {
  readonly purchaseId: string;
  readonly line: number;
  readonly mandateId: string;
  readonly agentId: string;
  readonly itemId: string;
  readonly quantity: number;
  readonly unitPriceMinor: number;
  readonly amountMinor: number;
  readonly priceVersion: number;
  readonly rulesVersion: number;
  readonly state: string;
  readonly settledQuantity: number;
  readonly settledMinor: number;
  readonly version: number;
}

/** A transaction of the ledger: its legs, added up. */
export interface TransactionRow extends Written {
  readonly txnId: string;
  readonly purchaseId: string;
  readonly kind: string;
  readonly legs: number;
  readonly offBy: number;
}

export interface MoveRow extends Written {
  readonly itemId: string;
  readonly quantity: number;
  readonly reason: string;
}

/** A slice of an item's stock or of a mandate's money. */
export interface BucketRow {
  readonly subjectId: string;
  readonly bucket: number;
  readonly amount: number;
  readonly version: number;
}

export interface BucketWrite {
  readonly of: "stock" | "money";
  readonly subjectId: string;
  readonly bucket: number;
  /** Null where the bucket was made. */
  readonly versionBefore: number | null;
  readonly version: number;
  readonly before: number;
  readonly after: number;
  /** Whether it sold, or paid, before this write and after it. */
  readonly usableBefore: boolean;
  readonly usable: boolean;
  /** Of the price, or of the rules. */
  readonly termsBefore: number;
  readonly terms: number;
  readonly xid: string;
}

/** What a check found: a promise that was broken, and who can tell. */
export interface Violation {
  readonly check: string;
  readonly says: string;
  /** The keys of the asks and commands that show it. */
  readonly keys: readonly string[];
}

export type Check = (history: History) => Violation[];
