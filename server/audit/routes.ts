import type { Request, Response } from "express";
import { callerOf } from "../auth/require-caller.ts";
import type { Scope } from "../auth/scopes.ts";
import type { Context } from "../context.ts";
import { ExhaustedError } from "../db/faults.ts";
import type { Db } from "../db/open.ts";
import { sendCsv } from "../http/csv.ts";
import { limitOf } from "../http/list.ts";
import { Problem } from "../http/problem.ts";
import { readQuery, readQueryBy } from "../http/query.ts";
import type { Route } from "../http/route.ts";
import { sendJson, sendStream } from "../http/send.ts";
import { exportLog } from "./export-log.ts";
import { instanceChain } from "./instance-chain.ts";
import { findEntry, listEntries, type EntryFilter } from "./list-entries.ts";
import { readNames } from "./names.ts";
import { checkChain } from "./verify-chain.ts";
import * as wire from "./wire.ts";

export function auditRoutes(ctx: Context): readonly Route[] {
  return [
    ...chainRoutes(ctx, {
      path: "/v1/audit",
      needs: "audit:read",
      log: "the audit log",
      chainOf: (res) => callerOf(res).tenantId,
    }),
    ...chainRoutes(ctx, {
      path: "/v1/instance/audit",
      needs: "instance:read",
      log: "the instance's audit log",
      chainOf: () => instanceChain,
    }),
  ];
}

interface Place {
  readonly path: string;
  readonly needs: Scope;
  /** As the summaries call it. */
  readonly log: string;
  readonly chainOf: (res: Response) => string;
}

function chainRoutes(ctx: Context, { path, needs, log, chainOf }: Place): readonly Route[] {
  return [
    {
      method: "get",
      path: `${path}/entries`,
      needs,
      about: {
        summary: `List ${log}`,
        says: "Newest first. With a filter a page may be short, or empty, and yet not the last: go on while there is a `nextCursor`.",
        query: wire.entriesQuery,
        answers: { 200: wire.entriesView },
        csv: true,
        problems: ["VALIDATION_FAILED", "BAD_CURSOR"],
      },
      handle: (req, res) => list(ctx, req, res, chainOf(res)),
    },
    {
      method: "get",
      path: `${path}/entries/:id`,
      needs,
      about: {
        summary: `Get an entry of ${log}`,
        says: "By its number: the first entry of a log has 1.",
        params: { id: wire.seqField },
        answers: { 200: wire.entryView },
        problems: ["UNKNOWN_ENTRY"],
      },
      handle: (req, res) => show(ctx, req, res, chainOf(res)),
    },
    {
      method: "get",
      path: `${path}/export`,
      needs,
      about: {
        summary: `Export ${log}`,
        says: "The whole log in JSON lines: the first names the head, each other holds an entry with everything that its hash is of. `zerorace audit verify --file` proves it, without a database.",
        answers: { 200: "application/jsonl" },
      },
      handle: (req, res) => exportAll(ctx, req, res, chainOf(res)),
    },
    {
      method: "get",
      path: `${path}/verify`,
      needs,
      about: {
        summary: `Verify ${log}`,
        says: "Recomputes every hash of the chain. What takes longer than 10 seconds is for `zerorace audit verify` at the command line.",
        query: wire.verifyQuery,
        answers: { 200: wire.verdictView },
        problems: ["TAKES_TOO_LONG"],
      },
      handle: (req, res) => verify(ctx, req, res, chainOf(res)),
    },
  ];
}

async function list({ db }: Context, req: Request, res: Response, chain: string): Promise<void> {
  const { limit, cursor, format, ...filter } = readQueryBy(req, wire.entriesQuery);
  if (cursor !== undefined && !/^[1-9]\d{0,15}$/.test(cursor)) throw new Problem("BAD_CURSOR");
  const before = cursor === undefined ? undefined : BigInt(cursor);
  if (format === "csv") {
    const name = `audit-${new Date().toISOString().slice(0, 10)}`;
    await sendCsv(res, { name, columns: wire.columns }, csvPages(db, chain, filter, before));
    return;
  }
  const page = { before, limit: limitOf({ limit }) };
  const { entries, next } = await listEntries(db, chain, filter, page);
  const names = await readNames(db, chain, entries);
  const data = entries.map((entry) => wire.viewOf(entry, names));
  const nextCursor = next === undefined ? null : String(next);
  sendJson(res, 200, JSON.stringify({ data, nextCursor }));
}

const csvPageRows = 1_000;

async function* csvPages(db: Db, chain: string, filter: EntryFilter, from?: bigint) {
  for (let before = from, isFirst = true; isFirst || before !== undefined; isFirst = false) {
    const page = await listEntries(db, chain, filter, { before, limit: csvPageRows });
    const names = await readNames(db, chain, page.entries);
    yield page.entries.map((entry) => wire.cellsOf(entry, names));
    before = page.next;
  }
}

async function show({ db }: Context, req: Request, res: Response, chain: string): Promise<void> {
  readQuery(req, []);
  const seq = wire.seqField.safeParse(req.params.id);
  if (!seq.success) throw new Problem("UNKNOWN_ENTRY");
  const entry = await findEntry(db, chain, BigInt(seq.data));
  if (!entry) throw new Problem("UNKNOWN_ENTRY");
  const names = await readNames(db, chain, [entry]);
  sendJson(res, 200, JSON.stringify(wire.viewOf(entry, names)));
}

async function exportAll(
  { db }: Context,
  req: Request,
  res: Response,
  chain: string,
): Promise<void> {
  readQuery(req, []);
  const name = `audit-${chain}-${new Date().toISOString().slice(0, 10)}.jsonl`;
  await sendStream(res, exportLog(db, chain), [
    "Content-Type",
    "application/jsonl",
    "Content-Disposition",
    `attachment; filename="${name}"`,
  ]);
}

const patienceMs = 10_000;

async function verify({ db }: Context, req: Request, res: Response, chain: string): Promise<void> {
  readQueryBy(req, wire.verifyQuery);
  try {
    const checked = await checkChain(db, chain, patienceMs);
    sendJson(res, 200, JSON.stringify(wire.verdictOf(checked)));
  } catch (error) {
    if (!(error instanceof ExhaustedError)) throw error;
    throw new Problem("TAKES_TOO_LONG", "Verify a log this long with zerorace audit verify.");
  }
}
