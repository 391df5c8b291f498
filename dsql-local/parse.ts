import { loadModule, parseSync, type SqlError } from "libpg-query";
import { astOf, listOf, unwrap, type Ast } from "./ast.ts";
import { checkQuery, type Effects } from "./check-query.ts";
import { checkStatement, explained } from "./check-statement.ts";
import { checkBody } from "./function-bodies.ts";
import { injectionOf, type InjectionCall } from "./injection-calls.ts";
import { tokensOf, type Token } from "./lexer.ts";
import { literal, Notes, qualified, type Guard } from "./notes.ts";
import type { Refusal } from "./rules.ts";
import type { Kind } from "./statement-kinds.ts";

/** One statement of a client, judged. */
export interface Statement {
  /** As PostgreSQL is to get it. */
  readonly sql: string;
  /** Whether that differs from what the client wrote. */
  readonly isEdited: boolean;
  readonly kind: Kind;
  /** The parser's name for it. */
  readonly node: string;
  readonly refusal?: Refusal;
  readonly effects: Effects;
  readonly guards: readonly Guard[];
  readonly startsJob: "index" | "validate" | undefined;
  readonly tree: Ast;
  /** Where it begins in the text that the tree's places count from, in bytes. */
  readonly at: number;
  /** In place of PostgreSQL's own command tag. */
  readonly tag?: string;
  /** Of a comment such as label=orders, between slashes and stars. */
  readonly label?: string;
  readonly iam?: IamGrant;
  readonly injection?: InjectionCall;
}

export interface IamGrant {
  readonly grants: boolean;
  readonly role: string;
  readonly arn: string;
}

await loadModule();

const known = new Map<string, readonly Statement[]>();
/** In characters: a tree takes many times the room of its text. */
const knownMax = 1_000_000;
let knownSize = 0;

/** The statements of a text. Every text is judged once: clients send the same ones over and over. */
export function statementsIn(sql: string): readonly Statement[] {
  const before = known.get(sql);
  if (before) return before;
  const found = read(sql);
  if (sql.length > knownMax) return found;
  knownSize += sql.length;
  if (knownSize > knownMax) {
    known.clear();
    knownSize = sql.length;
  }
  known.set(sql, found);
  return found;
}

const noEffects: Effects = {
  targets: [],
  writes: false,
  locks: false,
  writesInWith: false,
  mayGrow: false,
  storesParameters: false,
  deletesFrom: [],
  calls: [],
  stored: [],
};

function read(sql: string): Statement[] {
  const special = /\b(async|aws|using|nowait|locked)\b/i.test(sql)
    ? readSpecial(sql)
    : plainText(sql);
  let parsed: Ast = {};
  try {
    if (special.sql.trim() === "") return special.iam.map(iamStatement);
    parsed = astOf(parseSync(special.sql));
  } catch (error) {
    return [unreadable(special.sql, error as SqlError)];
  }
  const bytes = Buffer.from(special.sql);
  const statements = listOf(parsed.stmts).map((raw) => {
    const start = (raw.stmt_location as number | undefined) ?? 0;
    const length = (raw.stmt_len as number | undefined) ?? bytes.length - start;
    return judge(unwrap(raw.stmt), { bytes, start, end: start + length }, special);
  });
  return [...statements, ...special.iam.map(iamStatement)];
}

