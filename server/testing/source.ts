import { parseAst } from "vitest/node";

/** A file as the tidy rules see it: on disk or planted by a test. */
export interface SourceFile {
  /** From the top of the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** What the rules ask of a TypeScript file. */
export interface Facts {
  imports: string[];
  /** Those of them that are there when it runs. */
  values: string[];
  /** Names that other files can see. */
  exported: string[];
  defaultExport: boolean;
  reExports: boolean;
  functions: { line: number; lines: number }[];
  /** Every string and template, which is where the SQL is. A hole in a template reads `${}`. */
  texts: string[];
  readsEnvironment: boolean;
}

interface Node {
  type: string;
  start: number;
  end: number;
  [key: string]: unknown;
}

const known = new WeakMap<SourceFile, Facts>();

export function factsOf(file: SourceFile): Facts {
  const before = known.get(file);
  if (before) return before;
  const facts: Facts = {
    imports: [],
    values: [],
    exported: [],
    defaultExport: false,
    reExports: false,
    functions: [],
    texts: [],
    readsEnvironment: false,
  };
  const lang = file.path.endsWith("x") ? "tsx" : "ts";
  const program = parseAst(file.text, { lang, astType: "ts" }) as unknown as Node;
  for (const node of nodesIn(program)) note(node, facts, file.text);
  known.set(file, facts);
  return facts;
}

export const isTypeScript = ({ path }: SourceFile): boolean => /\.tsx?$/.test(path);
export const isTest = ({ path }: SourceFile): boolean => /\.(test|e2e)\.tsx?$/.test(path);

function* nodesIn(value: unknown): Generator<Node> {
  if (Array.isArray(value)) {
    for (const part of value) yield* nodesIn(part);
  } else if (typeof value === "object" && value !== null) {
    if ("type" in value && typeof value.type === "string") yield value as Node;
    yield* nodesIn(Object.values(value));
  }
}

function note(node: Node, facts: Facts, text: string): void {
  switch (node.type) {
    case "ImportDeclaration":
    case "ImportExpression":
      noteImport(node, facts);
      break;
    case "ExportAllDeclaration":
      facts.reExports = true;
      noteImport(node, facts);
      break;
    case "ExportDefaultDeclaration":
      facts.defaultExport = true;
      break;
    case "ExportNamedDeclaration":
      noteExport(node, facts);
      break;
    case "FunctionDeclaration":
    case "FunctionExpression":
    case "ArrowFunctionExpression": {
      const lines = text.slice(node.start, node.end).split("\n").length;
      facts.functions.push({ line: text.slice(0, node.start).split("\n").length, lines });
      break;
    }
    case "Literal":
      if (typeof node.value === "string") facts.texts.push(node.value);
      break;
    case "TemplateLiteral":
      facts.texts.push(
        (node.quasis as { value: { raw: string } }[]).map(({ value }) => value.raw).join("${}"),
      );
      break;
    case "MemberExpression":
      if (nameOf(node.object) === "process" && nameOf(node.property) === "env") {
        facts.readsEnvironment = true;
      }
      break;
  }
}

function noteImport(node: Node, facts: Facts): void {
  const { value } = node.source as { value?: unknown };
  if (typeof value !== "string") return;
  facts.imports.push(value);
  if (node.importKind !== "type" && node.exportKind !== "type") facts.values.push(value);
  const names = ((node.specifiers ?? []) as Node[]).map(({ imported }) => nameOf(imported));
  if (/^(node:)?process$/.test(value) && names.includes("env")) facts.readsEnvironment = true;
}

function noteExport(node: Node, facts: Facts): void {
  if (node.source) {
    facts.reExports = true;
    noteImport(node, facts);
  }
  for (const { exported } of node.specifiers as Node[]) {
    const name = nameOf(exported);
    if (name === "default") facts.defaultExport = true;
    if (name !== undefined) facts.exported.push(name);
  }
  const declaration = node.declaration as Node | null;
  const declared = (declaration?.declarations ?? [declaration]) as (Node | null)[];
  for (const part of declared) {
    const name = nameOf(part?.id);
    if (name !== undefined) facts.exported.push(name);
  }
}

function nameOf(node: unknown): string | undefined {
  return (node as { name?: string } | null | undefined)?.name;
}
