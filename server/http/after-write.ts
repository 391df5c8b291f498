import { ExhaustedError } from "../db/faults.ts";
import { comeBack } from "./send-answer.ts";

/**
 * What is read for an answer once the change is committed. Where the database goes away in between, the
 * change is there all the same: it must not be told that nothing was recorded.
 */
export async function afterWrite<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof ExhaustedError) throw comeBack("OUTCOME_UNKNOWN");
    throw error;
  }
}
