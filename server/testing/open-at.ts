import type { Metrics } from "../base/metrics.ts";
import { dsql } from "../db/dialect.ts";
import { openDb, type Db, type DbOptions } from "../db/open.ts";
import { postgresAt, type Place } from "../db/place.ts";

/** What the tests of a run speak: `npm test` PostgreSQL, `npm run test:dsql` Aurora DSQL. */
export type Engine = "postgres" | "dsql";

/** `url`: as in the settings, one for each endpoint. */
export function openAt(
  url: string,
  engine: Engine,
  metrics: Metrics,
  options: Omit<DbOptions, "url" | "place"> = {},
): Db {
  return openDb({ place: placeAt(url.split(" "), engine), ...options }, metrics);
}

/** A local server without TLS and tokens is reached like any PostgreSQL. */
export function placeAt(urls: readonly string[], engine: Engine): Place {
  const place = postgresAt(urls);
  return engine === "dsql" ? { ...place, dialect: dsql } : place;
}
