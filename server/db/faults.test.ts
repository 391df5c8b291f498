import { DatabaseError } from "pg";
import { describe, expect, it } from "vitest";
import { CommitAborted, CredentialsError, DeadlineError, faultOf, type Fault } from "./faults.ts";

function fromServer(code: string, message: string, severity = "ERROR"): Error {
  return Object.assign(new DatabaseError(message, message.length, "error"), { code, severity });
}

type Row = [code: string, message: string, atStatement: Fault, atCommit: Fault];

/** In Aurora DSQL's own words. */
const told: Row[] = [
  ["40001", "change conflicts with another transaction (OC000)", "lostRace", "lostRace"],
  ["40001", "schema has been updated by another transaction (OC001)", "lostRace", "lostRace"],
  ["23505", "duplicate key value violates unique constraint", "duplicate", "duplicate"],
  ["XX000", "server unavailable", "unavailable", "doubt"],
  ["57P01", "terminating connection due to administrator command", "unavailable", "doubt"],
  [
    "53300",
    "Unable to accept connection, too many open connections.",
    "unavailable",
    "unavailable",
  ],
  ["53400", "Unable to accept connection, rate exceeded.", "unavailable", "unavailable"],
  ["28000", "unable to accept connection, access denied", "unavailable", "unavailable"],
  [
    "57P03",
    "unable to accept connection, waking up cluster, please retry later",
    "unavailable",
    "unavailable",
  ],
  ["53100", "Current cluster size exceeds cluster size limit.", "unavailable", "unavailable"],
  ["54000", "transaction row limit exceeded", "poison", "poison"],
  ["54000", "transaction size limit 10mb exceeded", "poison", "poison"],
  ["54000", "transaction age limit of 300s exceeded", "poison", "poison"],
  ["54000", "key size too large", "poison", "poison"],
  ["22P02", "Unable to convert text to UUID", "poison", "poison"],
  ["0A000", "unsupported statement: Truncate", "bug", "bug"],
  ["25P02", "current transaction is aborted", "bug", "bug"],
  ["42P01", 'relation "asks" does not exist', "bug", "bug"],
];

describe("what the database says", () => {
  it.each(told)("%s %s", (code, message, atStatement, atCommit) => {
    expect(faultOf(fromServer(code, message), false)).toBe(atStatement);
    expect(faultOf(fromServer(code, message), true)).toBe(atCommit);
  });
});

/** What the driver and the socket say when the other side says nothing any more. */
const unheard: [what: string, error: Error, atStatement: Fault, atCommit: Fault][] = [
  ["EOF", new Error("Connection terminated unexpectedly"), "unavailable", "doubt"],
  [
    "a reset",
    Object.assign(new Error("read ECONNRESET"), { syscall: "read", code: "ECONNRESET" }),
    "unavailable",
    "doubt",
  ],
  [
    "an end in the handshake",
    Object.assign(
      new Error("Client network socket disconnected before secure TLS connection was established"),
      { code: "ECONNRESET" },
    ),
    "unavailable",
    "doubt",
  ],
  ["silence", new DeadlineError("no answer"), "unavailable", "doubt"],
  ["no token", new CredentialsError("nothing to sign it with"), "unavailable", "doubt"],
  ["the tag ROLLBACK", new CommitAborted("ROLLBACK"), "lostRace", "lostRace"],
  [
    "a certificate of somebody else",
    Object.assign(new Error("self-signed certificate"), { code: "DEPTH_ZERO_SELF_SIGNED_CERT" }),
    "bug",
    "bug",
  ],
  ["a mistake of ours", new TypeError("undefined is not a function"), "bug", "bug"],
];

describe("what nobody says", () => {
  it.each(unheard)("%s", (_, error, atStatement, atCommit) => {
    expect(faultOf(error, false)).toBe(atStatement);
    expect(faultOf(error, true)).toBe(atCommit);
  });
});
