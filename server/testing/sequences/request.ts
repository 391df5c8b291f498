import type { World } from "./world.ts";

export type Fields = Readonly<Record<string, unknown>>;

export const askVerbs = ["commit", "hold", "capture", "extend", "release", "refund"] as const;
export const itemVerbs = ["close", "open", "price", "adjust", "reshard"] as const;
export const mandateVerbs = ["pause", "activate", "revoke", "cap", "rules"] as const;
export const newVerbs = ["newMerchant", "newItem", "newMandate"] as const;
export const readVerbs = ["readMerchant", "readItem", "readMandate", "readAsk"] as const;
export const listVerbs = ["listMerchants", "listItems", "listMandates", "listAsks"] as const;

export type Verb =
  | (typeof askVerbs)[number]
  | (typeof itemVerbs)[number]
  | (typeof mandateVerbs)[number]
  | (typeof newVerbs)[number]
  | (typeof readVerbs)[number]
  | (typeof listVerbs)[number]
  | "quote"
  | "many"
  | "lookUp";

/** Whose key a request is sent with. */
export type Who = "owner" | "reader" | "stranger" | "nobody" | "garbled" | "unknown" | "revoked";

/** What may be wrong with a request, whatever it asks for; the first that is wrong is told. */
export type Spoil =
  | "none"
  | "query"
  | "badKey"
  | "noKey"
  | "empty"
  | "text"
  | "cut"
  | "array"
  | "twice"
  | "extra"
  | "missing"
  | "type"
  | "float";

export interface Asked {
  readonly does: Verb;
  readonly who: Who;
  readonly spoil: Spoil;
  /** The id in the path. */
  readonly id?: string;
  readonly query?: Fields;
  readonly body?: Fields;
  readonly key?: string;
  /** The asks of a list. */
  readonly asks?: readonly Asked[];
}

export interface Reply {
  readonly status: number;
  readonly text: string;
  readonly body: Fields;
  readonly replayed: string | null;
}

/** What must be answered, and what is so once it was. */
export interface Prediction {
  readonly status: number;
  readonly body: unknown;
  readonly replayed?: boolean;
  readonly learn?: (reply: Reply) => void;
}

const paths: Readonly<Record<Verb, string>> = {
  commit: "/purchases/commit",
  many: "/purchases/commit-many",
  quote: "/purchases/quote",
  hold: "/holds",
  capture: "/holds/:id/capture",
  extend: "/holds/:id/extend",
  release: "/holds/:id/release",
  refund: "/purchases/:id/refunds",
  newMerchant: "/merchants",
  newItem: "/items",
  newMandate: "/mandates",
  readMerchant: "/merchants/:id",
  readItem: "/items/:id",
  readMandate: "/mandates/:id",
  readAsk: "/purchases/:id",
  lookUp: "/purchases",
  listMerchants: "/merchants",
  listItems: "/items",
  listMandates: "/mandates",
  listAsks: "/purchases",
  ...verbsOf(itemVerbs, "/items/:id/"),
  ...verbsOf(mandateVerbs, "/mandates/:id/"),
};

function verbsOf<V extends Verb>(verbs: readonly V[], path: string): Record<V, string> {
  return Object.fromEntries(verbs.map((verb) => [verb, path + verb])) as Record<V, string>;
}

export const isRead = (verb: Verb): boolean => /^(read|list|lookUp)/.test(verb);
export const isOneOf = (verbs: readonly string[], verb: string): boolean => verbs.includes(verb);

/** The first field with a number in it. */
const numberIn = (body: Fields): string | undefined =>
  Object.keys(body).find((name) => typeof body[name] === "number");

/** The field that a spoilt body is wrong in; undefined where this cannot be done to it. */
export function spoiltField(spoil: Spoil, body: Fields): string | undefined {
  if (spoil === "extra") return "extra";
  if (spoil === "float") return numberIn(body);
  if (spoil === "missing" || spoil === "type" || spoil === "twice") return Object.keys(body)[0];
  return undefined;
}

/** The body as it is written, wrong where it is to be wrong. */
export function textOf({ body = {}, spoil }: Asked): string {
  const field = spoiltField(spoil, body);
  const text = JSON.stringify(body);
  if (spoil === "cut") return text.slice(0, -1);
  if (spoil === "array") return "[]";
  if (field === undefined) return text;
  if (spoil === "twice") return text.replace("{", `{${JSON.stringify(field)}:0,`);
  const wrong = { extra: "x", float: 1.5, type: [] as unknown, missing: undefined };
  return JSON.stringify({ ...body, [field]: wrong[spoil as keyof typeof wrong] });
}

/** As fetch wants it. */
export function written(asked: Asked, apiKey: string | undefined): [path: string, RequestInit] {
  const { does, id = "", query = {}, spoil, key } = asked;
  const search = new URLSearchParams(query as Record<string, string>);
  if (spoil === "query") search.set("debug", "1");
  const path = `/v1${paths[does].replace(":id", id)}${search.size > 0 ? `?${search.toString()}` : ""}`;
  const headers: Record<string, string> = {};
  if (apiKey !== undefined) headers["Authorization"] = `Bearer ${apiKey}`;
  if (isRead(does)) return [path, { headers }];
  headers["Content-Type"] = spoil === "text" ? "text/plain" : "application/json";
  if (spoil === "badKey") headers["Idempotency-Key"] = "two words";
  else if (key !== undefined && spoil !== "noKey") headers["Idempotency-Key"] = key;
  const body = spoil === "empty" ? {} : { body: textOf(asked) };
  return [path, { method: "POST", headers, ...body }];
}

export type Rule = (world: World, asked: Asked, alone: boolean) => Prediction;
