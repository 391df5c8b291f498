import { z } from "zod";
import { rfc3339 } from "../http/cursor.ts";
import { pageQuery } from "../http/list.ts";
import { id, listOf, time } from "../http/shapes.ts";
import type { ShownRequest } from "./store.ts";

/** The query and answer of /v1/requests. */

const status = "must be a status from 100 to 599";
const word = (most: number) =>
  z
    .string()
    .regex(/^[!-~]+$/, "must be visible ASCII characters")
    .max(most, `must have ${most} characters at most`)
    .optional();

export const requestsQuery = pageQuery.extend({
  status: z
    .string(status)
    .regex(/^[1-5]\d\d$/, status)
    .transform(Number)
    .pipe(z.int())
    .optional(),
  code: word(100).meta({ description: "The code of the problem that was answered." }),
  route: word(200).meta({ description: "As the reference has it: `/v1/purchases/{id}`." }),
  keyId: word(100).meta({ description: "Requests with this API key." }),
  idempotencyKey: word(255),
});

export const requestView = z
  .object({
    requestId: id,
    createdAt: time,
    method: z.string(),
    route: z.string(),
    status: z
      .int()
      .nullable()
      .meta({ description: "Null: the client went away before its answer." }),
    code: z.string().nullable().meta({ description: "Of the problem; null when all went well." }),
    ms: z.int(),
    keyId: z.string().nullable(),
    personId: id.nullable(),
    idempotencyKey: z
      .string()
      .nullable()
      .meta({ description: "The header's; null where there was none, or none that is valid." }),
    replayed: z.boolean().nullable(),
    standsFor: z.int().meta({
      description:
        "How many requests this one stands for: more than 1 where there were many at once.",
    }),
  })
  .meta({ id: "LoggedRequest", description: "A request, without anything that was in it." });

export type RequestView = z.output<typeof requestView>;

export const requestList = listOf("LoggedRequestList", requestView);

/** Express writes `:id` where the reference has `{id}`. */
export function templateOf(route: string): string {
  return route.replaceAll(/:(\w+)/g, "{$1}");
}

export function routeOf(template: string): string {
  return template.replaceAll(/\{(\w+)\}/g, ":$1");
}

export function viewOfRequest({ caller, createdAt, route, ...shown }: ShownRequest): RequestView {
  const at = caller.indexOf(":");
  const [kind, callerId] = [caller.slice(0, at), caller.slice(at + 1)];
  return {
    requestId: shown.requestId,
    createdAt: rfc3339(createdAt),
    method: shown.method,
    route: templateOf(route),
    status: shown.status,
    code: shown.code,
    ms: shown.ms,
    keyId: kind === "key" ? callerId : null,
    personId: kind === "person" ? callerId : null,
    idempotencyKey: shown.idempotencyKey,
    replayed: shown.replayed,
    standsFor: shown.standsFor,
  };
}
