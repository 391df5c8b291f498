import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { FirstStepsView } from "../../../../server/overview/wire.ts";
import { useMode, type Mode } from "../../api/mode.ts";
import { useReasonAgainst, useSession } from "../../api/session.ts";
import { useLiveQueries } from "../../live/use-live.ts";
import { useFirstStepsShown } from "../../shell/first-steps.ts";
import { Button, buttonClass } from "../../ui/Button.tsx";
import { classNames } from "../../ui/class-names.ts";
import { Icon } from "../../ui/Icon.tsx";
import { Page } from "../../ui/Page.tsx";
import { ErrorState } from "../../ui/States.tsx";
import { firstSteps } from "./first-steps-query.ts";
import { FirstSteps } from "./FirstSteps.tsx";
import { Proof } from "./Proof.tsx";
import { stepTexts } from "./step-texts.ts";
import { Today } from "./Today.tsx";

const topics = ["purchases", "items", "mandates", "runs", "merchants", "keys", "webhooks"] as const;

export function Overview() {
  const mode = useMode();
  const { data, error, refetch } = useQuery(firstSteps);
  useLiveQueries(topics, isOver(data) ? [] : [["first-steps"]]);
  const hasSteps = useHasSteps(mode, data);
  return (
    <Page title="Overview">
      {data && isEmpty(data) && <BigButton />}
      <div
        className={classNames(
          "grid grid-cols-[minmax(0,1fr)] items-start gap-4",
          hasSteps
            ? "lg:grid-cols-[230px_minmax(0,1fr)_minmax(320px,380px)]"
            : "lg:grid-cols-[230px_minmax(0,1fr)]",
        )}
      >
        <Proof />
        <div className="flex min-w-0 flex-col gap-4">
          <Today />
        </div>
        {hasSteps && data && (
          <div className="min-w-0 max-lg:order-first">
            <FirstSteps view={data} />
          </div>
        )}
        {!data && error && <ErrorState error={error} onRetry={() => void refetch()} />}
      </div>
    </Page>
  );
}

function isOver(view: FirstStepsView | undefined): boolean {
  return view?.steps.every(({ doneAt }) => doneAt !== null) ?? false;
}

/** Nothing was sold here and nothing was run. */
function isEmpty({ steps }: FirstStepsView): boolean {
  return !steps.some(
    ({ step, doneAt }) => doneAt !== null && (step === "run" || step === "purchase"),
  );
}

/** While some are left; and to the end for who has watched them being ticked. */
function useHasSteps(mode: Mode, view: FirstStepsView | undefined): boolean {
  const showing = useFirstStepsShown();
  const [watched, setWatched] = useState<Mode>();
  const { scopes } = useSession();
  // Somebody who may do none of them sees the shop's figures alone.
  const mayDo = ({ step, doneAt }: FirstStepsView["steps"][number]): boolean =>
    doneAt === null && scopes.includes(stepTexts[step].needs);
  const isLeft = view?.steps.some(mayDo) ?? false;
  if (isLeft && watched !== mode) setWatched(mode);
  if (showing === "while-left") return view !== undefined && (isLeft || watched === mode);
  return showing === "always";
}

function BigButton() {
  const { screen, search, needs } = stepTexts.run;
  const reason = useReasonAgainst(needs);
  const words = "Run 10,000 agents against 100 units";
  return (
    <section className="flex flex-col items-center gap-3 rounded-lg border bg-panel px-6 py-9 text-center">
      <h2 className="text-lg font-semibold">Nothing has been sold here yet. See it hold first.</h2>
      {reason === undefined ? (
        <Link
          to={screen as "/"}
          search={search as never}
          className={classNames(buttonClass("primary", "large"), "min-h-12 px-6 text-lg")}
        >
          <Icon name="play" size={18} />
          {words}
        </Link>
      ) : (
        <Button look="primary" size="large" icon="play" disabledReason={reason}>
          {words}
        </Button>
      )}
      <p className="max-w-[40rem] text-mute">
        You will see every unit go to one agent, why each of the others was refused, and four
        numbers that stay at zero. It takes some seconds, in a world of its own.
      </p>
    </section>
  );
}
