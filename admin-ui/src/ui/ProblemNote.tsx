import { asProblem } from "../api/problem.ts";
import { CopyButton } from "./CopyButton.tsx";
import { Icon } from "./Icon.tsx";

/** What went wrong with a form or an action, above its button. Fields tell their own part. */
export function ProblemNote({ error }: { readonly error: unknown }) {
  const problem = asProblem(error);
  const { title, message, requestId, href, retryAfterSeconds, inDoubt } = problem;
  return (
    <div role="alert" className="flex gap-2 rounded-md border border-bad/50 bg-bad/8 px-3 py-2">
      <span className="mt-0.5 text-bad">
        <Icon name="alert" />
      </span>
      <div className="flex min-w-0 flex-col gap-0.5">
        <p className="font-medium">{title}.</p>
        <p>{message}</p>
        {inDoubt && <p>It may be recorded. Sending it again is safe, and will tell.</p>}
        {retryAfterSeconds !== undefined && <p>It may work in {retryAfterSeconds} seconds.</p>}
        {href !== undefined && (
          <p className="text-sm text-mute">
            <a className="underline" href={href} target="_blank" rel="noreferrer">
              About {problem.code}
            </a>
            {requestId !== undefined && (
              <>
                {" · request "}
                <code className="font-mono text-xs break-all">{requestId}</code>
                <CopyButton text={requestId} label="Copy request id" />
              </>
            )}
          </p>
        )}
      </div>
    </div>
  );
}
