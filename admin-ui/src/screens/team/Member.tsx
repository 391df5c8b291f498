import { useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import type { MemberView } from "../../../../server/people/wire.ts";
import { curlOf } from "../../api/curl.ts";
import { useReasonAgainst, useSession } from "../../api/session.ts";
import { usePageTitle } from "../../shell/page-title.ts";
import { Badge } from "../../ui/Badge.tsx";
import { Button } from "../../ui/Button.tsx";
import { CodeBlock } from "../../ui/CodeBlock.tsx";
import { Time } from "../../ui/Figures.tsx";
import { IdText } from "../../ui/IdText.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { NotForRole } from "../../ui/NotForRole.tsx";
import { Facts, Page, Panel } from "../../ui/Page.tsx";
import { ErrorState, SkeletonRows } from "../../ui/States.tsx";
import { MemberAct, type MemberActName } from "./MemberActs.tsx";
import { useMember } from "./people.ts";
import { SignedIn } from "./Team.tsx";
import { roleSays } from "./words.ts";

const back = { to: "/team", label: "Team and roles" };

export function Member() {
  const { id } = useParams({ from: "/signed-in/team/$id" });
  const reason = useReasonAgainst("people:read");
  if (reason === undefined) return <Known key={id} id={id} />;
  return (
    <Page title="Person" back={back}>
      <NotForRole icon="team" what="The people of the organisation" reason={reason} />
    </Page>
  );
}

function Known({ id }: { readonly id: string }) {
  const query = useMember(id);
  const { data: person, error } = query;
  usePageTitle(person?.name);
  if (person) return <Loaded person={person} />;
  return (
    <Page title="Person" back={back}>
      {error ? (
        <ErrorState error={error} onRetry={() => void query.refetch()} />
      ) : (
        <SkeletonRows rows={4} />
      )}
    </Page>
  );
}

function Loaded({ person }: { readonly person: MemberView }) {
  const [act, setAct] = useState<MemberActName>();
  const [done, setDone] = useState<string>();
  const queries = useQueryClient();
  const isOwn = useSession().person.id === person.id;
  const finish = (says: string): void => {
    setDone(says);
    void queries.invalidateQueries({ queryKey: ["people"] });
  };
  return (
    <Page
      title={person.name}
      back={back}
      about={
        <>
          <SignedIn person={person} />
          {isOwn && <Badge>you</Badge>}
          {person.isInstanceOperator && <Badge tone="accent">instance operator</Badge>}
        </>
      }
      actions={<Buttons person={person} onAct={setAct} />}
    >
      {done !== undefined && <Notice onClose={() => setDone(undefined)}>{done}</Notice>}
      {person.isLastOwner && <LastOwner name={person.name} />}
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <Panel title="Account">
          <Facts facts={factsOf(person)} />
        </Panel>
        <div className="flex min-w-0 flex-col gap-4">
          <Panel title={`As ${person.role}`}>
            <p>{roleSays[person.role]}</p>
            <p className="mt-2">
              <Link to="/team" search={{ tab: "roles" }} className="text-accent underline">
                What each role may do
              </Link>
            </p>
          </Panel>
          <Panel title="From a shell">
            <CodeBlock
              code={curlOf("GET", `/v1/people/${person.id}`, undefined, { bySession: true })}
              label="curl"
            />
          </Panel>
        </div>
      </div>
      {act && (
        <MemberAct name={act} person={person} onDone={finish} onClose={() => setAct(undefined)} />
      )}
    </Page>
  );
}

/** Said before anybody tries. */
function LastOwner({ name }: { readonly name: string }) {
  return (
    <p role="status" className="rounded-md border border-warn/50 bg-(--test) px-3 py-2">
      {name} is the only owner. The last owner can neither go nor step down: make somebody else an
      owner first.
    </p>
  );
}

function factsOf(person: MemberView) {
  const { email, lastSeenAt, sessions, createdAt, id } = person;
  return [
    ["Email", email],
    ["Role", person.role],
    ["Last seen", lastSeenAt === null ? "not lately" : <Time key="seen" at={lastSeenAt} />],
    ["Sessions", sessions === 0 ? "none" : `${sessions} open`],
    ["Joined", <Time key="joined" at={createdAt} />],
    ["Id", <IdText key="id" id={id} />],
  ] as const;
}

const runsTheServer = "This person runs the server: only its command line may do this.";

function Buttons({
  person,
  onAct,
}: {
  readonly person: MemberView;
  readonly onAct: (act: MemberActName) => void;
}) {
  const role = useReasonAgainst("people:write");
  const { isLastOwner, isInstanceOperator, sessions } = person;
  const last = isLastOwner ? "The last owner can neither go nor step down." : undefined;
  const runs = isInstanceOperator ? runsTheServer : undefined;
  const none = sessions === 0 ? "There is no session to end." : undefined;
  return (
    <>
      <Button disabledReason={role ?? last} onClick={() => onAct("role")}>
        Change the role
      </Button>
      <Button icon="keys" disabledReason={role ?? runs} onClick={() => onAct("recovery")}>
        Recovery link
      </Button>
      <Button icon="stop" disabledReason={role ?? none} onClick={() => onAct("sign-out")}>
        Sign out everywhere
      </Button>
      <Button
        look="danger"
        icon="cross"
        disabledReason={role ?? runs ?? last}
        onClick={() => onAct("remove")}
      >
        Remove
      </Button>
    </>
  );
}
