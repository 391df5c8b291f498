import { useEffect, useState } from "react";
import { Button } from "./Button.tsx";

/** Tries again; where the server said when, not before that. */
export function RetryButton({
  afterSeconds = 0,
  onRetry,
}: {
  readonly afterSeconds?: number | undefined;
  readonly onRetry: () => void;
}) {
  const left = useCountdown(afterSeconds);
  const reason = left > 0 ? `The server takes the next request in ${left} s.` : undefined;
  return (
    <>
      <Button icon="refresh" disabledReason={reason} onClick={onRetry}>
        {left > 0 ? `Try again in ${left} s` : "Try again"}
      </Button>
      {afterSeconds > 0 && (
        <span role="status" className="sr-only">
          {left > 0 ? "" : "You can try again now."}
        </span>
      )}
    </>
  );
}

function useCountdown(seconds: number): number {
  const [until] = useState(() => Date.now() + seconds * 1_000);
  const [now, setNow] = useState(() => Date.now());
  const isOver = now >= until;
  useEffect(() => {
    if (isOver) return;
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, [isOver]);
  return Math.max(0, Math.ceil((until - now) / 1_000));
}
