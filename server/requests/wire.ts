import { z } from "zod";
import { rfc3339 } from "../http/cursor.ts";
import { pageQuery } from "../http/list.ts";
import { id, listOf, moment, time } from "../http/shapes.ts";
import type { ShownRequest } from "./store.ts";

/** The query and answer of /v1/requests. */

const status = "must be a status from 100 to 599, or all of its kind, as in 4xx";
const word = (most: number) =>
  z
    .string()
    .regex(/^[!-~]+$/, "must be visible ASCII characters")
    .max(most, `must have ${most} characters at most`)
    .optional();

const methods = ["GET", "POST", "DELETE"] as const;

export const requestsQuery = pageQuery.extend({
  status: z
    .string(status)
    .regex(/^[1-5](\d\d|xx)$/, status)
    .optional()
    .meta({ description: "One, or all of its kind: `4xx`." }),
  method: z.enum(methods, `must be one of ${methods.join(", ")}`).optional(),
  code: word(100).meta({ description: "The code of the problem that was answered." }),
  route: word(200).meta({ description: "As the reference has it: `/v1/purchases/{id}`." }),
  keyId: word(100).meta({ description: "Requests with this API key." }),
  idempotencyKey: word(255),
  by: z
    .enum(["key", "person"], "must be one of key, person")
    .optional()
    .meta({ description: "With an API key, or by somebody who has signed in." }),
  replayed: z
    .enum(["true", "false"], "must be true or false")
    .optional()
    .meta({ description: "True: what was answered as it was the first time." }),
  from: moment.optional().meta({ description: "From this moment on." }),
  to: moment.optional().meta({ description: "Before this moment." }),
});

/** The least and the most that is meant. */
export function statusesOf(text: string): readonly [number, number] {
  if (!text.endsWith("xx")) return [Number(text), Number(text)];
  const least = 100 * Number(text.charAt(0));
  return [least, least + 99];
}

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
    subjectId: z.string().nullable().meta({
      description: "The id of what it was about: that of its path, or of what it made.",
    }),
    userAgent: z
      .string()
      .nullable()
      .meta({ description: "What the program that sent it calls itself." }),
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
    subjectId: shown.subjectId,
    userAgent: shown.userAgent,
    standsFor: shown.standsFor,
  };
}
