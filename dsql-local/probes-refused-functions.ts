import { all, no, type Probe } from "./probe.ts";

const rows = "insert into bare_numbers select g from generate_series(1, 3001) g";

/** What DSQL refuses inside functions: a body is judged as if the client had sent it. */
export const refusedFunctions: readonly Probe[] = [
  ...no(
    "unsupported statement: Truncate",
    "create function f() returns void language sql as 'truncate users'",
    "create function f() returns void language sql as 'select 1; truncate users'",
  ),
  ...no(
    "TEMPORARY or TEMP table not supported for CREATE TABLE",
    "create function f() returns void language sql as 'create temp table x (a int)'",
  ),
  ...no(
    "function pg_advisory_lock is not supported",
    "create function f() returns void language sql as 'select pg_advisory_lock(1)'",
    "create function f() returns void language sql begin atomic select pg_advisory_lock(1); end",
    "create function f() returns void language sql return pg_advisory_lock(1)",
  ),
  ...no(
    "locking clauses other than FOR UPDATE/FOR KEY SHARE are not supported",
    "create function f() returns bigint language sql as 'select id from accounts for share'",
  ),
  ...no(
    "Create is not supported in the body of a function",
    "create function f() returns void language sql as 'create table x (a int)'",
  ),
  ...no(
    "VariableSet is not supported in the body of a function",
    "create function f() returns void language sql as 'set search_path = shop'",
  ),
  ...all(
    "42601",
    'syntax error at or near "selec"',
    "create function f() returns int language sql as 'selec 1'",
  ),

  ...all(
    "42883",
    "function uuidv7() does not exist",
    "create function f() returns uuid language sql as 'select uuidv7()'",
    "create function f() returns uuid language sql return uuidv7()",
  ),

  // A call of a function that writes is a write.
  ...all("54000", "transaction row limit exceeded", "select writes_many(3001)"),
  ...all("54000", "transaction row limit exceeded", `begin ;; select calls_it(3000) ;; ${rows}`),
  ...no(
    "ddl and dml are not supported in the same transaction",
    "begin; select writes_many(1); create table x1 (a int)",
    "begin; create table x1 (a int); select calls_it(1)",
  ),

  // Keys, by parameters or not, alone or with others.
  ...all(
    "54000",
    "key size too large",
    "insert into long_keys values (repeat('a', 1982), 'b', 'c', 'd')",
    `insert into long_keys (a, b, c, d) values ('x', '${"b".repeat(700)}', '${"c".repeat(700)}', '${"d".repeat(700)}')`,
    `insert into long_keys values ('${"a".repeat(890)}', 'b', 'c', 'd'), ('x', '${"b".repeat(890)}', '${"c".repeat(890)}', '${"d".repeat(300)}')`,
    `update long_keys set a = '${"a".repeat(890)}' where a = 'long'`,
  ),
];
