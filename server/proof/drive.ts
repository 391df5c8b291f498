import type { Kernel } from "../kernel/gather.ts";
import type { Answer, Ask } from "../kernel/types.ts";
import { Latency } from "./latency.ts";

export interface DriveOptions<A extends Ask> {
  /** Asks that are on their way at any moment. */
  readonly inFlight: number;
  /** On the clock of `performance.now()`: no ask is sent after it. */
  readonly deadlineAt?: number;
  readonly signal?: AbortSignal;
  /** A promise means: wait for it, and then send the same ask once more. */
  readonly onAnswer?: (ask: A, answer: Answer, ms: number) => Promise<unknown> | undefined;
}

export interface Drive {
  readonly seconds: number;
  readonly asksPerSecond: number;
  readonly latency: Latency;
  /** The longest time in which nobody was answered: what an outage looks like from outside. */
  readonly longestSilenceMs: number;
  readonly counts: Readonly<Record<Answer["kind"], number>>;
}

/**
 * A closed loop: each of `inFlight` askers sends its next ask when it has the answer to its last,
 * until `next` has no more or the deadline comes. Tens of thousands of asks a second go through
 * here on the core that the kernel wants for itself, so nothing is made or kept per ask.
 */
export async function drive<A extends Ask>(
  kernel: Pick<Kernel, "ask">,
  next: () => A | undefined,
  options: DriveOptions<A>,
): Promise<Drive> {
  const { inFlight, deadlineAt = Infinity, signal, onAnswer } = options;
  const latency = new Latency();
  const counts = {
    granted: 0,
    declined: 0,
    rejected: 0,
    conflict: 0,
    exhausted: 0,
    overloaded: 0,
    unknown: 0,
  };
  const startedAt = performance.now();
  let now = startedAt;
  let longestSilenceMs = 0;
  let broken: { readonly cause: unknown } | undefined;

  async function askOneAfterAnother(): Promise<void> {
    let again: A | undefined;
    while (broken === undefined && now < deadlineAt && signal?.aborted !== true) {
      const ask: A | undefined = again ?? next();
      if (ask === undefined) return;
      const askedAt = performance.now();
      const answer = await kernel.ask(ask);
      const heardAt = performance.now();
      longestSilenceMs = Math.max(longestSilenceMs, heardAt - now);
      now = heardAt;
      latency.record(now - askedAt);
      counts[answer.kind]++;
      const pause = onAnswer?.(ask, answer, now - askedAt);
      again = pause === undefined ? undefined : ask;
      if (pause !== undefined) await pause;
    }
  }

  // One that fails stops the others, and nobody is left asking when the failure is heard.
  const asker = (): Promise<void> =>
    askOneAfterAnother().catch((cause: unknown) => {
      broken ??= { cause };
    });
  await Promise.all(Array.from({ length: inFlight }, asker));
  if (broken !== undefined) throw (broken as { cause: unknown }).cause;
  const seconds = Math.max(now - startedAt, 0.001) / 1000;
  return { seconds, asksPerSecond: latency.count / seconds, latency, longestSilenceMs, counts };
}
