import { useEffect, useRef } from "react";
import type { RunView } from "../../../../server/runs/wire.ts";
import { say } from "../../ui/say.ts";
import { finishOf, isOver, whole, type Seen } from "./words.ts";

/** More often than this nobody can listen. */
const everyMs = 5_000;

/** Tells those who listen how far it is, now and then, and how it ended. */
export function useSummary(run: RunView, seen: Seen | undefined): void {
  const latest = useRef("");
  const over = isOver(run);
  useEffect(() => {
    latest.current = seen
      ? `${whole(seen.answered)} of ${whole(run.agents)} answered, ${whole(seen.sold)} sold.`
      : "";
  });
  useEffect(() => {
    if (over) return;
    let told = "";
    const timer = setInterval(() => {
      if (latest.current === "" || latest.current === told) return;
      told = latest.current;
      say(told);
    }, everyMs);
    return () => clearInterval(timer);
  }, [over]);
  const finish = finishOf(run);
  const wasGoing = useRef(!over);
  useEffect(() => {
    if (finish !== undefined && wasGoing.current) say(`The run is over: ${finish}.`);
  }, [finish]);
}
