import { z } from "zod";
import { documentOf, sendDocument } from "./document.ts";
import { openapiOf } from "./openapi.ts";
import { referencePage } from "./reference-page.ts";
import type { About, Route } from "./route.ts";

/** The reference of these routes and of its own; written once, at the start. */
export function referenceRoutes(routes: readonly Route[]): readonly Route[] {
  const get = (path: string, about: About, handle: Route["handle"]): Route => ({
    method: "get",
    path,
    needs: "nothing",
    about,
    handle,
  });
  const own = [
    get("/openapi.json", aboutDocument, (_req, res) => sendDocument(res, document)),
    get("/reference", aboutPage, (_req, res) => sendDocument(res, page)),
  ];
  const openapi = openapiOf([...routes, ...own]);
  const document = documentOf(JSON.stringify(openapi), "application/json");
  const page = documentOf(referencePage(openapi));
  return own;
}

const aboutDocument: About = {
  summary: "Get the OpenAPI document",
  answers: { 200: z.looseObject({}).meta({ description: "OpenAPI 3.1." }) },
};
const aboutPage: About = { summary: "Get the reference page", answers: { 200: "text/html" } };
