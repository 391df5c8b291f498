import { ExhaustedError } from "./faults.ts";

/**
 * Who waits for whom within one process. Transactions that all write one row, such as the head of a
 * tenant's audit chain, lose races against each other until some give up; one after the other each
 * comes through at its first attempt. Between processes the race decides as before.
 */
export class Turns {
  /** By subject, those who wait; there while somebody has the turn. */
  readonly #waiting = new Map<string, Set<() => void>>();

  /** First come first served; nothing was done for who is not served by the deadline. */
  async inTurn<T>(subject: string, deadlineAt: number, work: () => Promise<T>): Promise<T> {
    await this.#take(subject, deadlineAt);
    try {
      return await work();
    } finally {
      this.#pass(subject);
    }
  }

  async #take(subject: string, deadlineAt: number): Promise<void> {
    const waiting = this.#waiting.get(subject);
    if (!waiting) {
      this.#waiting.set(subject, new Set());
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const served = (): void => {
        clearTimeout(alarm);
        resolve();
      };
      const alarm = setTimeout(() => {
        waiting.delete(served);
        reject(new ExhaustedError("gave up while others had their turn"));
      }, deadlineAt - performance.now());
      waiting.add(served);
    });
  }

  #pass(subject: string): void {
    const waiting = this.#waiting.get(subject);
    const [next] = waiting ?? [];
    if (!next) {
      this.#waiting.delete(subject);
      return;
    }
    waiting?.delete(next);
    next();
  }
}
