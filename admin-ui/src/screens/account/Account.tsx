import { useState } from "react";
import { post } from "../../api/client.ts";
import { setSession, useSession, type SessionView } from "../../api/session.ts";
import { ChangePassword } from "../../shell/ChangePassword.tsx";
import { Button } from "../../ui/Button.tsx";
import { Input } from "../../ui/Field.tsx";
import { Time } from "../../ui/Figures.tsx";
import { textIn, useFormWork } from "../../ui/forms.ts";
import { IdText } from "../../ui/IdText.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Facts, Page, Panel } from "../../ui/Page.tsx";
import { ProblemNote } from "../../ui/ProblemNote.tsx";
import { OwnSessions } from "./OwnSessions.tsx";

/** What is one's own: also of those whose role may change nothing else. */
export function Account() {
  const { person, role, organisation, session } = useSession();
  const [isChanging, setChanging] = useState(false);
  return (
    <Page title="Your account">
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <Panel title="Who you are">
          <Facts
            facts={[
              ["Email", person.email],
              ["Role", person.isInstanceOperator ? `${role}, and instance operator` : role],
              ["Organisation", organisation.name],
              ["Id", <IdText key="id" id={person.id} />],
            ]}
          />
        </Panel>
        <div className="flex flex-col gap-4">
          <NameForm />
          <Panel title="Password">
            <div className="flex flex-wrap items-center gap-3">
              <Button icon="keys" onClick={() => setChanging(true)}>
                Change the password
              </Button>
              <p className="text-sm text-mute">Your other sessions end when it is changed.</p>
            </div>
          </Panel>
        </div>
      </div>
      <OwnSessions />
      <p className="text-sm text-mute">
        This session ends <Time at={session.expiresAt} />, or earlier if nobody uses it.
      </p>
      {isChanging && <ChangePassword onClose={() => setChanging(false)} />}
    </Page>
  );
}

function NameForm() {
  const { person } = useSession();
  const [saved, setSaved] = useState<string>();
  const work = useFormWork(async (_key, form) => {
    const name = textIn(form, "name");
    setSession(await post<SessionView>("/v1/session/name", { name }));
    setSaved(name);
  });
  const { problem } = work;
  return (
    <Panel title="Name">
      <form className="flex flex-col gap-3" onSubmit={work.onSubmit} noValidate>
        <Input
          label="Your name"
          name="name"
          autoComplete="name"
          defaultValue={person.name}
          hint="As the others of your organisation see it."
          pointer="/name"
          problem={problem}
        />
        {problem && problem.errors.length === 0 && <ProblemNote error={problem} />}
        <div>
          <Button type="submit" busy={work.isBusy}>
            Save the name
          </Button>
        </div>
        {saved !== undefined && (
          <Notice onClose={() => setSaved(undefined)}>You are {saved} from now on.</Notice>
        )}
      </form>
    </Panel>
  );
}
