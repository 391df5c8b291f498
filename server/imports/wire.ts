import { z } from "zod";
import { formatField } from "../http/csv.ts";
import { pageQuery } from "../http/list.ts";
import { count, id, listOf, time, whole, words } from "../http/shapes.ts";
import { delimiters } from "./csv-reader.ts";
import { kinds } from "./fields.ts";
import { fileBytesMax } from "./limits.ts";
import { columnsShape, fixedShape } from "./plan.ts";
import { states } from "./store.ts";

/** The bodies and answers of /v1/imports. */

const kind = z.enum(kinds, "must be items or mandates");
const merchantId = "019aa0f2-6c1e-7b53-9d0f-0c5f3a1c7e11";

export const importBody = z
  .strictObject({
    kind: kind.meta({ description: "What each row of the file becomes." }),
    fileName: words(200).meta({ description: "As its owner calls it; it is shown, nothing more." }),
    fileBytes: whole(1, fileBytesMax).optional().meta({
      description:
        "How many bytes the file has. With it nothing begins before all of them are here.",
    }),
  })
  .meta({ id: "NewImport", examples: [{ kind: "items", fileName: "catalogue.csv" }] });

const columnsExample = { sku: "SKU", name: "Title", price: "Price", stock: "Qty" };
const fixedExample = { currency: "EUR", merchantId };

const delimiter = z.enum(delimiters, 'must be ",", ";", "|" or a tab');

export const checkBody = z
  .strictObject({
    columns: columnsShape.optional().meta({
      description:
        "The file's column of each field, by its header. Absent: as `suggested` in the preview.",
    }),
    fixed: fixedShape.optional().meta({
      description: "One value for all rows, by field: for what the file has no column of.",
    }),
    delimiter: delimiter.optional().meta({
      description: "What stands between two cells. Absent: as the header has it.",
    }),
  })
  .meta({ id: "ImportMapping", examples: [{ columns: columnsExample, fixed: fixedExample }] });

export const startBody = z
  .strictObject({
    skipBadRows: z
      .boolean("must be true or false")
      .optional()
      .meta({ description: "True: what the check found bad is left out. Else nothing begins." }),
  })
  .meta({ examples: [{ skipBadRows: true }] });

export type ImportBody = z.input<typeof importBody>;
export type CheckBody = z.input<typeof checkBody>;
export type StartBody = z.input<typeof startBody>;

export const uploadQuery = z.object({
  at: z
    .string("must be a whole number")
    .regex(/^(0|[1-9]\d{0,8})$/, "must be a whole number")
    .transform(Number)
    .pipe(z.int())
    .meta({ description: "The place in the file of the first byte that is sent: `bytes` so far." }),
});

export const listQuery = z.object({
  ...pageQuery.shape,
  kind: kind.optional().meta({ description: "Those of this kind." }),
});

const after = z
  .string("must be a row's number")
  .regex(/^(0|[1-9]\d{0,8})$/, "must be a row's number")
  .transform(Number)
  .pipe(z.int())
  .optional()
  .meta({ description: "Rows behind this one: `nextAfter` of the page before." });

const rowQuery = { limit: pageQuery.shape.limit, after, format: formatField };

export const faultsQuery = z.object(rowQuery);
export const rowsQuery = z.object({
  ...rowQuery,
  undo: z
    .enum(["undone", "kept"], "must be undone or kept")
    .optional()
    .meta({ description: "Only those that undoing took back, or had to keep." }),
});

const problem = z
  .object({ code: z.string(), detail: z.string() })
  .nullable()
  .meta({ description: "Why the file was rejected." });

const progress = z
  .object({
    phase: z.enum(["checking", "importing", "undoing"]),
    done: count,
    total: count,
    unit: z.enum(["bytes", "rows"]),
    perSecond: count.nullable(),
    secondsLeft: count.nullable(),
  })
  .nullable()
  .meta({ description: "Of what a worker does now; null while it has nothing to do." });

const rows = z
  .object({
    checked: count.meta({ description: "Without the header." }),
    good: count,
    bad: count.meta({ description: "By the check, which makes nothing." }),
    made: count,
    refused: count.meta({ description: "Bad when they were to be made: left out." }),
    undone: count,
    kept: count.meta({ description: "In use or changed when the import was undone: left alone." }),
  })
  .meta({ description: "How many rows of the file came to what." });

