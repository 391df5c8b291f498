import { ofBound } from "../http/openapi-problems.ts";
import type { About } from "../http/route.ts";
import { nothing } from "../http/shapes.ts";
import * as wire from "./wire.ts";

const problems = [...ofBound, "UNKNOWN_IMPORT"] as const;

export const aboutCreate: About = {
  summary: "Create an import",
  says: "A place for a file: upload it, check it, start it. 5 may be open at a time.",
  body: wire.importBody,
  key: "required",
  answers: { 201: wire.importView },
  problems: [...ofBound, "TOO_MANY_IMPORTS"],
};

export const aboutList: About = {
  summary: "List imports",
  says: "Those of the last 30 days.",
  query: wire.listQuery,
  answers: { 200: wire.importList },
  problems: ofBound,
};

export const aboutShow: About = {
  summary: "Get an import",
  says: "With how far it has come.",
  answers: { 200: wire.importView },
  problems,
};

export const aboutUpload: About = {
  summary: "Upload a part of an import",
  says:
    "The next bytes of the file, 2,097,152 at most in one request and 67,108,864 in all. " +
    "The same bytes may be sent to the same place again.",
  file: {
    mediaType: "text/csv",
    says: "RFC 4180 in UTF-8, cut anywhere; the first row names the columns.",
    example: "SKU,Title,Price,Qty\r\nLAMP-1,a lamp,19.99,100\r\n",
  },
  query: wire.uploadQuery,
  answers: { 200: wire.importView },
  problems: [...problems, "IMPORT_NOT_READY", "UPLOAD_OUT_OF_PLACE"],
};

export const aboutPreview: About = {
  summary: "Preview an import",
  says: "How the file begins, and what its columns look like.",
  answers: { 200: wire.previewView },
  problems: [...problems, "IMPORT_NOT_READY", "FILE_NOT_READABLE"],
};

export const aboutCheck: About = {
  summary: "Check an import",
  says:
    "The dry run: a worker holds every row against the rules of POST /v1/items or /v1/mandates, and " +
    "makes nothing. An import that was checked can be checked again, with another mapping.",
  body: wire.checkBody,
  answers: { 200: wire.importView },
  problems: [...problems, "IMPORT_NOT_READY", "FILE_NOT_READABLE", "VALIDATION_FAILED"],
};

export const aboutStart: About = {
  summary: "Start an import",
  says: "A worker makes every good row, each once, whatever happens to the worker.",
  body: wire.startBody,
  answers: { 200: wire.importView },
  problems: [...problems, "IMPORT_NOT_READY", "IMPORT_HAS_BAD_ROWS"],
};

export const aboutCancel: About = {
  summary: "Cancel an import",
  says: "What was made by then stays, and can be undone for 24 hours.",
  body: nothing,
  answers: { 200: wire.importView },
  problems: [...problems, "IMPORT_NOT_READY"],
};

export const aboutUndo: About = {
  summary: "Undo an import",
  says:
    "Within 24 hours of its end. Items that nobody has bought, held or changed are closed, their stock is " +
    "taken out and their SKUs are free again; mandates that nobody has used or changed are revoked. " +
    "Everything else stays as it is, and is listed as `kept`.",
  body: nothing,
  answers: { 200: wire.importView },
  problems: [...problems, "IMPORT_NOT_READY"],
};

export const aboutFaults: About = {
  summary: "List bad rows of an import",
  says:
    "What its check found; once it was started, what it left out. `format=csv` answers with all of them " +
    "as a file, a line for each fault, with the row's own cells.",
  query: wire.faultsQuery,
  answers: { 200: wire.faultsView },
  csv: true,
  problems,
};

export const aboutRows: About = {
  summary: "List rows of an import",
  says: "What each good row became, and what undoing did with it. `format=csv` answers with all.",
  query: wire.rowsQuery,
  answers: { 200: wire.rowsView },
  csv: true,
  problems,
};
