import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import type { WholeItemView } from "../../../../server/items/wire.ts";
import type { WholeMandateView } from "../../../../server/mandates/wire.ts";
import { post } from "../../api/client.ts";
import { curlOf } from "../../api/curl.ts";
import { useLiveQueries } from "../../live/use-live.ts";
import { CopyButton } from "../../ui/CopyButton.tsx";
import { Input, Select } from "../../ui/Field.tsx";
import { Time } from "../../ui/Figures.tsx";
import { formatMoney, formatNumber } from "../../ui/format.ts";
import { Icon } from "../../ui/Icon.tsx";
import { Panel } from "../../ui/Page.tsx";
import { ProblemNote } from "../../ui/ProblemNote.tsx";
import { Skeleton } from "../../ui/States.tsx";
import { reasonOf } from "../reasons.ts";
import { useItems } from "../selling/things.ts";
import { arithmeticOf, sentenceOf, type QuoteView, type WouldDecline } from "./quote.ts";

const path = "/v1/purchases/quote";

/** What is asked: by the address, so that it can be sent to somebody. */
function useAsked(mandate: WholeMandateView) {
  const search = useSearch({ from: "/signed-in/mandates/$id" });
  const items = useItems({ open: undefined }).data?.data;
  const { allowedItems } = mandate;
  const fitting = items?.find(
    ({ id, currency }) =>
      currency === mandate.currency && (allowedItems === null || allowedItems.includes(id)),
  );
  const item = items?.find(({ id }) => id === search.item) ?? fitting ?? items?.[0];
  // What is no number yet stands in the field alone.
  const [typed, setTyped] = useState<string>();
  const quantity = typed ?? String(search.quantity ?? 1);
  const agentId = search.agent ?? mandate.agentId ?? "agent-1";
  return { items, item, quantity, setTyped, agentId };
}

function bodyOf(mandateId: string, item: WholeItemView, quantity: number, agentId: string) {
  return {
    merchantId: item.merchantId,
    mandateId,
    itemId: item.id,
    agentId,
    quantity,
    amountMinor: item.priceMinor * quantity,
    currency: item.currency,
  };
}

function countIn(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

export interface Quote extends Pick<UseQueryResult<QuoteView>, "data" | "error" | "isFetching"> {
  readonly asked: ReturnType<typeof useAsked>;
  readonly body: ReturnType<typeof bodyOf> | undefined;
}

/** What the server would answer now; asked again whenever something of it changed. */
export function useQuote(mandate: WholeMandateView): Quote {
  const asked = useAsked(mandate);
  const { item, quantity, agentId } = asked;
  const isWhole = countIn(quantity) !== undefined && agentId.trim() !== "";
  const body = item && isWhole ? bodyOf(mandate.id, item, Number(quantity), agentId) : undefined;
  useLiveQueries(["items", "purchases"], [["items"]]);
  const { data, error, isFetching } = useQuery({
    queryKey: ["mandates", mandate.id, "quote", body],
    queryFn: ({ signal }) => post<QuoteView>(path, body, { signal }),
    enabled: body !== undefined,
    placeholderData: (before) => before,
  });
  return { asked, body, data: body && data, error, isFetching };
}

export function Calculator({
  mandate,
  quote,
}: {
  readonly mandate: WholeMandateView;
  readonly quote: Quote;
}) {
  const { items, item } = quote.asked;
  const title = "What could this agent buy now?";
  if (!items) {
    return (
      <Panel title={title}>
        <Skeleton className="h-40 w-full" />
      </Panel>
    );
  }
  if (!item) {
    return (
      <Panel title={title}>
        <p className="text-mute">Nothing yet: there is no item to buy.</p>
      </Panel>
    );
  }
  return (
    <Panel
      title={title}
      actions={
        quote.body && (
          <CopyButton text={curlOf("POST", path, quote.body)} label="Copy the quote as curl" />
        )
      }
    >
      <div className="flex flex-col gap-3">
        <Inputs asked={quote.asked} item={item} />
        <Answer mandate={mandate} quote={quote} />
        <p className="text-sm text-mute">
          The server decides. Nothing is bought, nothing promised.
        </p>
      </div>
    </Panel>
  );
}

function Inputs({ asked, item }: { readonly asked: Quote["asked"]; readonly item: WholeItemView }) {
  const { items = [], quantity, setTyped, agentId } = asked;
  const navigate = useNavigate({ from: "/mandates/$id" });
  const put = (next: { item?: string; quantity?: number; agent?: string }): void =>
    void navigate({
      search: (now) => ({ ...now, ...next }),
      replace: true,
      resetScroll: false,
    });
  return (
    <>
      <Select label="Item" value={item.id} onChange={(event) => put({ item: event.target.value })}>
        {items.map((one) => (
          <option key={one.id} value={one.id}>
            {one.name} · {formatMoney(one.priceMinor, one.currency)}
          </option>
        ))}
      </Select>
      <div className="grid grid-cols-2 gap-3">
        <Input
          label="Units"
          inputMode="numeric"
          autoComplete="off"
          value={quantity}
          onChange={({ target }) => {
            setTyped(target.value);
            const quantity = countIn(target.value);
            if (quantity !== undefined) put({ quantity });
          }}
        />
        <Input
          label="Agent"
          autoComplete="off"
          value={agentId}
          onChange={(event) => put({ agent: event.target.value })}
        />
      </div>
    </>
  );
}

function Answer({ mandate, quote }: { readonly mandate: WholeMandateView; readonly quote: Quote }) {
  const { data, error, body, asked } = quote;
  if (!body) return <p className="text-bad">Say how many units, and which agent.</p>;
  if (error) return <ProblemNote error={error} />;
  if (!data) return <Skeleton className="h-16 w-full" />;
  if (data.outcome === "WOULD_DECLINE") return <No no={data} currency={mandate.currency} />;
  const units = formatNumber(body.quantity);
  return (
    <div role="status" className="flex gap-2 rounded-md border border-ok/50 bg-ok/8 px-3 py-2">
      <span className="mt-0.5 text-ok">
        <Icon name="check" />
      </span>
      <p className="min-w-0 wrap-anywhere">
        <b>Yes.</b> {units} × {asked.item?.name} for{" "}
        <b>{formatMoney(data.amountMinor, data.currency)}</b> would go through.
      </p>
    </div>
  );
}

function No({ no, currency }: { readonly no: WouldDecline; readonly currency: string }) {
  const arithmetic = arithmeticOf(no, currency);
  return (
    <div role="status" className="flex gap-2 rounded-md border border-bad/50 bg-bad/8 px-3 py-2">
      <span className="mt-0.5 text-bad">
        <Icon name="cross" />
      </span>
      <div className="flex min-w-0 flex-col gap-1">
        <p>
          <b>No.</b> {reasonOf(no.reason, no.period).label}.
        </p>
        {arithmetic !== undefined && <p className="tabular-nums">{arithmetic}</p>}
        {no.resetsAt !== undefined && (
          <p>
            It may pass <Time at={no.resetsAt} />.
          </p>
        )}
        <p className="text-sm text-mute">{sentenceOf(no)}</p>
      </div>
    </div>
  );
}
