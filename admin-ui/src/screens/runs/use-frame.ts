import { useEffect, useRef, useState } from "react";
import type { RunFrame } from "../../../../server/runs/wire.ts";
import { useLive } from "../../live/use-live.ts";
import { wrongIn } from "./words.ts";

/** A tab that nobody sees draws four times a minute, unless something is wrong. */
const hiddenMs = 15_000;

export interface Stamped {
  readonly frame: RunFrame;
  /** When it was heard, on the clock of `performance.now()`. */
  readonly at: number;
}

/**
 * The newest frame of a run. However many come, there is one picture for each frame of the screen; each
 * frame replaces the one before, so none has to be kept.
 */
export function useFrame(id: string): Stamped | undefined {
  const [shown, setShown] = useState<Stamped>();
  const waiting = useRef<Stamped>(undefined);
  const cancel = useRef<() => void>(undefined);
  const show = (): void => {
    cancel.current = undefined;
    setShown(waiting.current);
  };
  useLive([`run:${id}`], (heard) => {
    if (heard.kind !== "frame") return;
    const frame = heard.frame as RunFrame;
    waiting.current = { frame, at: performance.now() };
    const isUrgent = frame.proof !== null && wrongIn(frame.proof) > 0;
    if (document.hidden && isUrgent) show();
    else cancel.current ??= document.hidden ? later(show) : withNextPicture(show);
  });
  useEffect(() => {
    const onVisible = (): void => {
      if (document.hidden || !cancel.current) return;
      cancel.current();
      cancel.current = withNextPicture(() => {
        cancel.current = undefined;
        setShown(waiting.current);
      });
    };
    document.addEventListener("visibilitychange", onVisible);
    return () => {
      document.removeEventListener("visibilitychange", onVisible);
      cancel.current?.();
    };
  }, []);
  return shown;
}

function withNextPicture(show: () => void): () => void {
  const handle = requestAnimationFrame(show);
  return () => cancelAnimationFrame(handle);
}

function later(show: () => void): () => void {
  const handle = setTimeout(show, hiddenMs);
  return () => clearTimeout(handle);
}
