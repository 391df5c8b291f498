import { row, type ProblemKind } from "./problem-kind.ts";

/** Who calls is not known, or may not do this. */
export const problemsOfCallers = {
  AUTHENTICATION_REQUIRED: row(
    401,
    "Nobody says who calls",
    "Send the header Authorization: Bearer followed by an API key; in a browser, sign in.",
  ),
  INVALID_API_KEY: row(
    401,
    "Not a valid API key",
    "Check that the whole key is sent, as it was shown when it was made, and to the server that made it.",
  ),
  API_KEY_REVOKED: row(
    401,
    "This API key was revoked",
    "Take the key that replaced it, or have a new one made. What was bought with it stays on record.",
  ),
  API_KEY_EXPIRED: row(
    401,
    "This API key has expired",
    "Take the key that replaced it, or have a new one made.",
  ),
  SESSION_OVER: row(
    401,
    "The session is over",
    "Sign in again: it has expired, was ended, or its person was removed.",
  ),
  WRONG_CREDENTIALS: row(
    401,
    "Email or password is wrong",
    "Try again, or ask an owner of your organisation for a link to set a new password.",
  ),
  FORBIDDEN: row(403, "Not yours", "Use a key of the tenant that owns what the request names."),
  ORGANISATION_SUSPENDED: row(
    403,
    "The organisation is suspended",
    "Ask whoever runs this server. Sending it again does not help until it is reopened; what is on record is kept.",
  ),
  INSUFFICIENT_SCOPE: row(
    403,
    "The key or the role lacks a scope",
    "Use a key, or ask for a role, with the scope that the detail and the header WWW-Authenticate name.",
  ),
  KEY_NOT_FOR_AGENT: row(
    403,
    "The key is bound to other agents",
    "Name an agent in the body that the key is bound to, or use that agent's own key.",
  ),
  KEY_NOT_FOR_MANDATE: row(
    403,
    "The key is bound to other mandates",
    "Name a mandate that the key is bound to, or use a key that may spend from this one.",
  ),
  CROSS_SITE_REQUEST: row(
    403,
    "The request comes from another site",
    "A session changes things from this server's own pages only. Programs use an API key instead.",
  ),
  SIGN_UP_CLOSED: row(
    403,
    "Sign-up is by invitation",
    "Ask an owner of the organisation, or whoever runs this server, for an invitation link.",
  ),
} satisfies Record<string, ProblemKind>;
