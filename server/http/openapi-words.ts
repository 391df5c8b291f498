import { scopes, scopesOfPeople, type Scope } from "../auth/scopes.ts";

/** What the OpenAPI document says that is in no route. */

export const info = {
  title: "ZeroRace",
  summary: "A checkout that software can hammer.",
  description:
    "One idempotent transaction claims stock, debits a spend mandate, writes a balanced ledger and an " +
    "event: all or nothing. Money is counted in minor units (cents), in whole numbers up to " +
    "9007199254740991, which JSON carries exactly. A decline is an answer: 200, stored and replayed. " +
    "Every error is a problem document (RFC 9457) whose `code` a program decides by, and whose `type` " +
    "is the path of a page about it. A path that does not exist is answered 404 `NOT_FOUND`, another " +
    "method 405 `METHOD_NOT_ALLOWED` with `Allow`.",
  version: "1",
};

interface Scheme {
  readonly name: string;
  /** What may be shown with it, among what routes need. */
  readonly scopes: readonly Scope[];
  readonly definition: Readonly<Record<string, string>>;
}

/** A way to say who calls: a row here. */
export const schemes: readonly Scheme[] = [
  {
    name: "apiKey",
    scopes,
    definition: {
      type: "http",
      scheme: "bearer",
      bearerFormat: "zr_live_… or zr_test_…",
      description: "An API key of the tenant, with the scope that the operation names.",
    },
  },
  {
    name: "session",
    scopes: [...scopes, ...scopesOfPeople],
    definition: {
      type: "apiKey",
      in: "cookie",
      name: "__Host-zerorace-session",
      description:
        "The cookie of somebody who has signed in, whose role has the scope; `zerorace-session` on a " +
        "loopback address. The header `ZeroRace-Tenant` names one of the organisation's two tenants; " +
        "without it the test tenant is meant.",
    },
  },
];

const noun = (name: string, description: string) => ({ name, description });

/** In the order in which the reference shows them. */
export const tags = [
  noun("sandbox", "A shop to try it with: no key, books of its own, the same kernel."),
  noun("purchases", "Commit, look up, quote, refund."),
  noun("holds", "Keep units and money for a while; then capture or release them."),
  noun("merchants", "Who sells."),
  noun("items", "What is sold: price and stock."),
  noun("mandates", "Whose money may be spent, by whom, on what, and how much."),
  noun("agents", "Who buys: what they asked, what was refused, and a block."),
  noun("imports", "Files of items or mandates: checked, made into things, undone."),
  noun("ledger", "The double-entry books."),
  noun("tenant", "Whose key it is, as a whole."),
  noun("usage", "What a tenant used, by day."),
  noun("runs", "Swarms of agents in a world of their own, watched while they buy, and proven."),
  noun("stream", "What changes, as it changes."),
  noun("webhooks", "Who is told what happened, signed and for days."),
  noun("requests", "The last requests of a tenant."),
  noun("keys", "API keys of a tenant."),
  noun("audit", "Who changed what."),
  noun("session", "Claiming an instance, signing up, in and out."),
  noun("people", "Who signs in, and as what: members, invitations, recoveries."),
  noun("instance", "What concerns the whole server: for its operator."),
  noun("server", "Probes."),
  noun("reference", "What you are reading."),
];

/** Where a path begins otherwise than the noun it belongs to. */
export const tagOfSegment: Readonly<Record<string, string>> = {
  entrance: "session",
  claim: "session",
  links: "session",
  "sign-up": "session",
  sessions: "session",
  invitations: "people",
  recoveries: "people",
  roles: "people",
  organisation: "people",
  "webhook-events": "webhooks",
  "webhook-deliveries": "webhooks",
  "webhook-redeliveries": "webhooks",
};

const text = (description: string, example: string) => ({
  description,
  schema: { type: "string" },
  example,
});

export const headers = {
  "Request-Id": {
    description: "Names this request in the logs; every answer has one.",
    schema: { type: "string", format: "uuid" },
  },
  "Idempotent-Replayed": {
    description: "Whether this was done before, under the same key.",
    schema: { type: "string", enum: ["true", "false"] },
  },
  "RateLimit-Policy": text(
    "The limits that count here: their quota `q` and window `w`.",
    '"key";q=5000;w=1',
  ),
  RateLimit: text(
    "What is left `r` of the tightest limit, and in how many seconds `t` all of it is back.",
    '"key";r=4999;t=1',
  ),
  "Retry-After": {
    description: "Seconds to wait before the same request is sent again.",
    schema: { type: "integer", minimum: 1 },
  },
  "WWW-Authenticate": text("What would be accepted (RFC 6750).", 'Bearer realm="zerorace"'),
};
