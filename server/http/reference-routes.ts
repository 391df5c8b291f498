import { readFileSync } from "node:fs";
import type { Response } from "express";
import { z } from "zod";
import { openapiOf } from "./openapi.ts";
import { styleText } from "./page.ts";
import { referencePage } from "./reference-page.ts";
import type { About, Route } from "./route.ts";
import { pageHeadersWithScript } from "./security-headers.ts";
import { sendPage, sendText } from "./send.ts";

const scriptText = readFileSync(new URL("reference/script.js", import.meta.url), "utf8");

/** The reference of these routes and of its own; written once, at the start. */
export function referenceRoutes(routes: readonly Route[]): readonly Route[] {
  const get = (path: string, about: About, send: (res: Response) => void): Route => ({
    method: "get",
    path,
    needs: "nothing",
    about,
    handle: (_req, res) => send(res),
  });
  const own = [
    get("/openapi.json", aboutDocument, (res) => sendText(res, text, "application/json")),
    get("/reference", aboutPage, (res) => sendPage(res, page, pageHeadersWithScript)),
    get("/reference/style.css", aboutStyle, (res) =>
      sendText(res, styleText, "text/css; charset=utf-8"),
    ),
    get("/reference/script.js", aboutScript, (res) =>
      sendText(res, scriptText, "text/javascript; charset=utf-8"),
    ),
  ];
  const openapi = openapiOf([...routes, ...own]);
  const text = JSON.stringify(openapi);
  const page = referencePage(openapi);
  return own;
}

const aboutDocument: About = {
  summary: "Get the OpenAPI document",
  answers: { 200: z.looseObject({}).meta({ description: "OpenAPI 3.1." }) },
};
const aboutPage: About = { summary: "Get the reference page", answers: { 200: "text/html" } };
const aboutStyle: About = { summary: "Get the style of pages", answers: { 200: "text/css" } };
const aboutScript: About = {
  summary: "Get the script of the reference page",
  answers: { 200: "text/javascript" },
};
