import { textsIn, type Search } from "../../search.ts";

export const filterNames = [
  "status",
  "method",
  "code",
  "route",
  "keyId",
  "idempotencyKey",
  "replayed",
  "from",
  "to",
] as const;
export type FilterName = (typeof filterNames)[number];

/** `by`: key (when it is left out), person or all. */
export type RequestSearch = Search<FilterName | "by">;

export const readRequestSearch = textsIn(...filterNames, "by");
