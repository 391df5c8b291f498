import { useQuery } from "@tanstack/react-query";
import type { DeliveriesOfPurchase, DeliveryView } from "../../../../server/webhooks/wire.ts";
import { get } from "../../api/client.ts";
import { useReasonAgainst } from "../../api/session.ts";
import { Badge, type Tone } from "../../ui/Badge.tsx";
import { Num, Time } from "../../ui/Figures.tsx";
import { Panel } from "../../ui/Page.tsx";
import { SmallTable, type SmallColumn } from "../../ui/SmallTable.tsx";
import { ErrorState, PanelSkeleton } from "../../ui/States.tsx";
import { ThingLink } from "../../ui/ThingLink.tsx";

const tones: Readonly<Record<DeliveryView["state"], Tone>> = {
  delivered: "ok",
  pending: "accent",
  failed: "bad",
  skipped: "neutral",
};

const columns: readonly SmallColumn<DeliveryView>[] = [
  {
    id: "event",
    header: "Event",
    cell: ({ id, event }) => (
      <ThingLink at="/webhooks/deliveries" id={id}>
        {event}
      </ThingLink>
    ),
  },
  {
    id: "webhook",
    header: "Webhook",
    cell: ({ webhookId }) => (
      <ThingLink at="/webhooks" id={webhookId}>
        <code className="font-mono text-xs">{webhookId.slice(0, 13)}…</code>
      </ThingLink>
    ),
  },
  {
    id: "state",
    header: "State",
    cell: ({ state }) => <Badge tone={tones[state]}>{state}</Badge>,
  },
  {
    id: "attempts",
    header: "Attempts",
    align: "end",
    cell: ({ attempts }) => <Num value={attempts} />,
  },
  {
    id: "status",
    header: "Last answer",
    cell: ({ lastStatus, lastFault }) => lastStatus ?? lastFault ?? "none yet",
  },
  { id: "when", header: "Due since", cell: ({ createdAt }) => <Time at={createdAt} /> },
];

export function Deliveries({ id }: { readonly id: string }) {
  const reason = useReasonAgainst("webhooks:read");
  const { data, error, refetch } = useQuery({
    queryKey: ["purchase", id, "deliveries"],
    queryFn: ({ signal }) =>
      get<DeliveriesOfPurchase>("/v1/webhook-deliveries", { query: { purchaseId: id }, signal }),
    enabled: reason === undefined,
  });
  if (error && !data) return <ErrorState error={error} onRetry={() => void refetch()} />;
  const rows = data?.data ?? [];
  return (
    <Panel title="Webhook deliveries" flush>
      {rows.length > 0 ? (
        <SmallTable
          label="Webhook deliveries"
          columns={columns}
          rows={rows}
          rowKey={(delivery) => delivery.id}
        />
      ) : reason === undefined && !data ? (
        <PanelSkeleton />
      ) : (
        <p className="px-4 pt-1 pb-4 text-mute">{reason ?? "No webhook was told about it."}</p>
      )}
    </Panel>
  );
}
