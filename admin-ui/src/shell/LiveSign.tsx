import { useId } from "react";
import type { LiveState } from "../live/events.ts";
import { liveStream } from "../live/stream.ts";
import { useLiveState } from "../live/use-live.ts";
import { buttonClass, Button } from "../ui/Button.tsx";
import { classNames } from "../ui/class-names.ts";
import { Time } from "../ui/Figures.tsx";
import { ToInstance } from "../ui/ToInstance.tsx";

const words: Readonly<Record<LiveState, { word: string; dot: string; says: string }>> = {
  live: { word: "Live", dot: "bg-ok", says: "What is shown follows the books within a moment." },
  "catching-up": { word: "Catching up", dot: "bg-warn", says: "The connection is being made." },
  stale: {
    word: "Stale",
    dot: "bg-bad",
    says: "The server is not heard. What is shown may be old; it catches up by itself.",
  },
  offline: { word: "Offline", dot: "bg-bad", says: "This device has no network." },
  paused: { word: "Paused", dot: "bg-mute", says: "Nothing moves until you resume." },
  off: { word: "Catching up", dot: "bg-warn", says: "The connection is being made." },
};

/** Whether what is shown is as of now. */
export function LiveSign() {
  const state = useLiveState();
  const id = useId();
  const { word, dot, says } = words[state];
  const isPaused = state === "paused";
  return (
    <>
      <button type="button" className={buttonClass("quiet")} popoverTarget={id}>
        <span className={classNames("size-2 rounded-full", dot)} aria-hidden="true" />
        <span role="status" className="text-sm text-mute max-sm:sr-only">
          {word}
        </span>
      </button>
      <div
        id={id}
        popover="auto"
        className="fixed end-3 top-12 w-72 rounded-lg border bg-panel p-4 text-ink shadow-float"
      >
        <div className="flex flex-col items-start gap-3">
          <p>{says}</p>
          <p className="text-sm text-mute">
            Last heard <Time at={new Date(liveStream.heardAt).toISOString()} />.
          </p>
          {state === "stale" && <ToInstance />}
          <Button
            icon={isPaused ? "play" : "pause"}
            onClick={() => liveStream.setPaused(!isPaused)}
          >
            {isPaused ? "Resume updates" : "Pause updates"}
          </Button>
        </div>
      </div>
    </>
  );
}
