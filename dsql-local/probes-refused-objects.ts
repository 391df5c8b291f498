import { all, no, type Probe } from "./probe.ts";

const aborted = "current transaction is aborted, commands ignored until end of transaction block";

/** What DSQL refuses of objects other than tables, inside EXPLAIN, and of what the database beneath can do. */
export const refusedObjects: readonly Probe[] = [
  // EXPLAIN shows plans of queries, and of nothing else.
  ...no(
    "unsupported statement: CreateTableAs",
    "explain create table s (a) as select 1",
    "explain analyze create table s (a) as select 1",
    "explain analyze create materialized view s as select 1",
    "explain select 1 as a into s",
  ),
  ...no("unsupported statement: DeclareCursor", "explain declare c cursor for select 1"),
  ...no("unsupported statement: Execute", "explain execute foo", "explain analyze execute foo (1)"),
  ...no("unsupported statement: RefreshMatView", "explain refresh materialized view mv"),
  ...no(
    "unsupported statement type: MERGE",
    "explain merge into users u using accounts a on u.name = a.owner when matched then delete",
  ),

  // Names, owners, schemas and comments of what cannot be there.
  ...no(
    "ALTER TYPE not supported",
    "alter type pair owner to admin",
    "alter type pair set schema shop",
    "alter type pair rename attribute a to b",
    "comment on type pair is 'two'",
  ),
  ...no(
    "PROCEDURE is not supported",
    "alter procedure p() rename to q",
    "alter procedure p() owner to admin",
    "alter procedure p() set schema shop",
    "comment on procedure p() is 'p'",
  ),
  ...no(
    "unsupported statement: Rename",
    "alter trigger t on users rename to s",
    "alter database postgres rename to other",
    "alter materialized view mv rename to mw",
    "alter materialized view mv rename column a to b",
    "alter policy p on users rename to q",
    "alter foreign table f rename to g",
  ),
  ...no(
    "unsupported statement: AlterOwner",
    "alter database postgres owner to admin",
    "alter aggregate sum(int) owner to admin",
  ),
  ...no(
    "unsupported statement: AlterObjectSchema",
    "alter materialized view mv set schema shop",
    "alter extension pgcrypto set schema shop",
  ),
  ...no(
    "unsupported statement: Comment",
    "comment on trigger t on users is 't'",
    "comment on extension pgcrypto is 'x'",
    "comment on materialized view mv is 'x'",
  ),

  // Temporary and unlogged, by whichever words.
  ...no(
    "TEMPORARY or TEMP table not supported for CREATE TABLE",
    "create table pg_temp.x (a int)",
    "create table pg_temp_3.x (a int)",
  ),
  ...no(
    "TEMPORARY or TEMP view not supported",
    "create temp view v as select 1",
    "create view pg_temp.v as select 1",
  ),
  ...no(
    "TEMPORARY or TEMP sequence not supported",
    "create temp sequence s cache 1",
    "create sequence pg_temp.s cache 1",
  ),
  ...no(
    "TEMPORARY or TEMP function not supported",
    "create function pg_temp.f() returns int language sql as 'select 1'",
  ),
  ...no("TEMPORARY or TEMP domain not supported", "create domain pg_temp.d as int"),
  ...no(
    "UNLOGGED sequence not supported for CREATE SEQUENCE",
    "create unlogged sequence s cache 1",
  ),
  ...no("COLLATE not supported for CREATE DOMAIN", 'create domain d as text collate "C"'),

  // Types by the names that PostgreSQL shows them by.
  ...no(
    "datatype text[] not supported",
    "create table x (a text[][])",
    "create table x (a text[3])",
  ),
  ...no("datatype character varying[] not supported", "create table x (a varchar(10)[])"),
  ...no("datatype bit varying not supported", "create table x (a varbit)"),
  ...no('datatype "char" not supported', 'create table x (a "char")'),
  ...no(
    "datatype users not supported",
    "create table x (a users)",
    "create table x (a public.users)",
    "alter table accounts add column a users",
  ),

  // Only foreign keys can be put off.
  ...no(
    "DEFERRABLE not supported for PRIMARY KEY constraints",
    "create table x (a int primary key deferrable)",
    "create table x (a int primary key initially deferred)",
    "create table x (a int, primary key (a) deferrable)",
  ),
  ...no(
    "DEFERRABLE not supported for UNIQUE constraints",
    "create table x (a int unique deferrable initially deferred)",
    "create table x (a int not null unique deferrable)",
    "create table x (a int, unique (a) initially deferred)",
    "alter table users add constraint u unique using index users_age deferrable",
  ),
  ...no(
    "unsupported ALTER TABLE ADD CONSTRAINT statement",
    "alter table users add primary key using index users_age",
    "alter table users add constraint p primary key using index users_age",
  ),

  // Identity columns that are made, or changed, later.
  ...no(
    "datatype integer not supported, identity column type must be bigint",
    "alter table later_identity alter column small add generated always as identity (cache 1)",
  ),
  ...no(
    "identity column is not supported without an explicit cache size. please define CACHE greater " +
      "than or equal to 65536 or equal to 1",
    "alter table later_identity alter column id add generated always as identity",
    "alter table identities alter column id set cache 5",
    "alter table identities alter column id set start 7 set cache 100",
  ),

  // Keys of which only the index knows the type.
  ...no(
    "datatype jsonb is not supported in a key",
    "create index async on types_d ((e))",
    "create index async on types_d ((e -> 'a'))",
    "create unique index async on types_d (a, (e -> 'a'))",
  ),
  ...no("datatype json is not supported in a key", "create index async on types_d ((d -> 'a'))"),
  ...no("datatype bytea is not supported in a key", "create index async on types_d ((b || b))"),
  ...no("datatype uuid[] is not supported in a key", "create index async on users ((array[id]))"),
  ...no("datatype interval is not supported in a key", "create index async on types_c ((f * 2))"),

  // The planner's defect, also where the column does not say whose it is.
  ...all(
    "42804",
    "attribute 1 of type record has wrong type",
    "select * from users u left join lateral (select name as q, 1 as one) l on true",
    "select * from users u left join lateral (select age, a.id from accounts a) l on true",
  ),

  // Functions of later versions of PostgreSQL.
  ...all("42883", "function uuidv7() does not exist", "select uuidv7()"),
  ...all("42883", "function uuidv4() does not exist", "select pg_catalog.uuidv4()"),
  ...all("42883", "function random(integer, integer) does not exist", "select random(1, 10)"),
  ...all(
    "42883",
    "function array_sort(integer[]) does not exist",
    "select array_sort('{2,1}'::int[])",
  ),
  ...all("42883", "function casefold(unknown) does not exist", "select casefold('A')"),
  ...all("42883", "function to_bin(integer) does not exist", "select to_bin(5)"),
  ...all("42883", "function gamma(numeric) does not exist", "select gamma(0.5)"),
  ...all("42883", "function json_scalar(integer) does not exist", "select json_scalar(1)"),

  // A role that somebody may still come as.
  ...all(
    "2BP01",
    'role "mapped" cannot be dropped because some IAM identities are mapped to it',
    "drop role mapped",
    "drop role if exists nobody, mapped",
  ),

  // Functions set what sessions may set.
  ...no(
    'setting configuration parameter "statement_timeout" not supported',
    "create function f() returns int language sql set statement_timeout = '1s' as 'select 1'",
  ),
  ...no(
    'setting configuration parameter "work_mem" not supported',
    "alter function kept() set work_mem = '1GB'",
  ),

  // In a failed transaction nobody looks at what else could be refused.
  ...all(
    "25P02",
    aborted,
    "begin ;; select 1 / 0 ;; truncate users",
    "begin ;; select 1 / 0 ;; set work_mem = '1GB'",
    "begin ;; select 1 / 0 ;; listen news",
    "begin ;; select 1 / 0 ;; savepoint s",
    "begin ;; select 1 / 0 ;; rollback to s",
    "begin ;; select 1 / 0 ;; merge into users u using accounts a on u.name = a.owner when matched then delete",
    "begin ;; select 1 / 0 ;; create table x (a text[])",
    "begin ;; truncate users ;; truncate users",
  ),
  ...all("42601", 'syntax error at or near "selec"', "begin ;; select 1 / 0 ;; selec 1"),

  // One sum over all tables.
  ...all(
    "54000",
    "transaction size limit 10mb exceeded",
    "begin ;; insert into types_b (c) select repeat('x', 1000000) from generate_series(1, 6) ;; insert into three_texts select repeat('x', 1000000) from generate_series(1, 6) ;; commit",
  ),
];
