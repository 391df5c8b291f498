import type { SessionView } from "./session.ts";
import { setSession } from "./session.ts";

let reading: Promise<void> | undefined;

/**
 * What this page knows of the session is not what the server knows: the role was changed, or the
 * organisation suspended. However many requests meet it at once, it is read once.
 */
export function refreshSession(read: () => Promise<SessionView>): Promise<void> {
  reading ??= read()
    .then(setSession, () => undefined)
    .finally(() => (reading = undefined));
  return reading;
}
