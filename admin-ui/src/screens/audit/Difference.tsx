import type { EntryView } from "../../../../server/audit/wire.ts";
import { Icon } from "../../ui/Icon.tsx";
import { Panel } from "../../ui/Page.tsx";
import { differenceOf, type Line } from "./difference.ts";

/** Before and after, field by field: struck out what was, marked what is, and words for both. */
export function Difference({ entry }: { readonly entry: EntryView }) {
  const { before, after } = entry;
  const lines = differenceOf(before, after);
  const changed = lines.filter(({ isChanged }) => isChanged);
  const others = lines.filter(({ isChanged }) => !isChanged);
  if (lines.length === 0) {
    return (
      <Panel title="What changed">
        <p className="text-mute">The action says it all: nothing more was written down.</p>
      </Panel>
    );
  }
  return (
    <Panel title={titleOf(entry)} flush>
      {changed.length > 0 && <Lines lines={changed} hasBefore={before !== null} />}
      {changed.length === 0 && (
        <p className="border-t px-4 py-3 text-mute">Everything was like this before.</p>
      )}
      {others.length > 0 && <Unchanged lines={others} />}
    </Panel>
  );
}

function titleOf({ before, after }: EntryView): string {
  if (before === null) return "What was set";
  return after === null ? "What was there" : "What changed";
}

function Lines({
  lines,
  hasBefore,
}: {
  readonly lines: readonly Line[];
  readonly hasBefore: boolean;
}) {
  return (
    <dl className="border-t">
      {lines.map(({ name, before, after }) => (
        <div
          key={name}
          className="grid gap-x-6 gap-y-1 border-b px-4 py-2.5 last:border-b-0 sm:grid-cols-[minmax(9rem,1fr)_3fr]"
        >
          <dt className="text-mute">{name}</dt>
          <dd className="flex min-w-0 flex-wrap items-center gap-x-2.5 gap-y-1">
            {before !== undefined && (
              <del className="rounded-sm bg-bad/8 px-1.5 py-0.5 wrap-anywhere text-bad tabular-nums">
                <span className="sr-only">was </span>
                {before}
              </del>
            )}
            {before !== undefined && after !== undefined && <Icon name="right" size={14} />}
            {after !== undefined && (
              <ins className="rounded-sm bg-ok/8 px-1.5 py-0.5 wrap-anywhere text-ok no-underline tabular-nums">
                {hasBefore && <span className="sr-only">is now </span>}
                {after}
              </ins>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Unchanged({ lines }: { readonly lines: readonly Line[] }) {
  return (
    <details className="border-t px-4 py-2.5">
      <summary className="cursor-pointer text-sm text-mute">
        {lines.length === 1 ? "1 field" : `${lines.length} fields`} left as before
      </summary>
      <dl className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-6 gap-y-1.5 pt-2.5 text-sm">
        {lines.map(({ name, before, after }) => (
          <div key={name} className="contents">
            <dt className="text-mute">{name}</dt>
            <dd className="min-w-0 wrap-anywhere">{after ?? before}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
