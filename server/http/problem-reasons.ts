import type { ProblemCode } from "./problem-codes.ts";

/** Why a request was refused: the sentence that stands on the page of its code before what to do. */
export const problemReasons: Readonly<Record<ProblemCode, string>> = {
  MALFORMED_REQUEST:
    "What came in cannot be read as one HTTP request. To guess what was meant would let two programs on the way read it differently.",
  DUPLICATE_HEADER:
    "A header that may be there once came twice, with values that may differ. A proxy may have added its own.",
  EMPTY_BODY: "This call takes a JSON object, and no byte of a body came.",
  MALFORMED_BODY:
    "The body is not one JSON document. Most often a quote of the shell was lost, or a form was sent in place of JSON.",
  DUPLICATE_KEY:
    "An object names a property twice. One reader takes the first value and another the last, so none is taken.",
  IDEMPOTENCY_KEY_MISSING:
    "This call moves stock or money. Without a key of yours a request that is sent twice could not be told from two requests.",
  IDEMPOTENCY_KEY_INVALID:
    "The key is empty, too long, or has characters that a proxy may change on the way.",
  CREDENTIALS_IN_URL:
    "An API key or a token stands in the address. Logs, histories and proxies keep addresses, so others can read it there.",
  AUTHENTICATION_REQUIRED:
    "The call needs to know who you are, and there is neither an API key nor a session in it.",
  INVALID_API_KEY:
    "The key does not exist on this server, or was cut or mistyped: its last characters are a checksum.",
  API_KEY_REVOKED:
    "Somebody ended this key, for example because it was seen where it should not be.",
  API_KEY_EXPIRED:
    "The key had an end, and that is over. A key that was rolled ends when the overlap is over.",
  SESSION_OVER:
    "You were signed in, and are no longer: the time was over, somebody signed out everywhere, or the account was removed.",
  WRONG_CREDENTIALS:
    "No account has this email with this password. Which of the two is wrong is not told, so that nobody can find out who has an account.",
  FORBIDDEN:
    "What the request names belongs to another tenant: another organisation, or the other one of your test and live data.",
  ORGANISATION_SUSPENDED:
    "The operator of this instance has closed the organisation for now. The detail has the reason that was given.",
  INSUFFICIENT_SCOPE:
    "Keys and roles may do what their scopes say, and the one that this call needs is not among them.",
  KEY_NOT_FOR_AGENT: "The key may speak for certain agents only, and the body names another one.",
  KEY_NOT_FOR_MANDATE:
    "The key may spend from certain mandates only, and the body names another one.",
  CROSS_SITE_REQUEST:
    "The browser says that a page of another site sent this. Such a page must not act with your session.",
  SIGN_UP_CLOSED: "This server takes new people by invitation only.",
  NOT_FOUND:
    "Nothing is at this path. It may be mistyped, or be of another version of this server.",
  METHOD_NOT_ALLOWED:
    "There is something at this path, and it does not do what the method asks for.",
  REQUEST_TIMEOUT:
    "The request did not come in whole in time. Who holds a connection open without sending holds up others.",
  UNKNOWN_MERCHANT: "No merchant of any tenant has this id.",
  UNKNOWN_ITEM: "The merchant that the request names does not sell an item with this id.",
  UNKNOWN_MANDATE: "No mandate of any tenant has this id.",
  UNKNOWN_PURCHASE: "No purchase or hold has this id.",
  UNKNOWN_AGENT: "No ask of this tenant has named such an agent, and nobody blocked that name.",
  UNKNOWN_KEY: "No API key has this id.",
  UNKNOWN_WEBHOOK: "There is no webhook with this id, or it was deleted.",
  UNKNOWN_ENTRY: "The audit log has no entry of this number yet.",
  UNKNOWN_IMPORT: "There is no import with this id, or it is older than what is kept.",
  TOO_MANY_IMPORTS:
    "Files of imports under way are kept in the database, so their number is bounded.",
  IMPORT_NOT_READY:
    "An import goes one way: its file, its check, its start, its end, and within a day its undoing.",
  IMPORT_HAS_BAD_ROWS:
    "An import that would leave rows out begins only when that is said to be meant.",
  UPLOAD_OUT_OF_PLACE:
    "A file is put together of its parts in their order; other bytes at a place would make another file.",
  FILE_NOT_READABLE:
    "Where cells and rows begin, or what their letters are, cannot be told for sure.",
  UNKNOWN_DELIVERY: "There is no delivery with this id, or it is older than what is kept.",
  TOO_MANY_WEBHOOKS:
    "Each event is sent to each webhook that hears it, so their number is bounded.",
  WEBHOOK_DISABLED: "A disabled webhook is sent nothing, whoever asks.",
  LINK_NOT_VALID:
    "Links for claiming, joining and recovering work once, for some time, and only the newest one does.",
  UNKNOWN_REQUEST:
    "The log of requests has none with this id: it is too old, was not sampled, or was of another tenant.",
  UNKNOWN_REDELIVERY: "No redelivery has this id.",
  UNKNOWN_RUN: "No run of any tenant has this id.",
  UNKNOWN_ORGANISATION: "No organisation of this instance has this id.",
  UNKNOWN_PERSON: "Nobody in your organisation has this id.",
  UNKNOWN_INVITATION: "There is no open invitation with this id.",
  UNKNOWN_SESSION: "You have no open session with this id.",
  NOT_KNOWN_YET:
    "The books have no answer under this key. A request that carries it may still be under way.",
  KEY_REUSED:
    "This key has an answer already, and that was to another request. Two different purchases under one key cannot both be it.",
  SKU_TAKEN: "A merchant's SKUs are unique, so that a SKU names one item.",
  NOT_ENOUGH_STOCK: "What would be taken away is more than is free.",
  CAP_BELOW_SPENT: "The mandate has spent more than the new cap would allow.",
  MANDATE_REVOKED:
    "Who gave the mandate took it back. That is final, so that nobody can undo it quietly.",
  API_KEY_ENDED: "The key is over already: there is nothing left to roll.",
  EMAIL_TAKEN: "An account with this email exists.",
  ALREADY_CLAIMED: "Somebody has made themselves the operator of this instance. That happens once.",
  OWN_ORGANISATION: "The organisation of the instance operator would shut out who could reopen it.",
  LAST_OWNER: "An organisation without an owner could not be managed by anybody.",
  BODY_TOO_LARGE: "The body is larger than this call takes.",
  UNSUPPORTED_MEDIA_TYPE:
    "The header Content-Type does not say JSON. A page of another site can send forms and plain text without asking; JSON it cannot.",
  EXPECTATION_FAILED: "The Expect header asks for something that this server does not know.",
  VALIDATION_FAILED: "At least one value has the wrong type, is out of its bounds or is missing.",
  TOO_DEEP: "The JSON is nested deeper than any request of this API is.",
  TOO_MANY_ITEMS: "An array or an object has more members than any request of this API needs.",
  NUMBER_NOT_EXACT:
    "The number has a fraction, or is so large that programs round it. Money must not be rounded on the way.",
  INVALID_CHARACTER:
    "The database cannot keep this character as it is, and it must not be changed.",
  API_KEY_IN_BODY: "A body is stored and shown to others. A secret in it would be kept for years.",
  UNKNOWN_PROPERTY:
    "The body has a property that this call does not know. To ignore it might ignore what you meant.",
  UNKNOWN_PARAMETER:
    "The query has a parameter that this call does not know, or has it twice. A filter that is ignored would show too much.",
  BAD_CURSOR: "The cursor was changed, or belongs to another list.",
  AMOUNT_MISMATCH:
    "The amount that you agree to pay is not price times quantity. The price may have changed since you read it.",
  CURRENCY_MISMATCH: "The item has its price in another currency. Nothing is converted here.",
  INVALID_ASK: "The ask contradicts itself, or what it names does not go together.",
  RATE_LIMITED:
    "Your key, your tenant or your address sent more requests than its limit. The header RateLimit says which one.",
  TOO_MANY_STREAMS: "Each open stream takes memory of the server, so their number is bounded.",
  TOO_MANY_RUNS: "Runs are done one after the other, and enough of them are waiting.",
  HOST_NOT_ALLOWED:
    "The Host header is none of this server's names. A foreign page could make such a name point here and speak as you.",
  HEADERS_TOO_LARGE: "The headers have more bytes, or are more, than any honest client sends.",
  INTERNAL_ERROR:
    "This is a fault of ours, or a part of the machine is broken. It is in the log of the server under the request's id.",
  RETRY_EXHAUSTED:
    "Others changed the same stock or mandate at the same moment, again and again, until the time for your ask was over.",
  OVERLOADED: "More asks wait than the server can answer in time. So new ones are refused at once.",
  BUSY: "Another change of the same thing is under way.",
  TAKES_TOO_LONG: "The answer needs more reading than one request may do.",
  SUM_TOO_LARGE:
    "A sum is above 9007199254740991, and a JSON number of that size loses its last digits.",
  OUTCOME_UNKNOWN:
    "The connection to the database broke while the purchase was being recorded. It may stand or not, and to guess would be wrong half of the time.",
  LIMITER_AWAY:
    "Redis does not answer. Guesses at passwords could not be counted, so signing in and making keys waits.",
  SANDBOX_FULL: "Everybody shares the sandbox, and it keeps a bounded number of asks.",
  NOT_READY:
    "The server is starting, stopping, or cannot reach its database. It says so at /readyz, too.",
};
