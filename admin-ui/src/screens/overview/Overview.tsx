import { useSession } from "../../api/session.ts";
import { CodeBlock } from "../../ui/CodeBlock.tsx";
import { Facts, Page, Panel } from "../../ui/Page.tsx";

export function Overview() {
  const { organisation, tenants, role } = useSession();
  const curl = `curl -X POST ${location.origin}/v1/sandbox/commit \\
  -H "Content-Type: application/json" \\
  -H "Idempotency-Key: try-1" \\
  -d '{}'`;
  return (
    <Page title="Overview">
      <div className="grid gap-4 lg:grid-cols-2">
        <Panel title="Buy something, without a key">
          <div className="flex flex-col gap-3">
            <p>
              Send it twice: the second answer is the first one again, with{" "}
              <code className="font-mono text-xs">&quot;replayed&quot;: true</code>, and nothing is
              sold twice.
            </p>
            <CodeBlock code={curl} label="curl" />
          </div>
        </Panel>
        <Panel title={organisation.name}>
          <Facts
            facts={[
              ["Your role", role],
              ["Test tenant", <Id key="test" id={tenants.test} />],
              ["Live tenant", <Id key="live" id={tenants.live} />],
            ]}
          />
        </Panel>
      </div>
    </Page>
  );
}

function Id({ id }: { readonly id: string }) {
  return <code className="font-mono text-xs break-all">{id}</code>;
}
