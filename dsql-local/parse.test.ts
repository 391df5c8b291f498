import { describe, expect, it } from "vitest";
import { tokensOf } from "./lexer.ts";
import { statementsIn } from "./parse.ts";

const sent = (sql: string): string[] => statementsIn(sql).map((statement) => statement.sql.trim());
const only = (sql: string) => {
  const [statement] = statementsIn(sql);
  if (!statement) throw new Error("no statement");
  return statement;
};

describe("what goes to PostgreSQL", () => {
  it("is what the client wrote", () => {
    const sql = "select 'numeric', \"version\" -- version()\n from t where a = $1 /* async */";
    expect(sent(sql)).toEqual([sql]);
    expect(only(sql).isEdited).toBe(false);
  });

  it("says what a bare numeric is", () => {
    expect(sent("create table t (é text, a numeric, b decimal not null, c numeric(5))")).toEqual([
      "create table t (é text, a numeric(18,6), b decimal(18,6) not null, c numeric(5))",
    ]);
  });

  it("says so behind the whole name", () => {
    expect(sent('create table t (a pg_catalog.numeric, b "pg_catalog" . "numeric")')).toEqual([
      'create table t (a pg_catalog.numeric(18,6), b "pg_catalog" . "numeric"(18,6))',
    ]);
  });

  it("asks our own version of version()", () => {
    expect(sent("select 'ü', version()")).toEqual(["select 'ü', sys.version()"]);
    expect(sent("select pg_catalog.version()")).toEqual(["select sys.version()"]);
  });

  it("passes over nobody's locks", () => {
    expect(sent("select * from t for update skip locked")[0]).not.toMatch(/skip/);
    expect(sent("select nowait from t for update nowait")[0]).toMatch(/^select +from|nowait from/);
    expect(sent("select locked, skip from t")).toEqual(["select locked, skip from t"]);
  });

  it("is one statement at a time", () => {
    expect(sent("begin; select ';'; commit;")).toEqual(["begin", "select ';'", "commit"]);
    expect(statementsIn(" -- nothing\n")).toEqual([]);
  });
});

describe("ASYNC", () => {
  it.each([
    "create index async on t (a)",
    "create index async i on t (a)",
    "CREATE UNIQUE INDEX ASYNC IF NOT EXISTS i ON t (a)",
    "alter table async t validate constraint c",
  ])("begins a job: %s", (sql) => {
    expect(only(sql)).toMatchObject({ kind: "ddl" });
    expect(only(sql).refusal).toBeUndefined();
    expect(only(sql).sql).toMatch(/^select job_id from dsql_local\.start_/);
  });

  it("may be the name of a table", () => {
    expect(only("alter table async rename to b").sql).toBe("alter table async rename to b");
  });
});

describe("what a statement does", () => {
  it.each([
    ["select 1", "read", []],
    ["update a set b = 1 from c", "write", ["a"]],
    ["with x as (delete from a returning *) insert into b select * from x", "write", ["b", "a"]],
    ["with x as (insert into a values (1) returning 1) select * from x", "write", ["a"]],
    ["select * from a join b using (id) for update", "read", ["a", "b"]],
    ["explain analyze delete from a", "write", ["a"]],
    ["explain delete from a", "read", []],
  ])("%s", (sql, kind, tables) => {
    const { effects, kind: found } = only(sql);
    expect(found).toBe(kind);
    expect(effects.targets.map(({ name }) => name)).toEqual(tables);
  });

  it("is labelled by a comment", () => {
    expect(only("/* label: orders */ select 1").label).toBe("orders");
  });
});

describe("AWS IAM", () => {
  it("maps a role to an identity, in its place among other statements", () => {
    const { iam, tag } = only("aws iam grant \"shop\" to 'arn:aws:iam::1:role/shop';");
    expect(iam).toEqual({ grants: true, role: "shop", arn: "arn:aws:iam::1:role/shop" });
    expect(tag).toBe("AWS IAM GRANT");
  });

  it("is a syntax error when it is not complete", () => {
    expect(only("aws iam grant shop").refusal).toMatchObject({ sqlstate: "42601", position: 1 });
  });
});

describe("an error of syntax", () => {
  it("says where it is, in characters", () => {
    expect(only("select 'é' fro t where").refusal).toEqual({
      sqlstate: "42601",
      message: 'syntax error at or near "t"',
      position: 16,
    });
  });
});

describe("the words of SQL", () => {
  it.each([
    ["select 'a''b' , E'c\\'d'", ["select", "'a''b'", ",", "E'c\\'d'"]],
    ["a /* b /* c */ d */ e -- f\n g", ["a", "e", "g"]],
    ["$$ a 'b $$ $x$ $$ $x$", ["$$ a 'b $$", "$x$ $$ $x$"]],
    ['"A ""b""" C', ['"A ""b"""', "c"]],
    ["$1 + 2.5", ["$", "1", "+", "2.5"]],
    ["'never closed", ["'", "never", "closed"]],
  ])("%s", (sql, expected) => {
    expect([...tokensOf(sql)].map(({ text }) => text)).toEqual(expected);
  });
});
