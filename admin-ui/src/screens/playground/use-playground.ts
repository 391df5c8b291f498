import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { newKey } from "../../api/client.ts";
import { say } from "../../ui/say.ts";
import { sendAsk, type Sent } from "./asking.ts";
import { readSearch, type Ask, type PlaygroundSearch, type PresetId } from "./search.ts";
import { verdictOf } from "./verdict.ts";

interface State {
  readonly ask: Ask;
  readonly preset: PresetId | undefined;
}

const empty: Ask = {
  merchantId: "",
  itemId: "",
  mandateId: "",
  agentId: "agent-7",
  quantity: 1,
  amountMinor: 0,
  currency: "USD",
};

function stateOf({ preset, ...given }: PlaygroundSearch): State {
  return { ask: { ...empty, ...given }, preset };
}

/** The address has all of it, but for what was never chosen. */
function searchOf({ ask, preset }: State): PlaygroundSearch {
  const isChosen = ask.itemId !== "" || ask.merchantId !== "" || ask.mandateId !== "";
  return { ...(isChosen && ask), ...(preset !== undefined && { preset }) };
}

/** The state and the address follow each other: a link brings the ask that it names. */
function useStateInUrl() {
  const search = readSearch(useSearch({ strict: false }));
  const navigate = useNavigate();
  const [state, setState] = useState(() => stateOf(search));
  const written = useRef(new Set<string>());
  const told = JSON.stringify(search);
  useEffect(() => {
    const timer = setTimeout(() => {
      const next = searchOf(state);
      written.current.add(JSON.stringify(readSearch({ ...next })));
      void navigate({ to: ".", search: next, replace: true, resetScroll: false });
    }, 200);
    return () => clearTimeout(timer);
  }, [state, navigate]);
  const known = useRef(told);
  useEffect(() => {
    if (known.current === told) return;
    known.current = told;
    if (!written.current.has(told)) setState(stateOf(JSON.parse(told) as PlaygroundSearch));
  }, [told]);
  return [state, setState] as const;
}

export function usePlayground() {
  const [{ ask, preset }, setState] = useStateInUrl();
  const queries = useQueryClient();
  const [key, setKey] = useState(newKey);
  const [keepsKey, setKeeps] = useState(false);
  const [sent, setSent] = useState<Sent>();
  const [view, setView] = useState<"now" | "answered">("now");
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const isUsed = sent?.key === key && sent.answer.status < 300;

  const show = (one: Sent): void => {
    setState((before) => ({ ...before, ask: one.ask }));
    setKey(one.key);
    setSent(one);
    setView("answered");
    const { title, says } = verdictOf(one.answer, one.ask.currency);
    say(`${title}. ${says}`);
  };
  return {
    ask,
    preset,
    key,
    keepsKey,
    sent,
    view,
    isBusy,
    isUsed,
    error,
    setView,
    setKeeps,
    show,
    setKey: (next = newKey()): void => setKey(next),
    choose: (next: PresetId | undefined): void =>
      setState((before) => ({ ...before, preset: next })),
    change: (changed: Partial<Ask>): void => {
      setState((before) => ({ ...before, ask: { ...before.ask, ...changed } }));
      setView("now");
      // Another ask is another purchase, unless somebody wants to see what the same key says to it.
      if (isUsed && !keepsKey) setKey(newKey());
    },
    send: async (): Promise<void> => {
      setBusy(true);
      setError(undefined);
      try {
        show(await sendAsk(ask, key));
        await queries.invalidateQueries({ queryKey: ["playground"] });
      } catch (fault) {
        setError(fault);
      } finally {
        setBusy(false);
      }
    },
    fail: setError,
  };
}

export type PlaygroundState = ReturnType<typeof usePlayground>;
