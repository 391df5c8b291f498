import type { Kernel } from "../server/kernel/gather.ts";
import type { Ask } from "../server/kernel/types.ts";

export interface Rate {
  readonly asksPerSecond: number;
  readonly granted: number;
  readonly declined: number;
}

/** Asks as fast as answers come back, `inFlight` at a time, for a while; the first second warms up. */
export async function pressFor(
  kernel: Kernel,
  next: (index: number) => Ask,
  { inFlight, seconds }: { inFlight: number; seconds: number },
): Promise<Rate> {
  const counts = { granted: 0, declined: 0 };
  const startAt = performance.now() + 1_000;
  const endAt = startAt + seconds * 1_000;
  let index = 0;
  const askers = Array.from({ length: inFlight }, async () => {
    for (;;) {
      const answer = await kernel.ask(next(index++));
      const now = performance.now();
      if (now >= endAt) return;
      if (answer.kind !== "granted" && answer.kind !== "declined") {
        throw new Error(`the bench wants answers, not ${JSON.stringify(answer)}`);
      }
      if (now >= startAt) counts[answer.kind]++;
    }
  });
  await Promise.all(askers);
  return { ...counts, asksPerSecond: (counts.granted + counts.declined) / seconds };
}
