import { hashOf, noHash, type Entry } from "./entry.ts";

/**
 * The first place where a chain is not what was written.
 *
 *   missing    there is no entry with this number, though later ones or the head say that there was
 *   altered    the entry's hash is not that of its content
 *   unlinked   the entry does not follow on the one before it
 *   head       the entry is beyond what the head names, or is not the one that the head names
 */
export interface Break {
  readonly seq: number;
  readonly fault: "missing" | "altered" | "unlinked" | "head";
}

export interface Verdict {
  readonly entries: number;
  readonly brokenAt?: Break;
}

export interface Head {
  readonly seq: number;
  readonly hash: string;
}

/** Goes along a chain from its first entry, wherever the entries come from, up to the first fault. */
export class ChainWalk {
  readonly #head: Head;
  #last: Head = { seq: 0, hash: noHash };
  #brokenAt: Break | undefined;

  constructor(head: Head) {
    this.#head = head;
  }

  /** False once the chain is broken: nothing behind it is looked at. */
  step(entry: Entry & { readonly hash: string }): boolean {
    if (this.#brokenAt) return false;
    const fault = this.#faultOf(entry);
    if (fault) return this.breakHere(fault);
    this.#last = { seq: Number(entry.seq), hash: entry.hash };
    return true;
  }

  breakHere(fault: Break["fault"]): false {
    this.#brokenAt ??= { seq: this.#last.seq + 1, fault };
    return false;
  }

  end(): Verdict {
    const { seq: entries, hash } = this.#last;
    if (!this.#brokenAt && entries < this.#head.seq) this.breakHere("missing");
    const isOther = hash !== this.#head.hash;
    const brokenAt = this.#brokenAt ?? (isOther ? { seq: entries, fault: "head" as const } : null);
    return { entries, ...(brokenAt && { brokenAt }) };
  }

  #faultOf(entry: Entry & { readonly hash: string }): Break["fault"] | undefined {
    const seq = this.#last.seq + 1;
    if (Number(entry.seq) !== seq) return "missing";
    if (hashOf(entry) !== entry.hash) return "altered";
    if (entry.previousHash !== this.#last.hash) return "unlinked";
    return seq > this.#head.seq ? "head" : undefined;
  }
}
