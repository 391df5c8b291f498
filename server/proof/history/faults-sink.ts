import { setTimeout as sleep } from "node:timers/promises";
import { spellMs, type Fault } from "./fault.ts";
import type { Mood } from "./sink.ts";

const atSink = (name: string, says: string, mood: Mood): Fault => ({
  name,
  says,
  needsStage: true,
  async strike({ sink }) {
    if (sink === undefined) return;
    sink.mood = mood;
    await sleep(spellMs);
    sink.mood = "well";
  },
});

/** What a receiver of webhooks does to who calls it. */
export const sinkFaults: readonly Fault[] = [
  atSink("webhook-sink-fails", "For two seconds the webhooks' receiver answers 500.", "fails"),
  atSink("webhook-sink-hangs", "What it gets in two seconds the receiver never answers.", "hangs"),
  atSink("webhook-sink-gone", "For two seconds the receiver cuts every connection.", "gone"),
];
