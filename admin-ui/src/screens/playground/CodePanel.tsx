import { useState } from "react";
import { CodeBlock } from "../../ui/CodeBlock.tsx";
import { Panel } from "../../ui/Page.tsx";
import { Tabs } from "../../ui/Tabs.tsx";
import { curlOf, keyVariable, typeScriptOf, type Call } from "./snippets.ts";

const tabs = [
  { id: "curl", label: "curl" },
  { id: "typescript", label: "TypeScript" },
];

/** The very ask of the form as a program sends it. */
export function CodePanel({ call }: { readonly call: Call }) {
  const [open, setOpen] = useState("curl");
  const { origin } = location;
  return (
    <Panel title="The same as code">
      <Tabs label="Language" tabs={tabs} open={open} onOpen={setOpen}>
        <div className="flex flex-col gap-2">
          {open === "curl" ? (
            <CodeBlock code={curlOf(call, origin)} label="curl" />
          ) : (
            <CodeBlock code={typeScriptOf(call, origin)} label="TypeScript" />
          )}
          <p className="text-sm text-mute">
            Put a key of the test data into <code className="font-mono text-xs">{keyVariable}</code>
            . With the key of an ask that was answered here it gets the same answer.
          </p>
        </div>
      </Tabs>
    </Panel>
  );
}
