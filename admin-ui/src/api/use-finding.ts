import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { get } from "./client.ts";
import { useMode } from "./mode.ts";
import type { PageOf } from "./use-pages.ts";

interface Named {
  readonly id: string;
  readonly name: string;
}

/** Things to pick from: the newest hundred, or a hundred of those that are called as was typed. */
export interface Finding<View> {
  /** Until they are read: undefined. */
  readonly found: readonly View[] | undefined;
  /** There are more than are shown, or fewer because something was typed. */
  readonly isMany: boolean;
  readonly text: string;
  readonly setText: (text: string) => void;
  /** What a thing is called that was found at some time, also by another text. */
  readonly nameOf: (id: string) => string | undefined;
}

export function useFinding<View extends Named>(
  noun: "merchants" | "items" | "mandates",
  query: Readonly<Record<string, string | undefined>> = {},
  enabled = true,
): Finding<View> {
  const mode = useMode();
  const [text, setText] = useState("");
  const search = useSettled(text.trim()) || undefined;
  const { data } = useQuery({
    queryKey: [noun, "found", query, search, mode],
    queryFn: ({ signal }) =>
      get<PageOf<View>>(`/v1/${noun}`, { query: { limit: 100, ...query, search }, signal }),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    enabled,
  });
  const [names, setNames] = useState<ReadonlyMap<string, string>>(new Map());
  useEffect(() => {
    if (data) setNames((before) => new Map([...before, ...data.data.map(entryOf)]));
  }, [data]);
  return {
    found: data?.data,
    isMany: text !== "" || (data !== undefined && data.nextCursor !== null),
    text,
    setText,
    nameOf: (id) => names.get(id),
  };
}

/** What is found, and before it what is chosen and was not found again. */
export function withChosen(
  found: readonly Named[],
  chosen: readonly string[],
  nameOf: (id: string) => string | undefined,
): readonly Named[] {
  const others = chosen.filter((id) => !found.some((one) => one.id === id));
  return [...others.map((id) => ({ id, name: nameOf(id) ?? `…${id.slice(-8)}` })), ...found];
}

const entryOf = ({ id, name }: Named): [string, string] => [id, name];

/** What is being typed is not asked about at every key. */
export function useSettled<Value>(value: Value, ms = 150): Value {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}
