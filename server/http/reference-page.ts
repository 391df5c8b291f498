import type { Media, OpenApi, Operation, Parameter, Response } from "./openapi-types.ts";
import { escape, pageOf, proseOf } from "./page.ts";
import { curlOf, exampleBodyOf, jsonOf, requestOf, typescriptOf } from "./reference-examples.ts";
import { fieldOf, fieldsOf, isForKeys, scopesOfSecurity } from "./reference-fields.ts";

/** The OpenAPI document as a page: made once, readable without the script. */

interface Entry {
  readonly path: string;
  readonly method: string;
  readonly operation: Operation;
}

export function referencePage(openapi: OpenApi): string {
  const entries = Object.entries(openapi.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const shown = openapi.tags.filter(({ name }) => name !== "reference");
  const nouns = shown.map(({ name, description }) => {
    const own = entries.filter(({ operation }) => operation.tags.includes(name));
    return { name, description, own };
  });
  const links = nouns.map(({ name, own }) => navOf(name, own)).join("");
  const sections = nouns.map(({ name, description, own }) => {
    const operations = own.map((entry) => operationOf(openapi, entry)).join("");
    return `<section><h2 id="${name}">${name}</h2><p>${escape(description)}</p>${operations}</section>`;
  });
  const body = [
    '<details class="menu" open><summary>Operations</summary><nav aria-label="Operations">',
    `${filter}${links}</nav></details>`,
    `<main id="main" tabindex="-1"><h1>API reference</h1>${introOf(openapi)}${keyField}${sections.join("")}</main>`,
  ];
  return pageOf({
    title: "API reference",
    kind: "reference",
    place: "/reference",
    markdown: "/docs/reference/api.md",
    body: body.join(""),
    script: "reference.js",
  });
}

const keyField =
  '<label class="key" hidden>API key for <em>Try it</em> ' +
  '<input type="password" id="api-key" autocomplete="off" spellcheck="false" ' +
  'placeholder="zr_test_…" aria-describedby="key-note"> ' +
  '<small id="key-note">stays in this page, is stored nowhere</small></label>';

const filter = '<label class="filter" hidden>Filter <input type="search" id="filter"></label>';

function introOf({ info }: OpenApi): string {
  const { summary = "", description = "" } = info;
  const more =
    '<p>The same for programs: <a href="/openapi.json">OpenAPI 3.1</a>. Everything that can go ' +
    'wrong: <a href="/problems">problems</a>.</p>';
  return `<p class="lead">${escape(summary)}</p>${proseOf(description)}${more}`;
}

function navOf(noun: string, entries: readonly Entry[]): string {
  const links = entries.map(
    ({ method, operation: { operationId, summary } }) =>
      `<li><a href="#${operationId}"><span class="verb ${method}">${method}</span> ${escape(summary)}</a></li>`,
  );
  return `<h2><a href="#${noun}">${noun}</a></h2><ul>${links.join("")}</ul>`;
}

function operationOf(openapi: OpenApi, entry: Entry): string {
  const { path, method, operation } = entry;
  const { operationId, summary, description, security } = operation;
  const scopes = scopesOfSecurity(security).join(", ");
  const who = isForKeys(security) ? "a key, or a session," : "a session";
  const needs =
    scopes === "" ? "Needs no key." : `Needs ${who} with <code>${escape(scopes)}</code>.`;
  return [
    `<article id="${operationId}"><div class="text">`,
    `<h3><a href="#${operationId}">${escape(summary)}</a></h3>`,
    `<p class="path"><span class="verb ${method}">${method}</span> <code>${escape(path)}</code></p>`,
    description === undefined ? "" : proseOf(description),
    `<p class="needs">${needs}</p>`,
    parametersOf(openapi, operation),
    bodyOf(openapi, operation),
    answersOf(openapi, operation),
    problemsOf(openapi, operation),
    `</div><div class="code">${codeOf(entry)}${tryIt(entry)}${exampleAnswers(operation)}</div>`,
    "</article>",
  ].join("");
}

function parametersOf({ components }: OpenApi, { parameters = [] }: Operation): string {
  const titles = { path: "In the path", query: "In the query", header: "In the headers" };
  const places = Map.groupBy(parameters, (one: Parameter) => one.in);
  return [...places]
    .map(([place, some]) => {
      const fields = some.map(({ name, schema, description, required = false }) => {
        const whole = description === undefined ? schema : { ...schema, description };
        return fieldOf(components.schemas, name, whole, required);
      });
      return `<h4>${titles[place]}</h4><dl class="fields">${fields.join("")}</dl>`;
    })
    .join("");
}

function bodyOf({ components }: OpenApi, { requestBody }: Operation): string {
  const media = requestBody?.content["application/json"];
  if (!media) return "";
  const fields = fieldsOf(components.schemas, media.schema);
  return `<h4>Body</h4>${fields === "" ? "<p>An empty object: <code>{}</code></p>" : fields}`;
}

const isGood = ([status]: readonly [string, Response]): boolean => Number(status) < 400;

/** What was hoped for comes first: 201 before 200. */
function goodOf({ responses }: Operation): [string, Response][] {
  return Object.entries(responses)
    .filter(isGood)
    .toSorted(([one], [other]) => Number(other) - Number(one));
}

function answersOf({ components }: OpenApi, operation: Operation): string {
  const parts = goodOf(operation).map(([status, { description = "", content = {} }]) => {
    const [[type, media] = ["", undefined]] = Object.entries<Media>(content);
    const fields = media ? fieldsOf(components.schemas, media.schema) : "";
    const head = `<span class="status good">${status}</span> ${proseOf(description)}`;
    if (fields === "") return `<div class="answer">${head} <small>${escape(type)}</small></div>`;
    return `<details class="answer"><summary>${head}</summary>${fields}</details>`;
  });
  return `<h4>Answers</h4>${parts.join("")}`;
}

function problemsOf({ components }: OpenApi, { responses }: Operation): string {
  const refused = Object.entries(responses).filter((one) => !isGood(one));
  const rows = refused.map(([status, { $ref }]) => {
    const response = components.responses[$ref?.split("/").at(-1) ?? ""];
    const [media] = Object.values(response?.content ?? {});
    const links = Object.keys(media?.examples ?? {}).map(
      (code) => `<a href="/problems/${code}"><code>${code}</code></a>`,
    );
    return `<div><dt><span class="status bad">${status}</span></dt><dd>${links.join(" ")}</dd></div>`;
  });
  const summary = "<summary>Problems, each with its page</summary>";
  return `<details class="problems">${summary}<dl>${rows.join("")}</dl></details>`;
}

function codeOf({ path, method, operation }: Entry): string {
  const request = requestOf(path, method, operation);
  const block = (language: string, text: string): string =>
    `<figure data-language="${language}"><figcaption>${language}</figcaption>` +
    `<pre tabindex="0"><code>${escape(text)}</code></pre></figure>`;
  return `<div class="request">${block("curl", curlOf(request))}${block("TypeScript", typescriptOf(request))}</div>`;
}

function exampleAnswers(operation: Operation): string {
  return goodOf(operation)
    .flatMap(([status, { content = {} }]) =>
      Object.values<Media>(content).flatMap(({ examples = {} }) =>
        Object.values(examples).map(
          ({ value }) =>
            `<figure><figcaption><span class="status good">${status}</span> answer</figcaption>` +
            `<pre tabindex="0"><code>${escape(jsonOf(value))}</code></pre></figure>`,
        ),
      ),
    )
    .join("");
}

/** Hidden until the script is there. The sandbox's is open: it needs nothing to be filled in. */
function tryIt({ path, method, operation }: Entry): string {
  if (!path.startsWith("/v1/")) return "";
  const { operationId, parameters = [], security } = operation;
  const inputs = parameters
    .filter(({ name }) => name !== "cursor")
    .map(
      ({ name, in: place }) =>
        `<label>${escape(name)} <input name="${escape(name)}" data-in="${place}" autocomplete="off"></label>`,
    );
  const body = exampleBodyOf(operation);
  const area =
    body === undefined
      ? ""
      : `<label>Body <textarea name="body" rows="${Math.min(12, jsonOf(body).split("\n").length + 1)}" spellcheck="false">${escape(jsonOf(body))}</textarea></label>`;
  const again = inputs.some((input) => input.includes("Idempotency-Key"));
  const opened = path.startsWith("/v1/sandbox") ? " open" : "";
  return [
    `<details class="try"${opened} hidden><summary>Try it</summary>`,
    `<form id="try-${operationId}" data-method="${method.toUpperCase()}" data-path="${escape(path)}"`,
    ` data-guarded="${security.length > 0}">${inputs.join("")}${area}`,
    '<p class="buttons"><button type="submit">Send</button>',
    again ? '<button type="button" data-again disabled>Send the same again</button>' : "",
    '</p></form><div class="result" role="status"></div></details>',
  ].join("");
}
