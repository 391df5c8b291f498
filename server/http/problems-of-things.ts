import { row, type ProblemKind } from "./problem-kind.ts";

/** What is asked for is not there, or is not in a state in which this can be done to it. */
export const problemsOfThings = {
  UNKNOWN_MERCHANT: row(404, "Unknown merchant", "Check merchantId: no such merchant exists."),
  UNKNOWN_ITEM: row(
    404,
    "Unknown item",
    "Check itemId: this merchant has no such item on its list.",
  ),
  UNKNOWN_MANDATE: row(404, "Unknown mandate", "Check mandateId: no such mandate exists."),
  UNKNOWN_PURCHASE: row(404, "Unknown purchase", "Check the purchase's id."),
  UNKNOWN_KEY: row(
    404,
    "Unknown API key",
    "Check the key's id: the 22 characters after zr_live_ or zr_test_, and never the secret.",
  ),
  UNKNOWN_WEBHOOK: row(
    404,
    "There is no such webhook",
    "Check the id: GET /v1/webhooks lists those that there are.",
  ),
  UNKNOWN_DELIVERY: row(
    404,
    "There is no such delivery",
    "Check the id: GET /v1/webhooks/{id}/deliveries lists those of the last 30 days.",
  ),
  UNKNOWN_REDELIVERY: row(
    404,
    "There is no such redelivery",
    "Check the id: GET /v1/webhooks/{id}/redeliveries lists those of the last 30 days.",
  ),
  TOO_MANY_WEBHOOKS: row(
    409,
    "There are as many webhooks as a tenant may have",
    "Delete one that is no longer used; one endpoint may hear all kinds of events.",
  ),
  WEBHOOK_DISABLED: row(
    409,
    "The webhook is disabled",
    "Enable it first: POST /v1/webhooks/{id}/enable.",
  ),
  UNKNOWN_IMPORT: row(
    404,
    "Unknown import",
    "Check the id: GET /v1/imports lists those of the last 30 days.",
  ),
  TOO_MANY_IMPORTS: row(
    409,
    "There are as many imports under way as a tenant may have",
    "Finish one of them, or cancel it: 5 may be open at a time.",
  ),
  IMPORT_NOT_READY: row(
    409,
    "The import is not in a state in which this can be done",
    "Read the import's `state`: upload, check, start; only what came to its end is undone, within 24 hours.",
  ),
  IMPORT_HAS_BAD_ROWS: row(
    409,
    "The check found bad rows",
    "Correct them and upload the file as a new import, or start with skipBadRows: true.",
  ),
  UPLOAD_OUT_OF_PLACE: row(
    409,
    "These bytes do not follow those that are here",
    "Read `bytes` of the import and send what comes behind them: `at` is the place of the first byte.",
  ),
  FILE_NOT_READABLE: row(
    422,
    "The file is not a CSV that can be read",
    "Save it as CSV in UTF-8, with one header row that names each column once, and upload it as a new import.",
  ),
  LINK_NOT_VALID: row(
    404,
    "The link is not valid",
    "It was used, has expired, or was replaced by a newer one: ask for another.",
  ),
  UNKNOWN_AGENT: row(
    404,
    "There is no such agent",
    "An agent's name has 1 to 255 characters on one line, in the path with percent signs where need be.",
  ),
  UNKNOWN_ENTRY: row(
    404,
    "There is no such entry",
    "Check its number: the log's entries have 1, 2, 3 and so on, without a gap.",
  ),
  UNKNOWN_REQUEST: row(
    404,
    "The log has no such request",
    "Check the id: it is that of the header Request-Id. The log keeps a tenant's last 10,000 requests of seven days, a second late, and a sample where there were many at once.",
  ),
  UNKNOWN_RUN: row(404, "Unknown run", "Check the run's id."),
  UNKNOWN_ORGANISATION: row(404, "Unknown organisation", "Check the organisation's id."),
  UNKNOWN_PERSON: row(404, "Unknown person", "Check the person's id."),
  UNKNOWN_INVITATION: row(
    404,
    "Unknown invitation",
    "Check the invitation's id: one that was used or replaced is gone.",
  ),
  UNKNOWN_SESSION: row(404, "Unknown session", "Check the session's id: it may have ended."),
  NOT_KNOWN_YET: row(
    404,
    "Nothing is known under this key yet",
    "This does not say that nothing happened: a request may still be on its way. Send the same ask with the same key to find out.",
    { retryable: true },
  ),
  KEY_REUSED: row(
    409,
    "The key was used for another request",
    "One idempotency key stands for one purchase or one change. Send the first request unchanged, or take a new key for this one.",
  ),
  SKU_TAKEN: row(
    409,
    "The merchant has this SKU already",
    "Take another sku, or change the item that has it.",
  ),
  NOT_ENOUGH_STOCK: row(
    409,
    "There are not that many units to take away",
    "Take away what is free at most: units that are held or sold stay.",
  ),
  CAP_BELOW_SPENT: row(
    409,
    "The cap is less than what is spent",
    "Set a cap of at least what the mandate has spent.",
  ),
  MANDATE_REVOKED: row(
    409,
    "The mandate is revoked",
    "A revoked mandate stays revoked: create a new one.",
  ),
  API_KEY_ENDED: row(
    409,
    "The API key is over",
    "A key that is revoked, expired or rolled is not rolled again: roll the one that came after it, or create one.",
  ),
  EMAIL_TAKEN: row(
    409,
    "The address has an account",
    "Sign in with it, or take another address: an account belongs to one organisation.",
  ),
  ALREADY_CLAIMED: row(
    409,
    "This instance is claimed",
    "Sign in. Whoever runs the server can make a new link: zerorace claim-link --again.",
  ),
  OWN_ORGANISATION: row(
    409,
    "This is your own organisation",
    "Suspend another one: whoever suspends must be able to reopen.",
  ),
  LAST_OWNER: row(
    409,
    "Somebody has to be the owner",
    "Make another person owner first: the last one stays.",
  ),
} satisfies Record<string, ProblemKind>;
