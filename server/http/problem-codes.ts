import { row, type ProblemKind } from "./problem-kind.ts";
import { problemsOfCallers } from "./problems-of-callers.ts";
import { problemsOfThings } from "./problems-of-things.ts";

/**
 * Every way in which this API says no, in one table: the code, its status and title, and what the
 * caller can do. The page of a code is made from its row.
 */
export const problemKinds = {
  MALFORMED_REQUEST: row(
    400,
    "The request is not valid HTTP",
    "Check the request line and the headers with your HTTP library: one Host, one length, no control characters.",
  ),
  DUPLICATE_HEADER: row(
    400,
    "A header stands twice",
    "Send each of Authorization, Idempotency-Key, Content-Type and Host once: two of them cannot both be meant.",
  ),
  EMPTY_BODY: row(400, "The body is empty", "Send a JSON object; {} where nothing has to be said."),
  MALFORMED_BODY: row(
    400,
    "The body is not JSON",
    "Send one JSON object in UTF-8 without a byte order mark, comments or trailing commas.",
  ),
  DUPLICATE_KEY: row(
    400,
    "A key stands twice in an object",
    "Name each property once: readers disagree about which of two values counts.",
  ),
  IDEMPOTENCY_KEY_MISSING: row(
    400,
    "The idempotency key is missing",
    "Send an Idempotency-Key header that is unique for this request, and the same one when you send it again.",
  ),
  IDEMPOTENCY_KEY_INVALID: row(
    400,
    "The idempotency key is not valid",
    "Use 1 to 255 visible ASCII characters without spaces, a UUID for example.",
  ),
  CREDENTIALS_IN_URL: row(
    400,
    "A key stands in the URL",
    "Revoke that key, because logs and histories keep URLs, and send the new one in the Authorization header.",
  ),
  ...problemsOfCallers,
  NOT_FOUND: row(
    404,
    "There is nothing here",
    "Check the path against the reference, at /reference.",
  ),
  METHOD_NOT_ALLOWED: row(
    405,
    "This path has no such method",
    "Use one of the methods in the Allow header.",
  ),
  REQUEST_TIMEOUT: row(
    408,
    "The request came too slowly",
    "Send the headers within 4 seconds and the whole request within 10.",
    { retryable: true },
  ),
  ...problemsOfThings,
  BODY_TOO_LARGE: row(
    413,
    "The body is too large",
    "Send at most 65,536 bytes, 524,288 where a list of asks is taken, 2,097,152 of a file at a time; packed or not, it is what they unpack to that counts.",
  ),
  UNSUPPORTED_MEDIA_TYPE: row(
    415,
    "The body is not sent as JSON",
    "Send Content-Type: application/json, in UTF-8, as it is or with Content-Encoding: gzip; a piece of a file as text/csv.",
  ),
  EXPECTATION_FAILED: row(
    417,
    "Unknown expectation",
    "Send no Expect header, or Expect: 100-continue.",
  ),
  VALIDATION_FAILED: row(
    422,
    "Some values are not valid",
    "Correct what the errors point to: all of them are listed.",
  ),
  TOO_DEEP: row(422, "The JSON is nested too deeply", "Nest objects and arrays 32 deep at most."),
  TOO_MANY_ITEMS: row(
    422,
    "An array or object is too long",
    "Send at most 1,000 elements in an array and 200 properties in an object.",
  ),
  NUMBER_NOT_EXACT: row(
    422,
    "A number is not an exact integer",
    "Send whole numbers from -9007199254740991 to 9007199254740991: money is counted in minor units.",
  ),
  INVALID_CHARACTER: row(
    422,
    "A string holds a character that cannot be stored",
    "Remove NUL characters and halves of surrogate pairs.",
  ),
  API_KEY_IN_BODY: row(
    422,
    "An API key or a token stands where it would be kept",
    "Revoke that key, or end that session or link. A key belongs in the Authorization header only: what a body says is kept for years.",
  ),
  UNKNOWN_PROPERTY: row(
    422,
    "A property is not known",
    "Send only the properties that the reference lists: a misspelt one would otherwise be ignored.",
  ),
  UNKNOWN_PARAMETER: row(
    422,
    "The query is not as the reference has it",
    "Send each query parameter that the reference lists at most once, and no other.",
  ),
  BAD_CURSOR: row(
    422,
    "The cursor is not one of ours",
    "Send nextCursor of the page before as it is, or no cursor for the first page.",
  ),
  AMOUNT_MISMATCH: row(
    422,
    "The amount is not the price",
    "Read the item's price again and ask for exactly price times quantity; the key is not used up.",
  ),
  CURRENCY_MISMATCH: row(
    422,
    "The currency is not the item's",
    "Ask in the currency of the item; the key is not used up.",
  ),
  INVALID_ASK: row(422, "The ask is not valid", "Correct what the detail says."),
  RATE_LIMITED: row(
    429,
    "Too many requests",
    "Wait for the seconds in the Retry-After header; the same key is safe.",
    { retryable: true },
  ),
  TOO_MANY_STREAMS: row(
    429,
    "Too many event streams are open",
    "Close one, or ask for more topics in one stream: a browser needs one for all its tabs.",
    { retryable: true },
  ),
  TOO_MANY_RUNS: row(
    429,
    "Too many runs are waiting",
    "Wait for one of them to end, or stop one: they are done one after the other.",
    { retryable: true },
  ),
  HOST_NOT_ALLOWED: row(
    421,
    "This server does not go by that name",
    "Call it by a name in ZERORACE_ALLOWED_HOSTS, or add the one in your Host header to that list. On a loopback address only loopback names are taken without it.",
  ),
  HEADERS_TOO_LARGE: row(
    431,
    "The headers are too large",
    "Send at most 16 KB of headers and at most 1,000 of them.",
  ),
  INTERNAL_ERROR: row(
    500,
    "Something is broken on our side",
    "Tell whoever runs this server the requestId. The same ask with the same key is safe to send again.",
    { inDoubt: true },
  ),
  RETRY_EXHAUSTED: row(
    503,
    "Too many conflicting requests",
    "Nothing was recorded. Send the same ask with the same key after the seconds in Retry-After.",
    { retryable: true },
  ),
  OVERLOADED: row(
    503,
    "Too many requests are waiting",
    "Nothing was recorded. Send the same ask with the same key after the seconds in Retry-After.",
    { retryable: true },
  ),
  BUSY: row(
    503,
    "Another change of it is going through",
    "Nothing was changed. Send the same request after the seconds in Retry-After.",
    { retryable: true },
  ),
  TAKES_TOO_LONG: row(
    503,
    "Too much to read in one answer",
    "Narrow what you ask for, or ask again when the server has less to do. Nothing was changed.",
    { retryable: true },
  ),
  SUM_TOO_LARGE: row(
    409,
    "A sum is larger than a JSON number can be exactly",
    "GET /v1/tenant/summary and GET /v1/merchants/{id}/summary tell their sums as text.",
  ),
  OUTCOME_UNKNOWN: row(
    503,
    "The outcome is not known",
    "It may be recorded: send the same ask and key again, until an answer comes.",
    { retryable: true, inDoubt: true },
  ),
  LIMITER_AWAY: row(
    503,
    "The rate limiter is away",
    "Purchases go on. Signing in and new keys wait until the limiter is back: nothing was changed, send the same request after the seconds in Retry-After.",
    { retryable: true },
  ),
  SANDBOX_FULL: row(
    503,
    "The sandbox is full",
    "It keeps no more asks. Whoever runs this server opens a fresh one with `zerorace sandbox reset`; what was answered before is still answered under its key.",
  ),
  NOT_READY: row(
    503,
    "This server cannot take purchases now",
    "Ask another instance, or this one again in a moment.",
    { retryable: true },
  ),
} satisfies Record<string, ProblemKind>;

export type ProblemCode = keyof typeof problemKinds;

export function isProblemCode(text: string): text is ProblemCode {
  return Object.hasOwn(problemKinds, text);
}
