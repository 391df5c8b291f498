import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Request, RequestHandler, Response } from "express";
import { codeBlock, pageOf } from "./page.ts";
import { consoleHeaders } from "./security-headers.ts";
import { sendFile, sendPage } from "./send.ts";
import { visitOf } from "./visit.ts";

/** Where `npm run build` puts the console. */
const built = fileURLToPath(new URL("../../admin-ui/dist/", import.meta.url));

const types: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
  txt: "text/plain; charset=utf-8",
  woff2: "font/woff2",
};

/** A file as it is, and packed at the build, unless it was packed already, as a font is. */
interface Content {
  readonly plain: Buffer;
  readonly br?: Buffer;
  readonly gzip?: Buffer;
}

interface Build {
  readonly files: ReadonlyMap<string, Content>;
  /** Whether it has a screen at this path. */
  readonly hasScreen: (path: string) => boolean;
}

/** What is the server's own: there a path that does not exist is a problem, also for browsers. */
const ofServer =
  /^\/(v1|docs|problems|reference|sandbox|openapi\.json|llms[\w-]*\.txt|livez|readyz|assets)(\/|$)/;

/**
 * The console, after all routes: its files, and its page for every other path that a browser wants to
 * see, because the console knows which screens there are. Programs get the problem that they expect.
 */
export function serveConsole(dir = built): RequestHandler {
  const buildNow = reader(dir);
  return (req, res, next) => {
    if (req.method !== "GET" && req.method !== "HEAD") return next();
    const { files, hasScreen } = buildNow();
    const file = files.get(req.path.slice(1));
    if (file && req.path !== "/index.html") return sendContent(req, res, req.path, file);
    if (ofServer.test(req.path) || !wantsPage(req)) return next();
    const page = files.get("index.html");
    visitOf(res).route = "console";
    if (!page) return sendPage(res, notBuilt);
    // The console shows its own page where it has no screen: with the way back, and what is near.
    sendContent(req, res, "/index.html", page, hasScreen(req.path) ? 200 : 404);
  };
}

function wantsPage({ headers }: Request): boolean {
  return headers.accept?.includes("text/html") === true;
}

function sendContent(
  req: Request,
  res: Response,
  path: string,
  content: Content,
  status = 200,
): void {
  visitOf(res).route = "console";
  const accepted = req.headers["accept-encoding"] ?? "";
  const packing = (["br", "gzip"] as const).find((one) => content[one] && accepted.includes(one));
  // The names of assets change with their content.
  const isForever = path.startsWith("/assets/");
  const headers = [
    "Content-Type",
    types[path.slice(path.lastIndexOf(".") + 1)] ?? "application/octet-stream",
    "Cache-Control",
    isForever ? "public, max-age=31536000, immutable" : "no-cache",
    "Vary",
    "Accept-Encoding",
    ...(packing ? ["Content-Encoding", packing] : []),
    ...consoleHeaders,
  ];
  sendFile(res, content[packing ?? "plain"] ?? content.plain, headers, status);
}

const nothingBuilt: Build = { files: new Map(), hasScreen: () => false };

/** Read once, some hundred kilobytes, and again when there is another build. */
function reader(dir: string): () => Build {
  let build = nothingBuilt;
  let readAt = 0;
  return () => {
    const builtAt = statSync(`${dir}index.html`, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (builtAt !== readAt) {
      build = builtAt === 0 ? nothingBuilt : { files: read(dir), hasScreen: screensIn(dir) };
      readAt = builtAt;
    }
    return build;
  };
}

/** As the build wrote them down: "/items", "/items/$id". One of an older version did not, and judges by itself. */
function screensIn(dir: string): (path: string) => boolean {
  const file = `${dir}screens.json`;
  if (!existsSync(file)) return () => true;
  const paths = JSON.parse(readFileSync(file, "utf8")) as readonly string[];
  const one = paths.map((path) => path.replace(/\/$/, "").replaceAll(/\$\w+/g, "[^/]+"));
  const any = new RegExp(`^(${one.join("|")})/?$`, "i");
  return (path) => path === "/index.html" || any.test(path);
}

function read(dir: string): Build["files"] {
  const names = readdirSync(dir, { recursive: true, encoding: "utf8" });
  const own = names.filter((name) => !name.startsWith(".") && types[name.split(".").pop() ?? ""]);
  return new Map(
    own.map((name) => {
      const plain = readFileSync(dir + name);
      const packed = names.includes(`${name}.br`) && {
        br: readFileSync(`${dir}${name}.br`),
        gzip: readFileSync(`${dir}${name}.gz`),
      };
      return [name.replaceAll("\\", "/"), { plain, ...packed }];
    }),
  );
}

const notBuilt = pageOf({
  title: "The console is not built",
  kind: "plain",
  body:
    '<main id="main" tabindex="-1"><div class="prose"><h1>The console is not built</h1>' +
    '<p class="lead">The API works. For the console, run this in the folder of the server, and ' +
    `load this page again:</p>${codeBlock("npm install\nnpm run build", "sh")}` +
    '<p>The API is described in the <a href="/reference">reference</a>.</p></div></main>',
});
