import { useQuery } from "@tanstack/react-query";
import type { SettingsView } from "../../../../server/instance/wire.ts";
import { get } from "../../api/client.ts";
import { Badge } from "../../ui/Badge.tsx";
import { Panel } from "../../ui/Page.tsx";
import { SmallTable, type SmallColumn } from "../../ui/SmallTable.tsx";
import { ErrorState, SkeletonRows } from "../../ui/States.tsx";

type Setting = SettingsView["data"][number];

const sources: Readonly<Record<Setting["source"], string>> = {
  default: "default",
  environment: "environment",
  file: "file",
  command: "this start",
};

const columns: readonly SmallColumn<Setting>[] = [
  {
    id: "name",
    header: "Setting",
    cell: ({ name, says }) => (
      <span className="block max-w-2xl min-w-72 whitespace-normal">
        <code className="font-mono text-xs font-medium break-all">{name}</code>
        <span className="block text-sm text-mute">{says.replaceAll("`", "")}</span>
      </span>
    ),
  },
  {
    id: "value",
    header: "Value",
    cell: ({ value }) => (
      <code className="block max-w-80 min-w-24 font-mono text-xs leading-5 wrap-anywhere whitespace-normal">
        {value}
      </code>
    ),
  },
  {
    id: "source",
    header: "From",
    cell: ({ source }) => (
      <Badge tone={source === "default" ? "neutral" : "accent"}>{sources[source]}</Badge>
    ),
  },
];

/** They come from the environment of the process: here they are seen, there they are changed. */
export function ServerSettings() {
  const { data, error, refetch } = useQuery({
    queryKey: ["instance", "settings"],
    queryFn: ({ signal }) => get<SettingsView>("/v1/instance/settings", { signal }),
  });
  if (!data && error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <SkeletonRows />;
  const changed = data.data.filter(({ source }) => source !== "default");
  const usual = data.data.filter(({ source }) => source === "default");
  return (
    <div className="flex flex-col gap-4">
      <p className="max-w-[46rem] text-mute">
        What this server runs with. Settings come from the environment of the process and are
        changed there, with a new start; of a secret only that it is set is shown.
      </p>
      {changed.length > 0 && <Shown title="Set here" list={changed} />}
      <Shown title="As they come" list={usual} />
    </div>
  );
}

function Shown({ title, list }: { readonly title: string; readonly list: readonly Setting[] }) {
  return (
    <Panel title={`${title} (${list.length})`} flush>
      <SmallTable label={title} columns={columns} rows={list} rowKey={({ name }) => name} />
    </Panel>
  );
}
