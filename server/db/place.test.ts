import { expect, it } from "vitest";
import { readConfig, type Env } from "../base/config.ts";
import { placeOf } from "./place.ts";

const at = (env: Env) => placeOf(readConfig(env));
const namesAt = (env: Env) => at(env)?.endpoints.map(({ name }) => name);
const dsql = { ZERORACE_DATABASE: "dsql" };

it("is nowhere when nothing is said, and a PostgreSQL when its URL is", () => {
  expect(at({})).toBeUndefined();
  const url = "postgres://me:secret@db.example:5433/shop";
  expect(at({ ZERORACE_DATABASE_URL: url })?.dialect.name).toBe("postgres");
  expect(namesAt({ ZERORACE_DATABASE_URL: url })).toEqual(["db.example:5433"]);
});

it("is one database with several ways, the first of them home, and no secret in their names", () => {
  const urls = "postgres://me:secret@one/shop\n  postgres://me:secret@two:6432/shop ";
  expect(namesAt({ ZERORACE_DATABASE_URL: urls })).toEqual(["one", "two:6432"]);
});

it("is a cluster whose region its name tells, or its peers with theirs", () => {
  const host = "abc.dsql.eu-central-1.on.aws";
  const one = at({ ...dsql, ZERORACE_DSQL_HOSTS: host, ZERORACE_DSQL_USER: "zerorace_server" });
  expect(one?.dialect.name).toBe("dsql");
  expect(one?.endpoints[0]).toMatchObject({
    name: "eu-central-1",
    driver: {
      host,
      port: 5432,
      user: "zerorace_server",
      database: "postgres",
      ssl: { rejectUnauthorized: true },
      sslnegotiation: "direct",
    },
  });
  const peers = {
    ZERORACE_DSQL_HOSTS: "localhost:5440, other:5441",
    ZERORACE_DSQL_REGIONS: "here,there",
  };
  expect(namesAt({ ...dsql, ...peers })).toEqual(["here", "there"]);
});

it("connections live 45 to 55 minutes, drawn anew for each", () => {
  const place = at({ ...dsql, ZERORACE_DSQL_HOSTS: "abc.dsql.eu-central-1.on.aws" });
  const drawn = Array.from({ length: 200 }, () => place?.lifetimeSeconds?.() ?? 0);
  expect(Math.min(...drawn)).toBeGreaterThanOrEqual(2_700);
  expect(Math.max(...drawn)).toBeLessThanOrEqual(3_300);
  expect(new Set(drawn).size).toBeGreaterThan(100);
});

it.each([
  [dsql, "ZERORACE_DSQL_HOSTS must name the cluster's endpoint"],
  [{ ...dsql, ZERORACE_DSQL_HOSTS: "db.internal" }, "must name the region of db.internal"],
  [
    { ...dsql, ZERORACE_DSQL_HOSTS: "a.dsql.x.on.aws", ZERORACE_DATABASE_URL: "postgres://a/b" },
    "ZERORACE_DATABASE_URL is for PostgreSQL",
  ],
  [{ ...dsql, ZERORACE_DSQL_HOSTS: "a b" }, "ZERORACE_DSQL_HOSTS must be a host name"],
  [{ ...dsql, ZERORACE_DSQL_HOSTS: "a:99999" }, "ZERORACE_DSQL_HOSTS must be a host name"],
  [{ ...dsql, ZERORACE_DSQL_USER: "Robert'); --" }, "ZERORACE_DSQL_USER must be a role's name"],
  [{ ZERORACE_DATABASE: "mysql" }, "ZERORACE_DATABASE must be one of postgres, dsql"],
  [{ ZERORACE_DATABASE_URL: "postgres://a/b http://c/d" }, "ZERORACE_DATABASE_URL must look like"],
])("is refused with a sentence: %j", (env, says) => {
  expect(() => at(env)).toThrow(says);
});
