import type { ServerError } from "./frames.ts";

/** A question of our own that the database refused. */
export class AskError extends Error {
  override readonly name = "AskError";
  readonly error: ServerError;

  constructor(error: ServerError) {
    super(error.message);
    this.error = error;
  }
}

/** What to think when the database refused the question. */
export const orAsked =
  <T>(answer: T) =>
  (error: unknown): T => {
    if (error instanceof AskError) return answer;
    throw error;
  };
