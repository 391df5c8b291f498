import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { LinkView } from "../../../../server/entrance/wire.ts";
import { post } from "../../api/client.ts";
import { asProblem } from "../../api/problem.ts";
import { ErrorState, Skeleton } from "../../ui/States.tsx";
import { ProblemNote } from "../../ui/ProblemNote.tsx";

/**
 * What a link is for is asked before anything is typed: a form that would be refused is not shown, and
 * whoever comes sees for what and as whom.
 */
export function OfLink({
  token,
  title,
  remedy,
  children,
}: {
  readonly token: string;
  /** While it is not known better. */
  readonly title: string;
  /** What to do about a link that is no longer good. */
  readonly remedy: ReactNode;
  readonly children: (link: LinkView) => ReactNode;
}) {
  const { data, error, refetch } = useQuery({
    queryKey: ["link", token],
    queryFn: ({ signal }) => post<LinkView>("/v1/links/look", { token }, { isWayIn: true, signal }),
    retry: false,
    // What was told once stays on the screen: the link is used by the form below.
    staleTime: Infinity,
  });
  if (data) return children(data);
  return (
    <div className="flex flex-col gap-5">
      <h1 tabIndex={-1} className="text-2xl font-semibold tracking-tight">
        {title}
      </h1>
      {error === null ? (
        <div role="status" className="flex flex-col gap-3">
          <span className="sr-only">Loading</span>
          <Skeleton className="h-4 w-3/4" />
          <Skeleton className="h-8 w-full" />
          <Skeleton className="h-8 w-full" />
        </div>
      ) : isOver(error) ? (
        <>
          <ProblemNote error={error} />
          {remedy}
        </>
      ) : (
        <ErrorState error={error} onRetry={() => void refetch()} />
      )}
    </div>
  );
}

/** Nothing that is sent again can mend it. */
function isOver(error: Error): boolean {
  const { code } = asProblem(error);
  return code === "LINK_NOT_VALID" || code === "ALREADY_CLAIMED";
}
