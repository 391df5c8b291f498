import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
import type { OwnOrganisationView } from "../../../../server/organisation/wire.ts";
import { get, post } from "../../api/client.ts";
import { setSession, useReasonAgainst, useSession } from "../../api/session.ts";
import { Button } from "../../ui/Button.tsx";
import { CopyButton } from "../../ui/CopyButton.tsx";
import { Input } from "../../ui/Field.tsx";
import { Time } from "../../ui/Figures.tsx";
import { textIn, useFormWork } from "../../ui/forms.ts";
import { formatNumber, formatSpan } from "../../ui/format.ts";
import { IdText } from "../../ui/IdText.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Facts, Page, Panel } from "../../ui/Page.tsx";
import { ProblemNote } from "../../ui/ProblemNote.tsx";
import { ErrorState, SkeletonRows } from "../../ui/States.tsx";

/** What an organisation can set, and what the server that it lives on has set for it. */
export function Settings() {
  const { data, error, refetch } = useQuery({
    queryKey: ["organisation"],
    queryFn: ({ signal }) => get<OwnOrganisationView>("/v1/organisation", { signal }),
  });
  return (
    <Page title="Settings">
      {data ? (
        <Known own={data} />
      ) : error ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : (
        <SkeletonRows rows={4} />
      )}
    </Page>
  );
}

function Known({ own }: { readonly own: OwnOrganisationView }) {
  const { tenants, createdAt, id } = own;
  return (
    <>
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <NameForm own={own} />
        <Panel title="Ids">
          <Facts
            facts={[
              ["Live tenant", <IdText key="live" id={tenants.live} />],
              ["Test tenant", <IdText key="test" id={tenants.test} />],
              ["Organisation", <IdText key="own" id={id} />],
              ["Founded", <Time key="founded" at={createdAt} />],
            ]}
          />
          <p className="mt-3 text-sm text-mute">
            With a session, the header ZeroRace-Tenant names the one that is meant. A key belongs to
            one.
          </p>
        </Panel>
      </div>
      <Granted own={own} />
      <p className="flex flex-wrap items-center gap-x-2 text-sm text-mute">
        <SetBy />
      </p>
    </>
  );
}

function NameForm({ own: { name } }: { readonly own: OwnOrganisationView }) {
  const session = useSession();
  const reason = useReasonAgainst("people:write");
  const queries = useQueryClient();
  const [saved, setSaved] = useState<string>();
  const work = useFormWork(async (_key, form) => {
    if (reason !== undefined) return;
    const body = { name: textIn(form, "name") };
    const renamed = await post<OwnOrganisationView>("/v1/organisation/name", body);
    queries.setQueryData(["organisation"], renamed);
    setSession({ ...session, organisation: { ...session.organisation, name: renamed.name } });
    setSaved(renamed.name);
  });
  const { problem } = work;
  return (
    <Panel title="Organisation">
      <form className="flex flex-col gap-3" onSubmit={work.onSubmit} noValidate>
        <Input
          label="Name"
          name="name"
          autoComplete="organization"
          defaultValue={name}
          readOnly={reason !== undefined}
          hint="As its people see it. What is on record keeps the name of its time."
          pointer="/name"
          problem={problem}
        />
        {problem && problem.errors.length === 0 && <ProblemNote error={problem} />}
        <div>
          <Button type="submit" busy={work.isBusy} disabledReason={reason}>
            Save the name
          </Button>
        </div>
        {saved !== undefined && (
          <Notice onClose={() => setSaved(undefined)}>
            The organisation is called {saved} now.
          </Notice>
        )}
      </form>
    </Panel>
  );
}

const perSecond = (rate: number | null): string =>
  rate === null ? "no limit" : `${formatNumber(rate)} requests a second`;
const forDays = (days: number | null): string =>
  days === null ? "for ever" : days === 1 ? "1 day" : `${formatNumber(days)} days`;

function Granted({ own }: { readonly own: OwnOrganisationView }) {
  const { limits, sessions, keptDays, webhookTargets } = own;
  const targets = webhookTargets === "public" ? "public addresses, over HTTPS" : "any address";
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2 xl:grid-cols-3">
      <Group title="Limits" doc="limits-and-proxies">
        <Facts
          facts={[
            ["Each key or person", perSecond(limits.perKey)],
            ["The whole tenant", perSecond(limits.perTenant)],
            ["New API keys", `${formatNumber(limits.newKeysPerMinute)} a minute`],
            ["Open streams of each", formatNumber(limits.streamsPerCaller)],
            ["Open streams in all", formatNumber(limits.streamsPerTenant)],
          ]}
        />
      </Group>
      <Group title="What is kept" doc="retention">
        <Facts
          facts={[
            ["Purchases, ledger, audit", "for ever"],
            ["Declines, with their keys", forDays(keptDays.declines)],
            ["Worlds of runs", forDays(keptDays.worlds)],
          ]}
        />
      </Group>
      <Group title="Sessions and webhooks" doc="people">
        <Facts
          facts={[
            ["A session lasts", formatSpan(sessions.hours * 3_600_000)],
            ["Unused it ends after", formatSpan(sessions.idleMinutes * 60_000)],
            ["Webhooks may go to", targets],
          ]}
        />
      </Group>
    </div>
  );
}

function Group({
  title,
  doc,
  children,
}: {
  readonly title: string;
  readonly doc: string;
  readonly children: ReactNode;
}) {
  return (
    <Panel
      title={title}
      actions={
        <a
          href={`/docs/how-to/${doc}`}
          target="_blank"
          rel="noreferrer"
          className="inline-flex min-h-6 items-center text-sm text-accent underline"
        >
          Docs<span className="sr-only"> about {title}, in a new tab</span>
        </a>
      }
    >
      {children}
    </Panel>
  );
}

/** By whom, and where: nobody looks for a switch that is not here. */
function SetBy() {
  const reason = useReasonAgainst("instance:read");
  const command = "npm run -s zerorace -- config";
  if (reason !== undefined) {
    return <>Limits, sessions and what is kept are set by who runs this server, for all on it.</>;
  }
  return (
    <>
      Limits, sessions and what is kept are settings of the server:
      <Link to="/instance" search={{ tab: "settings" }} className="text-accent underline">
        see them all
      </Link>
      or run <code className="font-mono text-xs">{command}</code>
      <CopyButton text={command} label="Copy the command" />
    </>
  );
}
