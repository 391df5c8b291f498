import { useNavigate, useSearch } from "@tanstack/react-router";
import type { WholeAskView } from "../../../../server/purchases/whole/wire.ts";
import { CodeBlock } from "../../ui/CodeBlock.tsx";
import { Panel } from "../../ui/Page.tsx";
import { Tabs } from "../../ui/Tabs.tsx";
import { curlOf, typescriptOf } from "./code.ts";

const tabs = [
  { id: "json", label: "Request and answer" },
  { id: "curl", label: "curl" },
  { id: "typescript", label: "TypeScript" },
];

export function Exchange({ ask }: { readonly ask: WholeAskView }) {
  const { show = "json" } = useSearch({ from: "/signed-in/purchases/$id" });
  const navigate = useNavigate({ from: "/purchases/$id" });
  const open = tabs.some(({ id }) => id === show) ? show : "json";
  const onOpen = (id: string): void => {
    const search = id === "json" ? {} : { show: id };
    void navigate({ search, replace: true, resetScroll: false });
  };
  return (
    <Panel title="As it was asked">
      <Tabs label="As it was asked" tabs={tabs} open={open} onOpen={onOpen}>
        {open === "json" && (
          <div className="grid gap-4 md:grid-cols-2">
            <Json label="Request" value={ask.request} />
            <Json label="Answer" value={ask.answer} />
          </div>
        )}
        {open === "curl" && <CodeBlock label="curl" code={curlOf(ask)} />}
        {open === "typescript" && <CodeBlock label="TypeScript" code={typescriptOf(ask)} />}
        {open !== "json" && (
          <p className="mt-2 text-sm text-mute">
            Under the same key it is answered as it was, and nothing is bought twice. Take another
            key to ask anew.
          </p>
        )}
      </Tabs>
    </Panel>
  );
}

function Json({ label, value }: { readonly label: string; readonly value: object }) {
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <h3 className="text-sm text-mute">{label}</h3>
      <CodeBlock label={label} code={JSON.stringify(value, undefined, 2)} />
    </div>
  );
}
