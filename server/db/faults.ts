/**
 * What a failed attempt at a transaction means. The one classifier of the house:
 *
 *   lostRace     the database chose another transaction: nothing was recorded, run again
 *   duplicate    a unique key was taken by another transaction: who recalls first may run again
 *   unavailable  no connection, or it broke before COMMIT was sent: nothing was recorded
 *   doubt        COMMIT was sent and its answer never came: it may be recorded
 *   poison       the database refuses this very data: running it again changes nothing
 *   bug          anything else
 */
export type Fault = "lostRace" | "duplicate" | "unavailable" | "doubt" | "poison" | "bug";

const lostRaces = new Set(["40001", "40P01", "55P03"]);

/** Codes under which a server leaves, is not there yet, or has no room. */
const outages = /^(08|53|57P|57014|58|XX000)/;

/**
 * Aurora DSQL turning a connection away, under various codes: too many, too fast, a stale token, a
 * cluster that is waking up. In a while it may be another word.
 */
const turnedAway = /unable to accept connection/i;

export function faultOf(error: unknown, atCommit: boolean): Fault {
  if (error instanceof CommitAborted) return "lostRace";
  if (error instanceof Error && turnedAway.test(error.message)) return "unavailable";
  const code = sqlStateOf(error);
  if (code !== undefined) {
    if (lostRaces.has(code)) return "lostRace";
    if (code === "23505") return "duplicate";
    if (outages.test(code)) return atCommit && !code.startsWith("53") ? "doubt" : "unavailable";
    return /^(22|23|54)/.test(code) ? "poison" : "bug";
  }
  if (!isBrokenConnection(error)) return "bug";
  return atCommit ? "doubt" : "unavailable";
}

/** The SQLSTATE of an error that the database itself sent. */
export function sqlStateOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return /^[0-9A-Z]{5}$/.test(String(error.code)) && "severity" in error
    ? String(error.code)
    : undefined;
}

/** Errors of the socket and of the driver about it; the driver gives them no code. */
function isBrokenConnection(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof DeadlineError || error instanceof CredentialsError) return true;
  if ("syscall" in error || ("code" in error && error.code === "ECONNRESET")) return true;
  const says =
    /^(Connection terminated|Client has encountered|Client was closed|timeout (exceeded|expired))/;
  return (
    says.test(error.message) ||
    error instanceof AggregateError ||
    /connection timeout/.test(error.message)
  );
}

/** COMMIT was answered with the tag ROLLBACK: the transaction had failed, nothing was recorded. */
export class CommitAborted extends Error {
  override name = "CommitAborted";
}

/** We waited long enough and destroyed the connection. */
export class DeadlineError extends Error {
  override name = "DeadlineError";
}

/** The endpoint answers again, and others than this connection: what it waits for is gone. */
export class LeftBehindError extends DeadlineError {
  override name = "LeftBehindError";

  constructor() {
    super("the connection was silent while others were answered");
  }
}

/** There was nothing to sign a token with: no connection was tried. */
export class CredentialsError extends Error {
  override name = "CredentialsError";
}

/** Out of attempts or time. Nothing was recorded: the same request may be sent again. */
export class ExhaustedError extends Error {
  override name = "ExhaustedError";
}

/** Out of attempts or time after a COMMIT whose answer never came. It may be recorded. */
export class DoubtError extends Error {
  override name = "DoubtError";
}
