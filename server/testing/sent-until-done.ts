import { setTimeout as sleep } from "node:timers/promises";

/** A command of an API that dies under it: sent again under its key until it is done. */
export async function sentUntilDone(
  url: string,
  { key, body }: { readonly key: string; readonly body: object },
  signal: AbortSignal,
): Promise<void> {
  const headers = {
    Authorization: `Bearer ${key}`,
    "Content-Type": "application/json",
    "Idempotency-Key": crypto.randomUUID(),
  };
  for (;;) {
    signal.throwIfAborted();
    const reply = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) })
      // Headers that came are worth nothing without what was to follow.
      .then(async (one) => ({ status: one.status, text: await one.text() }))
      .catch(() => undefined);
    if (reply?.status === 200 || reply?.status === 201) return;
    if (reply !== undefined && reply.status < 500 && reply.status !== 409) {
      throw new Error(`${url}: ${reply.text}`);
    }
    await sleep(50);
  }
}
