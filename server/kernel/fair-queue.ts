/** A waiting job and what it would cost a transaction: rows written, bytes sent. */
export interface Weighed {
  readonly tenantId: string;
  readonly rows: number;
  readonly bytes: number;
}

export interface BatchLimits {
  readonly asks: number;
  readonly rows: number;
  readonly bytes: number;
}

/**
 * First come first served within a tenant, in turn between tenants: one that sends a million asks
 * does not make the others wait for them.
 */
export class FairQueue<Job extends Weighed> {
  length = 0;
  readonly #waiting = new Map<string, { jobs: Job[]; next: number }>();

  push(job: Job): void {
    const line = this.#waiting.get(job.tenantId);
    if (line) line.jobs.push(job);
    else this.#waiting.set(job.tenantId, { jobs: [job], next: 0 });
    this.length++;
  }

  /** The job that is next. */
  next(): Job | undefined {
    const [line] = this.#waiting.values();
    return line?.jobs[line.next];
  }

  /** The next batch: a job of each tenant in turn until the limits are reached, always at least one. */
  take(limits: BatchLimits): Job[] {
    const batch: Job[] = [];
    let rows = 0;
    let bytes = 0;
    for (;;) {
      const [tenantId, line] = this.#waiting.entries().next().value ?? [];
      if (tenantId === undefined || line === undefined) return batch;
      const job = line.jobs[line.next];
      if (job !== undefined) {
        const fits = rows + job.rows <= limits.rows && bytes + job.bytes <= limits.bytes;
        if (batch.length > 0 && (batch.length >= limits.asks || !fits)) return batch;
        batch.push(job);
        rows += job.rows;
        bytes += job.bytes;
        line.next++;
        this.length--;
      }
      this.#toTheBack(tenantId, line);
    }
  }

  /** Its next turn comes after everybody else's. */
  #toTheBack(tenantId: string, line: { jobs: Job[]; next: number }): void {
    const alone = this.#waiting.size === 1;
    const empty = line.next >= line.jobs.length;
    if (empty) {
      this.#waiting.delete(tenantId);
      return;
    }
    // Taken jobs are cut off now and then: shifting an array of 20,000 for each would cost more.
    if (line.next >= 1024) {
      line.jobs.splice(0, line.next);
      line.next = 0;
    }
    if (alone) return;
    this.#waiting.delete(tenantId);
    this.#waiting.set(tenantId, line);
  }

  /** Takes out every job from the heads of the lines for which `overdue` holds. */
  drop(overdue: (job: Job) => boolean): Job[] {
    const dropped: Job[] = [];
    for (const [tenantId, line] of this.#waiting) {
      let job = line.jobs[line.next];
      while (job !== undefined && overdue(job)) {
        dropped.push(job);
        line.next++;
        this.length--;
        job = line.jobs[line.next];
      }
      if (job === undefined) this.#waiting.delete(tenantId);
    }
    return dropped;
  }
}
