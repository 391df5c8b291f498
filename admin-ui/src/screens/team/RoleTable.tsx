import { useQuery } from "@tanstack/react-query";
import type { RolesView } from "../../../../server/people/wire.ts";
import { get } from "../../api/client.ts";
import { useSession } from "../../api/session.ts";
import { Icon } from "../../ui/Icon.tsx";
import { Panel } from "../../ui/Page.tsx";
import { SmallTable, type SmallColumn } from "../../ui/SmallTable.tsx";
import { ErrorState, SkeletonRows } from "../../ui/States.tsx";
import { capital, roleSays, rowsOf, type Role, type RoleRow } from "./words.ts";

/** What each role may do: the very table that the server holds requests against. */
export function RoleTable() {
  const { data, error, refetch } = useQuery({
    queryKey: ["roles"],
    queryFn: ({ signal }) => get<RolesView>("/v1/roles", { signal }),
  });
  if (!data && error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <SkeletonRows />;
  const rows = rowsOf(data);
  const groups = [...new Set(rows.map(({ group }) => group))];
  return (
    <div className="flex flex-col gap-4">
      <Panel title="The roles">
        <dl className="grid gap-x-6 gap-y-2 sm:grid-cols-[max-content_minmax(0,1fr)]">
          {data.roles.map(({ role }) => (
            <RoleLine key={role} role={role} />
          ))}
        </dl>
      </Panel>
      <Panel title="What each may do" flush>
        <SmallTable
          label="What each role may do"
          columns={columnsOf(data)}
          rows={groups.flatMap((group) => rows.filter((row) => row.group === group))}
          rowKey={({ scope }) => scope}
        />
      </Panel>
    </div>
  );
}

function RoleLine({ role }: { readonly role: Role }) {
  const own = useSession().role === role;
  return (
    <>
      <dt className="font-medium">
        {capital(role)}
        {own && <span className="font-normal text-mute"> (yours)</span>}
      </dt>
      <dd className="text-mute">{roleSays[role]}</dd>
    </>
  );
}

function columnsOf({ roles }: RolesView): readonly SmallColumn<RoleRow>[] {
  const who = (name: string, header: string): SmallColumn<RoleRow> => ({
    id: name,
    header,
    cell: (row) => <May yes={row.who.has(name)} />,
  });
  return [
    {
      id: "says",
      header: "May",
      // On a phone the roles have to stand beside it.
      cell: ({ says, scope }) => (
        <span className="max-md:block max-md:w-28 max-md:whitespace-normal">
          {capital(says || scope)}
        </span>
      ),
    },
    ...roles.map(({ role }) => who(role, capital(role))),
    who("instance", "Instance operator, besides"),
    {
      id: "scope",
      header: "Scope",
      cell: ({ scope }) => <code className="font-mono text-xs text-mute">{scope}</code>,
    },
  ];
}

function May({ yes }: { readonly yes: boolean }) {
  return (
    <span className={yes ? "text-ok" : "text-mute"}>
      {yes ? <Icon name="check" /> : <span aria-hidden="true">–</span>}
      <span className="sr-only">{yes ? "yes" : "no"}</span>
    </span>
  );
}
