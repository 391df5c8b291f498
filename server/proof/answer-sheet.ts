import { hash } from "node:crypto";
import type { Answer } from "../kernel/types.ts";

type Final = Extract<Answer, { text: string }>;

/** What an agent was told, in nine bytes: enough to hold the kernel to it. */
export class AnswerSheet {
  /** Agents that have an answer. */
  answered = 0;
  sold = 0;
  declined = 0;
  readonly declinedBy: Record<string, number> = {};
  replaysMatched = 0;
  replaysMismatched = 0;
  /** The first mismatch, for whoever has to find out. */
  mismatch: string | undefined;
  readonly #told: Uint8Array;
  readonly #hashes: BigUint64Array;

  constructor(agents: number) {
    this.#told = new Uint8Array(agents);
    this.#hashes = new BigUint64Array(agents);
  }

  /** `mayReturn`: the agent asks twice, so what it was told the first time must be remembered. */
  note(agent: number, answer: Final, mayReturn: boolean): void {
    if (this.#told[agent] !== 0) {
      this.#compare(agent, answer);
      return;
    }
    this.#told[agent] = answer.replayed ? told.replayed : told.fresh;
    if (mayReturn) this.#hashes[agent] = hashOf(answer.text);
    this.answered++;
    if (answer.kind === "granted") {
      this.sold++;
      return;
    }
    this.declined++;
    const reason = reasonOf(answer.text);
    this.declinedBy[reason] = (this.declinedBy[reason] ?? 0) + 1;
  }

  #compare(agent: number, answer: Final): void {
    const before = this.#told[agent];
    this.#told[agent] = answer.replayed ? (before ?? 0) : told.fresh;
    // Two answers that both say "fresh" to one key are two purchases, whatever else they say.
    const twiceFresh = before === told.fresh && !answer.replayed;
    if (!twiceFresh && this.#hashes[agent] === hashOf(answer.text)) {
      this.replaysMatched++;
      return;
    }
    this.replaysMismatched++;
    this.mismatch ??= `agent ${agent} was told something else the second time: ${answer.text}`;
  }
}

const told = { fresh: 1, replayed: 2 };

/** Of the answer but for `replayed`, its last field. */
function hashOf(text: string): bigint {
  const end = text.lastIndexOf(',"replayed":');
  return hash("sha256", text.slice(0, end), "buffer").readBigUInt64LE();
}

const reasonMark = '"reason":"';

/** Cut out by hand: a million answers are declines, and parsing each costs more than making it. */
function reasonOf(text: string): string {
  const from = text.indexOf(reasonMark) + reasonMark.length;
  return text.slice(from, text.indexOf('"', from));
}
