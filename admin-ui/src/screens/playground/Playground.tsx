import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { setMode, useMode } from "../../api/mode.ts";
import { useReasonAgainst } from "../../api/session.ts";
import { usePaletteActions } from "../../shell/palette-actions.ts";
import { Button } from "../../ui/Button.tsx";
import { classNames } from "../../ui/class-names.ts";
import { Page, Panel } from "../../ui/Page.tsx";
import { ProblemNote } from "../../ui/ProblemNote.tsx";
import { EmptyState, ErrorState, SkeletonRows } from "../../ui/States.tsx";
import { AnswerPanel, VerdictNote } from "./AnswerPanel.tsx";
import { commitCall, problemOf } from "./asking.ts";
import { AskForm } from "./AskForm.tsx";
import { CodePanel } from "./CodePanel.tsx";
import { rowsOfQuote, rowsOfSent } from "./constraint-rows.ts";
import { ConstraintStack } from "./ConstraintStack.tsx";
import { PresetPanel } from "./PresetPanel.tsx";
import { presets } from "./presets.ts";
import { curlOf } from "./snippets.ts";
import {
  firstAsk,
  isWhole,
  makeWorld,
  useNow,
  useThings,
  type Now,
  type Things,
} from "./things.ts";
import { usePlayground, type PlaygroundState } from "./use-playground.ts";

const title = "Playground";

export function Playground() {
  const mode = useMode();
  if (mode === "test") return <Test />;
  return (
    <Page title={title}>
      <EmptyState
        icon="playground"
        title="The playground buys in test data only"
        action={
          <Button look="primary" onClick={() => setMode("test")}>
            Switch to test data
          </Button>
        }
      >
        What is sent here is a real purchase by the real kernel. You are looking at live data, where
        that would sell real stock.
      </EmptyState>
    </Page>
  );
}

/** Everything that a preset or a world is made of. */
function useReasonAgainstMaking(): string | undefined {
  const reasons = [
    useReasonAgainst("merchants:write"),
    useReasonAgainst("items:write"),
    useReasonAgainst("mandates:write"),
  ];
  return reasons.find((reason) => reason !== undefined);
}

function Test() {
  const state = usePlayground();
  const things = useThings();
  const { ask, change } = state;
  const now = useNow(ask);
  const isChosen = isWhole(ask);
  const first = things.data && firstAsk(things.data, ask);
  useEffect(() => {
    if (first && !isChosen) change(first);
  });
  const reason = useReasonAgainstMaking();
  const [isMaking, setMaking] = useState(false);
  const queries = useQueryClient();
  const make = async (): Promise<void> => {
    setMaking(true);
    try {
      change(await makeWorld());
      state.setKey();
      await queries.invalidateQueries({ queryKey: ["playground"] });
    } catch (error) {
      state.fail(error);
    } finally {
      setMaking(false);
    }
  };
  const isEmpty = things.data !== undefined && !isChosen && !first;
  const maker = (
    <Button
      look={isEmpty ? "primary" : "plain"}
      icon="plus"
      busy={isMaking}
      disabledReason={reason}
      onClick={() => void make()}
    >
      Make me a world
    </Button>
  );
  const chosen = presets.find(({ id }) => id === state.preset);
  return (
    <Page title={title} about="The real kernel, on test data" actions={isEmpty ? undefined : maker}>
      <Scenarios state={state} />
      {things.error && !things.data && (
        <ErrorState error={things.error} onRetry={() => void things.refetch()} />
      )}
      {things.isPending && <SkeletonRows />}
      {isEmpty && chosen === undefined && <NoWorld action={maker} error={state.error} />}
      {things.data && (isChosen || chosen !== undefined) && (
        <div className="grid items-start gap-4 lg:grid-cols-2 xl:grid-cols-[minmax(0,10fr)_minmax(0,11fr)_minmax(0,11fr)]">
          <div className="flex min-w-0 flex-col gap-4">
            {chosen && (
              <PresetPanel
                key={chosen.id}
                preset={chosen}
                reason={reason}
                onSent={state.show}
                onClose={() => state.choose(undefined)}
              />
            )}
            {isChosen && <AskAndSend state={state} things={things.data} now={now} />}
          </div>
          <Explained state={state} quoted={now.quoted} />
        </div>
      )}
    </Page>
  );
}

