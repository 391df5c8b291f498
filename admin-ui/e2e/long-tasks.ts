import { expect } from "vitest";

export interface LongTask {
  readonly clockMs: number;
  readonly processorMs: number;
}

/** What a hand feels. */
export const longMs = 50;

interface Traced {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly dur?: number;
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/** Of a page, in a trace of "toplevel". On a busy machine a task stands still by the clock without doing anything: so both are told. */
export function longTasksIn(text: string): LongTask[] {
  const { traceEvents } = JSON.parse(text) as { traceEvents: readonly Traced[] };
  const placeOf = ({ pid, tid }: Traced): string => `${pid}.${tid}`;
  const main = new Set(
    traceEvents
      .filter(({ name, args }) => name === "thread_name" && args?.name === "CrRendererMain")
      .map(placeOf),
  );
  const tasks = traceEvents.filter((event) => event.ph === "X" && main.has(placeOf(event)));
  expect(tasks.length, "tasks in the trace").toBeGreaterThan(100);
  return tasks
    .filter(({ dur = 0 }) => dur > longMs * 1_000)
    .map(({ dur = 0, tdur = dur }) => ({
      clockMs: Math.round(dur / 1_000),
      processorMs: Math.round(tdur / 1_000),
    }));
}
