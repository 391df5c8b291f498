import { z } from "zod";
import { openapiOf } from "./openapi.ts";
import type { Route } from "./route.ts";
import { sendText } from "./send.ts";

/** The reference of these routes and of its own; written once, at the start. */
export function referenceRoutes(routes: readonly Route[]): readonly Route[] {
  const own: Route[] = [
    {
      method: "get",
      path: "/openapi.json",
      needs: "nothing",
      about: {
        summary: "Get the OpenAPI document",
        answers: { 200: z.looseObject({}).meta({ description: "OpenAPI 3.1." }) },
      },
      handle: (_req, res) => sendText(res, text, "application/json"),
    },
  ];
  const text = JSON.stringify(openapiOf([...routes, ...own]));
  return own;
}