function Scenarios({ state }: { readonly state: PlaygroundState }) {
  usePaletteActions(
    presets.map(({ id, title: name }) => ({
      label: `Playground: ${name}`,
      icon: "playground",
      run: () => state.choose(id),
    })),
  );
  return (
    <div role="group" aria-label="Scenarios" className="flex flex-wrap items-center gap-1.5">
      <span className="me-1 text-sm text-mute">Scenarios</span>
      {presets.map(({ id, title: name }) => (
        <button
          key={id}
          type="button"
          aria-pressed={state.preset === id}
          className={classNames(
            "h-7 rounded-full border px-3 text-sm",
            state.preset === id
              ? "border-accent bg-accent/12 font-medium text-accent"
              : "bg-panel hover:bg-sunk",
          )}
          onClick={() => state.choose(state.preset === id ? undefined : id)}
        >
          {name}
        </button>
      ))}
    </div>
  );
}

function NoWorld({ action, error }: { readonly action: React.ReactNode; readonly error: unknown }) {
  const body = { name: "Playground shop" };
  const call = { method: "POST", path: "/v1/merchants", body, idempotencyKey: "shop-1" } as const;
  return (
    <>
      {error !== undefined && <ProblemNote error={error} />}
      <EmptyState
        icon="playground"
        title="Nothing to buy yet"
        action={action}
        curl={curlOf(call, location.origin)}
      >
        An ask needs a merchant, an item and a mandate that pays. Make a small world of them (one
        shop, three lamps, a budget for four), or run a scenario, which makes its own.
      </EmptyState>
    </>
  );
}

function AskAndSend({
  state,
  things,
  now: { item, mandate, quoted },
}: {
  readonly state: PlaygroundState;
  readonly things: Things;
  readonly now: Now;
}) {
  const { ask, isBusy, send, sent, view } = state;
  const reason = useReasonAgainst("purchases:write");
  const isOff = reason !== undefined || isBusy;
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      if (document.querySelector("dialog[open]")) return;
      event.preventDefault();
      if (!isOff) void send();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [isOff, send]);
  const refused = view === "answered" ? sent?.answer : quoted.data;
  return (
    <Panel title="The ask">
      <AskForm
        ask={ask}
        idempotencyKey={state.key}
        things={things}
        item={item}
        mandate={mandate}
        problem={refused && problemOf(refused)}
        reason={reason}
        isBusy={isBusy}
        isUsed={state.isUsed}
        keepsKey={state.keepsKey}
        onChange={state.change}
        onKey={state.setKey}
        onKeep={state.setKeeps}
        onSend={() => {
          if (!isOff) void send();
        }}
      />
      <div className="flex flex-col gap-3 pt-3 empty:hidden">
        {state.error !== undefined && <ProblemNote error={state.error} />}
        {/* Where the answer itself lies further down. */}
        {sent && view === "answered" && (
          <div className="xl:hidden">
            <VerdictNote answer={sent.answer} ask={sent.ask} />
          </div>
        )}
      </div>
    </Panel>
  );
}

/** The stack, the answer and the code: for the ask that is shown. */
function Explained({
  state,
  quoted,
}: {
  readonly state: PlaygroundState;
  readonly quoted: Now["quoted"];
}) {
  const { ask, sent, view, setView } = state;
  const isAnswered = view === "answered" && sent !== undefined;
  const rows = isAnswered ? rowsOfSent(sent) : rowsOfQuote(quoted.data);
  const views = [
    ["now", "If sent now"],
    ["answered", "As answered"],
  ] as const;
  return (
    <>
      <Panel
        title="Constraints"
        actions={
          sent && (
            <span role="group" aria-label="Show" className="flex rounded-md border bg-bg p-0.5">
              {views.map(([id, words]) => (
                <button
                  key={id}
                  type="button"
                  aria-pressed={view === id}
                  className={classNames(
                    "h-6 rounded-sm px-2 text-xs font-medium",
                    view === id ? "bg-accent/12 text-accent" : "text-mute hover:text-ink",
                  )}
                  onClick={() => setView(id)}
                >
                  {words}
                </button>
              ))}
            </span>
          )
        }
      >
        <p className="text-sm text-mute">
          In the order of the kernel: the first that fails is the answer.
        </p>
        {quoted.error && !isAnswered && <ProblemNote error={quoted.error} />}
        <ConstraintStack rows={rows} currency={ask.currency} />
      </Panel>
      <div className="flex min-w-0 flex-col gap-4 lg:max-xl:col-span-2">
        <AnswerPanel sent={sent} />
        <CodePanel call={commitCall(ask, state.key)} />
      </div>
    </>
  );
}