export const importView = z
  .object({
    id,
    kind,
    fileName: z.string(),
    state: z.enum(states),
    problem,
    fileBytes: count.nullable().meta({ description: "What the file has, where that was said." }),
    bytes: count.meta({ description: "What is here of the file." }),
    sha256: z.string().nullable().meta({ description: "Of the whole file, once it is checked." }),
    columns: z.record(z.string(), z.string()),
    fixed: z.record(z.string(), z.string()),
    delimiter: delimiter.nullable(),
    rows,
    progress,
    mayUndo: z.boolean(),
    undoUntil: time.nullable(),
    fileGone: z.boolean().meta({ description: "The file itself is deleted a day after the end." }),
    startedBy: z.string().meta({ description: "As the audit log names them." }),
    createdAt: time,
    startedAt: time.nullable(),
    endedAt: time.nullable(),
  })
  .meta({
    id: "Import",
    description: "A file of items or mandates, and how far it has come.",
    examples: [
      {
        id: "019aa0f2-6c2a-7a10-9c55-1d2e3f4a5b66",
        kind: "items",
        fileName: "catalogue.csv",
        state: "importing",
        problem: null,
        fileBytes: 8_412_020,
        bytes: 8_412_020,
        sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        columns: columnsExample,
        fixed: fixedExample,
        delimiter: ",",
        rows: {
          checked: 100_000,
          good: 99_000,
          bad: 1_000,
          made: 40_000,
          refused: 400,
          undone: 0,
          kept: 0,
        },
        progress: {
          phase: "importing",
          done: 40_400,
          total: 100_000,
          unit: "rows",
          perSecond: 2_000,
          secondsLeft: 30,
        },
        mayUndo: false,
        undoUntil: null,
        fileGone: false,
        startedBy: "person:019aa0f2-6c2b-7d00-8000-0c5f3a1c7e77",
        createdAt: "2026-11-21T09:00:00.000Z",
        startedAt: "2026-11-21T09:02:10.000Z",
        endedAt: null,
      },
    ],
  });

export type ImportView = z.output<typeof importView>;

export const importList = listOf("ImportList", importView);
export type ImportListView = z.output<typeof importList>;

const field = z.object({
  name: z.string(),
  title: z.string(),
  required: z.boolean(),
  insteadOf: z
    .string()
    .nullable()
    .meta({ description: "It fills this field, in another way: one of the two is named." }),
  says: z.string(),
});

export const previewView = z
  .object({
    delimiter,
    headers: z.array(z.string()),
    data: z.array(z.array(z.string())).meta({ description: "The first rows below the header." }),
    fields: z.array(field).meta({ description: "What a column can be." }),
    suggested: z.record(z.string(), z.string()).meta({ description: "Field to header." }),
  })
  .meta({
    id: "ImportPreview",
    examples: [
      {
        delimiter: ",",
        headers: ["SKU", "Title", "Price", "Qty"],
        data: [["LAMP-1", "a lamp", "19.99", "100"]],
        fields: [
          {
            name: "sku",
            title: "SKU",
            required: true,
            insteadOf: null,
            says: "The merchant's own name for it.",
          },
        ],
        suggested: columnsExample,
      },
    ],
  });

export type PreviewView = z.output<typeof previewView>;

const nextAfter = count
  .nullable()
  .meta({ description: "`after` of the next page; null: no more." });

export const faultsView = z
  .object({
    data: z.array(
      z.object({
        row: count.meta({ description: "The header is row 1; empty lines do not count." }),
        line: count.meta({ description: "In the file, as an editor counts." }),
        faults: z.array(
          z.object({
            column: z.string().nullable(),
            code: z.string(),
            detail: z.string(),
          }),
        ),
        cells: z.array(z.string()).meta({ description: "As they stand in the file." }),
      }),
    ),
    headers: z.array(z.string()),
    nextAfter,
  })
  .meta({
    id: "ImportFaults",
    examples: [
      {
        data: [
          {
            row: 17,
            line: 17,
            faults: [{ column: "Qty", code: "INVALID_VALUE", detail: "must be at least 0" }],
            cells: ["LAMP-9", "a lamp", "19.99", "-1"],
          },
        ],
        headers: ["SKU", "Title", "Price", "Qty"],
        nextAfter: null,
      },
    ],
  });

export type FaultsView = z.output<typeof faultsView>;

export const rowsView = z
  .object({
    data: z.array(
      z.object({
        row: count,
        id: id.meta({ description: "Of the item or mandate that the row became." }),
        undo: z.enum(["undone", "kept"]).nullable(),
      }),
    ),
    nextAfter,
  })
  .meta({
    id: "ImportRows",
    examples: [{ data: [{ row: 2, id: merchantId, undo: null }], nextAfter: null }],
  });

export type RowsView = z.output<typeof rowsView>;
