/** What has to be closed in the end, the last thing first. */
export class Closing {
  readonly #all: (() => Promise<unknown>)[] = [];

  /** Builds something whole, or closes again what there was of it. */
  static async whole<T>(build: (closing: Closing) => Promise<T>): Promise<T> {
    const closing = new Closing();
    try {
      return await build(closing);
    } catch (error) {
      await closing.close().catch(() => undefined);
      throw error;
    }
  }

  add(close: () => Promise<unknown>): void {
    this.#all.push(close);
  }

  /** All of it, also when one of them fails. */
  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (const one of this.#all.splice(0).toReversed())
      await one().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }
}