interface Place {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

function judge([tag, body]: [string, Ast], place: Place, special: Special): Statement {
  const notes = new Notes(place.bytes, place.start, place.end);
  const spelling = {
    isAsync: special.asyncAt.some((at) => at >= place.start && at < place.end),
    saysUsing: special.usingAt.some((at) => at >= place.start && at < place.end),
  };
  const outer = checkStatement(tag, body, spelling, notes);
  const { kind, query } = queryOf(tag, body, outer.kind);
  const looked = query ? checkQuery(...query, notes) : { effects: noEffects };
  const refusal =
    outer.refusal ??
    looked.refusal ??
    (tag === "CreateFunctionStmt" ? checkBody(body, statementsIn, notes) : undefined);
  const isPlanned = tag === "ExplainStmt" && !explained(body).runs;
  const effects = isPlanned ? noEffects : looked.effects;
  const isValidation =
    tag === "AlterTableStmt" &&
    spelling.isAsync &&
    listOf(body.cmds).some((node) => astOf(node.AlterTableCmd).subtype === "AT_ValidateConstraint");
  const injection = injectionOf(tag, body);
  const original = place.bytes.toString("utf8", place.start, place.end);
  const startsJob = tag === "IndexStmt" ? "index" : isValidation ? "validate" : undefined;
  const sql = startsJob ? startingJob(startsJob, body, notes.edited()) : notes.edited();
  const label = labelIn(original);
  return {
    sql,
    isEdited: sql !== original || special.isEdited,
    kind: effects.writes && kind === "read" ? "write" : kind,
    node: tag,
    ...(refusal && !injection && { refusal }),
    effects,
    guards: notes.guards,
    startsJob,
    tree: body,
    at: place.start,
    ...(startsJob && { tag: startsJob === "index" ? "CREATE INDEX" : "ALTER TABLE" }),
    ...(tag === "VariableShowStmt" && sql !== original && { tag: "SHOW" }),
    ...(label !== undefined && { label }),
    ...(injection && { injection }),
  };
}

const labelIn = (sql: string): string | undefined =>
  /\/\*\s*label\s*[=:]\s*([\w.-]+)\s*\*\//.exec(sql)?.[1];

/** A function of ours does it, and answers with the job's id as the service does. */
function startingJob(job: "index" | "validate", body: Ast, sql: string): string {
  const table = literal(qualified(astOf(body.relation)));
  return `select job_id from dsql_local.start_${job}(${table}, ${literal(sql)})`;
}

/** The part of a statement that is a query, and what running it amounts to. */
function queryOf(tag: string, body: Ast, kind: Kind): { kind: Kind; query?: [string, Ast] } {
  if (tag === "ExplainStmt") {
    const { tag: inner, query, runs } = explained(body);
    const writes = ["InsertStmt", "UpdateStmt", "DeleteStmt"].includes(inner);
    return { kind: runs && writes ? "write" : "read", query: [inner, query] };
  }
  const isQuery = ["SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt"].includes(tag);
  if (isQuery || ["ViewStmt", "CopyStmt", "CreateStmt"].includes(tag)) {
    return { kind: tag === "CopyStmt" ? copyKind(body) : kind, query: [tag, body] };
  }
  return { kind };
}

const copyKind = (body: Ast): Kind => (body.is_from ? "write" : "read");

function unreadable(sql: string, error: SqlError): Statement {
  const at = error.sqlDetails?.cursorPosition;
  const position = at === undefined ? undefined : at + 1;
  const refusal = { sqlstate: "42601", message: error.message, ...(position && { position }) };
  return bare(sql, "order", "", { refusal });
}

const bare = (sql: string, kind: Kind, node: string, more: Partial<Statement>): Statement => ({
  sql,
  isEdited: false,
  kind,
  node,
  effects: noEffects,
  guards: [],
  startsJob: undefined,
  tree: {},
  at: 0,
  ...more,
});

function iamStatement(iam: IamGrant): Statement {
  const { grants, role, arn } = iam;
  const call = `dsql_local.iam(${grants}, ${literal(role)}, ${literal(arn)})`;
  return bare(`do $iam$ begin perform ${call}; end $iam$`, "ddl", "AwsIamStmt", {
    isEdited: true,
    iam,
    tag: `AWS IAM ${grants ? "GRANT" : "REVOKE"}`,
  });
}

/** What PostgreSQL's grammar does not know, taken out of the text before the parser sees it. */
interface Special {
  readonly sql: string;
  readonly isEdited: boolean;
  /** In bytes. */
  readonly asyncAt: readonly number[];
  readonly usingAt: readonly number[];
  readonly iam: readonly IamGrant[];
}

const plainText = (sql: string): Special => ({
  sql,
  isEdited: false,
  asyncAt: [],
  usingAt: [],
  iam: [],
});

function readSpecial(sql: string): Special {
  const asyncTokens: Token[] = [];
  const usingTokens: Token[] = [];
  const blanks: { start: number; end: number }[] = [];
  const iam: IamGrant[] = [];
  for (const tokens of byStatement(sql)) {
    const words = tokens.slice(0, 4).map(({ text }) => text);
    const at = words[0] === "create" ? words.indexOf("async") : -1;
    const isIndex = at > 0 && words[at - 1] === "index";
    const isAlter = words[0] === "alter" && words[1] === "table" && words[2] === "async";
    const found = isIndex
      ? tokens[at]
      : isAlter && !alterWords.has(words[3] ?? "")
        ? tokens[2]
        : undefined;
    if (found) {
      asyncTokens.push(found);
      blanks.push(found);
    }
    const using = words.includes("index") && tokens.find(({ text }) => text === "using");
    if (using) usingTokens.push(using);
    blanks.push(...waitPolicies(tokens));
    const granted = iamIn(tokens);
    const [first] = tokens;
    const last = tokens.at(-1);
    if (granted && first && last) {
      iam.push(granted);
      blanks.push({ start: first.start, end: last.end });
    }
  }
  let blanked = sql;
  for (const { start, end } of blanks) {
    blanked = blanked.slice(0, start) + " ".repeat(end - start) + blanked.slice(end);
  }
  const inBytes = ({ start }: Token): number => Buffer.byteLength(blanked.slice(0, start));
  return {
    sql: blanked,
    isEdited: blanks.length > 0,
    asyncAt: asyncTokens.map(inBytes),
    usingAt: usingTokens.map(inBytes),
    iam,
  };
}

/** Nobody holds a lock, so nobody has to wait for one or to pass over it. */
function waitPolicies(tokens: readonly Token[]): Token[] {
  return tokens.filter(({ kind, text }, at) => {
    if (kind !== "word") return false;
    const [before, after] = [tokens[at - 1]?.text, tokens[at + 1]?.text];
    if (text === "nowait") return tokens.some((token) => token.text === "for");
    return (text === "skip" && after === "locked") || (text === "locked" && before === "skip");
  });
}

/** After these, ASYNC was the name of the table. */
const alterWords = new Set("add drop alter rename set owner validate enable disable".split(" "));

function* byStatement(sql: string): Generator<Token[]> {
  let tokens: Token[] = [];
  for (const token of tokensOf(sql)) {
    if (token.text === ";") {
      if (tokens.length > 0) yield tokens;
      tokens = [];
    } else tokens.push(token);
  }
  if (tokens.length > 0) yield tokens;
}

/** `AWS IAM GRANT role TO 'arn'` and its opposite. */
function iamIn(tokens: readonly Token[]): IamGrant | undefined {
  const words = tokens.map(({ text }) => text);
  const [aws, iam, verb, role = "", link, arn = ""] = words;
  if (aws !== "aws" || iam !== "iam" || tokens.length !== 6) return undefined;
  const grants = verb === "grant" && link === "to";
  const revokes = verb === "revoke" && link === "from";
  if ((!grants && !revokes) || !arn.startsWith("'")) return undefined;
  return { grants, role: role.replace(/^"|"$/g, ""), arn: arn.slice(1, -1).replaceAll("''", "'") };
}
