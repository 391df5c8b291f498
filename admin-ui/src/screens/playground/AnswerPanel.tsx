import { Badge } from "../../ui/Badge.tsx";
import { CodeBlock } from "../../ui/CodeBlock.tsx";
import { formatDuration } from "../../ui/format.ts";
import { Icon } from "../../ui/Icon.tsx";
import { Panel } from "../../ui/Page.tsx";
import { answerOf, type Sent } from "./asking.ts";
import { verdictOf, type Verdict } from "./verdict.ts";

const tones: Readonly<Record<Verdict["tone"], string>> = {
  ok: "border-ok/50 bg-ok/8",
  bad: "border-bad/50 bg-bad/8",
  warn: "border-warn/50 bg-warn/8",
};
const inks = { ok: "text-ok", bad: "text-bad", warn: "text-warn" } as const;

/** The sentence first, then what the server sent, to the byte. */
export function AnswerPanel({ sent }: { readonly sent: Sent | undefined }) {
  if (!sent) {
    return (
      <Panel title="Answer">
        <p className="text-mute">Send the ask, and its answer stands here.</p>
      </Panel>
    );
  }
  const { answer, ask } = sent;
  const replayed = answerOf(answer)?.replayed;
  return (
    <Panel
      title="Answer"
      actions={
        <span className="flex items-center gap-2 text-sm text-mute tabular-nums">
          {replayed !== undefined && (
            <Badge tone={replayed ? "accent" : "neutral"} {...(replayed && { icon: "refresh" })}>
              {replayed ? "Replayed" : "Not replayed"}
            </Badge>
          )}
          <span>HTTP {answer.status}</span>
          <span title="From this browser and back">{formatDuration(answer.ms)}</span>
        </span>
      }
    >
      <div className="flex flex-col gap-3">
        <VerdictNote answer={answer} ask={ask} />
        <CodeBlock code={indented(answer.text)} label="the answer" />
      </div>
    </Panel>
  );
}

export function VerdictNote({ answer, ask }: Pick<Sent, "answer" | "ask">) {
  const { tone, title, says } = verdictOf(answer, ask.currency);
  return (
    <div data-verdict className={`flex gap-2 rounded-md border px-3 py-2 ${tones[tone]}`}>
      <span className={`mt-0.5 ${inks[tone]}`}>
        <Icon name={tone === "ok" ? "check" : tone === "warn" ? "alert" : "cross"} />
      </span>
      <p className="min-w-0">
        <strong className="font-semibold">{title}.</strong> {says}
      </p>
    </div>
  );
}

export function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
