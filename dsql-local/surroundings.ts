import type { Backend } from "./backend.ts";
import type { Statement } from "./parse.ts";
import type { Step } from "./steps.ts";

/** In one round trip: a kind of fact, and what it is about. Only users' things have such high numbers. */
const facts = `
  select * from (select 'cascade', null::text, null::text from pg_constraint
                  where contype = 'f' and (confdeltype in ('c', 'n', 'd') or confupdtype in ('c', 'n', 'd'))
                  limit 1) cascading
  union all
  select 'key', c.relname, a.attname from pg_index i join pg_class c on c.oid = i.indrelid
    join pg_attribute a on a.attrelid = c.oid and a.attnum = any(i.indkey)
   where i.indrelid >= 16384 and a.attlen = -1 and c.relkind = 'r'
     and c.relnamespace <> 'dsql_local'::regnamespace
  union all
  select 'function', p.proname, pg_get_functiondef(p.oid)
    from pg_proc p join pg_language l on l.oid = p.prolang
   where p.oid >= 16384 and l.lanname = 'sql' and p.prokind = 'f' and p.provolatile = 'v'
     and p.pronamespace::regnamespace::text not in ('sys', 'dsql_local')`;

/** What the catalog says that statements are judged by: looked at again whenever it has changed. */
export class Surroundings {
  /** Whether a DELETE or an UPDATE may write rows that no command tag counts. */
  cascades = false;
  /** Of tables by their names, in whatever schema: columns of a key that may be long. */
  longKeys: ReadonlyMap<string, ReadonlySet<string>> = new Map();
  /** Functions that write. */
  #writers: ReadonlySet<string> = new Set();
  #writing = new WeakMap<Statement, Statement>();

  async look(control: Backend): Promise<void> {
    const found = await control.query(facts);
    const of = (kind: string): Fact[] => found.filter(([first]) => first === kind);
    this.cascades = of("cascade").length > 0;
    this.longKeys = grouped(of("key"));
    this.#writers = writersAmong(of("function"));
    this.#writing = new WeakMap();
  }

  /** A statement that calls a function which writes is a write: which table, nobody sees beforehand. */
  seenBy(steps: readonly Step[]): readonly Step[] {
    if (this.#writers.size === 0) return steps;
    return steps.map((step) =>
      step.statement ? { ...step, statement: this.#seen(step.statement) } : step,
    );
  }

  #seen(statement: Statement): Statement {
    const { effects } = statement;
    if (!effects.calls.some((name) => this.#writers.has(name))) return statement;
    const before = this.#writing.get(statement);
    if (before) return before;
    const writing: Statement = {
      ...statement,
      kind: statement.kind === "read" ? "write" : statement.kind,
      effects: { ...effects, writes: true, writesInWith: true },
    };
    this.#writing.set(statement, writing);
    return writing;
  }
}

type Fact = readonly (string | null)[];

function grouped(pairs: readonly Fact[]): Map<string, Set<string>> {
  const groups = new Map<string, Set<string>>();
  for (const [, group, member] of pairs) {
    const members = groups.get(group ?? "") ?? new Set();
    groups.set(group ?? "", members.add(member ?? ""));
  }
  return groups;
}

/** Those whose definition writes or locks, and those that name one of them. */
function writersAmong(functions: readonly Fact[]): Set<string> {
  const writers = new Set<string>();
  for (let before = -1; before < writers.size;) {
    before = writers.size;
    for (const [, name, definition] of functions) {
      const words: string[] = (definition ?? "").toLowerCase().match(/[\w\u0080-\uffff]+/g) ?? [];
      const body = words.slice(words.indexOf("language"));
      if (body.some((word) => writing.has(word) || writers.has(word))) writers.add(name ?? "");
    }
  }
  return writers;
}

const writing = new Set(["insert", "update", "delete"]);
