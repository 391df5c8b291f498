import { setTimeout as sleep } from "node:timers/promises";

/** Whether it ended within the time; what fails later is nobody's concern any more. */
export async function inTime(work: Promise<unknown>, ms: number): Promise<boolean> {
  const late = new AbortController();
  const tooLate = sleep(ms, false, { signal: late.signal }).catch(() => false);
  const done = work.then(() => true);
  done.catch(() => undefined);
  try {
    return await Promise.race([done, tooLate]);
  } finally {
    late.abort();
  }
}
