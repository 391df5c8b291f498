import { useNavigate, useSearch } from "@tanstack/react-router";
import { useReasonAgainst } from "../../api/session.ts";
import { NotForRole } from "../../ui/NotForRole.tsx";
import { Page } from "../../ui/Page.tsx";
import { Tabs } from "../../ui/Tabs.tsx";
import { Health } from "./Health.tsx";
import { Organisations } from "./Organisations.tsx";
import { ParkedEvents } from "./ParkedEvents.tsx";
import { ServerSettings } from "./ServerSettings.tsx";
import { useHealth } from "./use-health.ts";

/** How the whole server does: for who runs it, and for nobody else. */
export function Instance() {
  const reason = useReasonAgainst("instance:read");
  if (reason === undefined) return <Known />;
  return (
    <Page title="Instance">
      <NotForRole icon="instance" what="Matters of the whole server" reason={reason} />
    </Page>
  );
}

function Known() {
  const { tab = "health" } = useSearch({ from: "/signed-in/instance" });
  const navigate = useNavigate({ from: "/instance" });
  const lines = useHealth().data?.lines ?? [];
  const isParked = lines.some(({ id, state }) => id === "parked-events" && state === "bad");
  const tabs = [
    { id: "health", label: "Health" },
    { id: "parked", label: isParked ? "Parked events (!)" : "Parked events" },
    { id: "organisations", label: "Organisations" },
    { id: "settings", label: "Settings of this server" },
  ];
  const shown = tabs.some(({ id }) => id === tab) ? tab : "health";
  return (
    <Page title="Instance">
      <Tabs
        label="Instance"
        tabs={tabs}
        open={shown}
        onOpen={(id) => void navigate({ search: { tab: id }, replace: true })}
      >
        {shown === "health" && <Health />}
        {shown === "parked" && <ParkedEvents />}
        {shown === "organisations" && <Organisations />}
        {shown === "settings" && <ServerSettings />}
      </Tabs>
    </Page>
  );
}
