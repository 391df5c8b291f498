import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { Exchange } from "../../api/client.ts";
import { isCommit, quote, send, type Sent } from "./asking.ts";
import type { Ask } from "./search.ts";
import { Memory, type Preset, type ScriptCall } from "./script.ts";

/** A call of the script, and what came of it so far. */
export interface Made {
  readonly call: ScriptCall;
  readonly answer?: Exchange;
  /** How often it was sent. */
  readonly times?: number;
}

interface Progress {
  /** By step: undefined where it has not begun. */
  readonly made: readonly (readonly Made[])[];
  readonly isBusy: boolean;
  readonly error?: unknown;
}

export interface ScriptRun extends Progress {
  readonly step: () => void;
  readonly run: () => void;
  readonly isOver: boolean;
}

const nothing: Progress = { made: [], isBusy: false };
const pauseMs = 250;
const patienceMs = 15_000;

/** What was meant to be made was not: the rest would make no sense. */
class NotMade extends Error {}

/** Runs a preset against the server, step by step or to its end; a new run makes new things. */
export function useScript(preset: Preset, onSent: (sent: Sent) => void): ScriptRun {
  const queries = useQueryClient();
  const [progress, setProgress] = useState(nothing);
  const memory = useRef(new Memory());
  const isAlive = useRef(true);
  useEffect(() => {
    isAlive.current = true;
    return () => {
      isAlive.current = false;
    };
  }, []);
  const isOver = progress.made.length === preset.steps.length && !progress.isBusy;

  const put = (at: number, index: number, made: Made): void =>
    setProgress((before) => {
      const steps = [...before.made];
      steps[at] = Object.assign([...(steps[at] ?? [])], { [index]: made });
      return { ...before, made: steps };
    });

  const doStep = async (at: number): Promise<void> => {
    const { waves } = preset.steps[at] ?? { waves: [] };
    let placed = 0;
    for (const wave of waves) {
      const calls = wave(memory.current);
      const first = placed;
      placed += calls.length;
      calls.forEach((call, index) => put(at, first + index, { call }));
      const sents = await doWave(calls, (index, made) => put(at, first + index, made));
      calls.forEach(({ makes }, index) => {
        if (makes !== undefined) memory.current.remember(makes, idIn(sents[index]?.answer));
      });
      if (!isAlive.current) return;
      const shown = sents.filter((one) => one !== undefined && "ask" in one);
      const told = shown.find(({ answer }) => /"DECLINED"|"code"/.test(answer.text));
      const last = told ?? shown.at(-1);
      if (last) onSent(last);
    }
    await queries.invalidateQueries({ queryKey: ["playground"] });
  };

  const go = async (from: number, to: number): Promise<void> => {
    if (from === 0) memory.current = new Memory();
    setProgress((before) => ({ made: before.made.slice(0, from), isBusy: true }));
    try {
      for (let at = from; at < to && isAlive.current; at++) await doStep(at);
      setProgress((before) => ({ ...before, isBusy: false }));
    } catch (error) {
      setProgress((before) => ({ ...before, isBusy: false, error }));
    }
  };
  const next = isOver || progress.error !== undefined ? 0 : progress.made.length;
  return {
    ...progress,
    isOver: isOver && progress.error === undefined,
    step: () => void go(next, next + 1),
    run: () => void go(next, preset.steps.length),
  };
}

type Answered = Sent | { readonly answer: Exchange };

/** All at once; of a commit also how things stood before. */
async function doWave(
  calls: readonly ScriptCall[],
  put: (index: number, made: Made) => void,
): Promise<Answered[]> {
  const before = await Promise.all(
    calls.map(async (call) => (isCommit(call) ? quote(call.body as Ask) : undefined)),
  );
  return Promise.all(
    calls.map(async (call, index): Promise<Answered> => {
      const { answer, times } = await sendUntil(call);
      put(index, { call, answer, times });
      if (call.makes !== undefined && answer.status >= 300) {
        throw new NotMade(`${call.label} could not be made. Its answer says why.`);
      }
      const stood = before[index];
      if (!stood) return { answer };
      return { ask: call.body as Ask, key: call.idempotencyKey ?? "", before: stood, answer };
    }),
  );
}

async function sendUntil(call: ScriptCall): Promise<{ answer: Exchange; times: number }> {
  const deadlineAt = performance.now() + patienceMs;
  for (let times = 1; ; times++) {
    const answer = await send(call);
    const isSo = call.until?.(answer) ?? true;
    if (isSo || performance.now() > deadlineAt) return { answer, times };
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

function idIn(answer: Exchange | undefined): string {
  const { id, intentId } = JSON.parse(answer?.text ?? "{}") as { id?: string; intentId?: string };
  return id ?? intentId ?? "";
}
