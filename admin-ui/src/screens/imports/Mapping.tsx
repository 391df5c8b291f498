import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { ImportView, PreviewView } from "../../../../server/imports/wire.ts";
import { post } from "../../api/client.ts";
import type { Problem } from "../../api/problem.ts";
import { Button } from "../../ui/Button.tsx";
import { CurrencySelect } from "../../ui/CurrencySelect.tsx";
import { Input, Select } from "../../ui/Field.tsx";
import { useFormWork } from "../../ui/forms.ts";
import { Panel } from "../../ui/Page.tsx";
import { ProblemNote } from "../../ui/ProblemNote.tsx";
import { SmallTable } from "../../ui/SmallTable.tsx";
import { ErrorState, PanelSkeleton } from "../../ui/States.tsx";
import { useMerchants, useThing } from "../selling/things.ts";

type Field = PreviewView["fields"][number];

/** What fills a field: a column by its header, or one value for all rows. */
type Source = { readonly column: string } | { readonly value: string };
type Sources = Readonly<Record<string, Source | undefined>>;

/** How the file begins, and which of its columns is what. */
export function Mapping({
  it,
  reason,
  onSent,
}: {
  readonly it: ImportView;
  readonly reason: string | undefined;
  readonly onSent: (it: ImportView) => void;
}) {
  const preview = useThing<PreviewView>("imports", it.id, "preview");
  const merchants = useMerchants().data?.data;
  if (preview.error && !preview.data) {
    return <ErrorState error={preview.error} onRetry={() => void preview.refetch()} />;
  }
  if (!preview.data || !merchants) {
    return (
      <Panel title="How the file begins">
        <PanelSkeleton />
      </Panel>
    );
  }
  return (
    <>
      <FirstRows preview={preview.data} />
      <Form it={it} preview={preview.data} merchants={merchants} reason={reason} onSent={onSent} />
    </>
  );
}

function FirstRows({ preview: { headers, data } }: { readonly preview: PreviewView }) {
  const rows = data.slice(0, 5).map((cells, at) => ({ at, cells }));
  return (
    <Panel title="How the file begins" flush>
      <SmallTable
        label="First rows"
        columns={headers.map((header, at) => ({
          id: String(at),
          header,
          cell: ({ cells }: { readonly cells: readonly string[] }) => (
            <span className="block max-w-[24rem] truncate">{cells[at]}</span>
          ),
        }))}
        rows={rows}
        rowKey={({ at }) => String(at)}
      />
    </Panel>
  );
}

interface FormProps {
  readonly it: ImportView;
  readonly preview: PreviewView;
  readonly merchants: readonly { readonly id: string; readonly name: string }[];
  readonly reason: string | undefined;
  readonly onSent: (it: ImportView) => void;
}

function Form({ it, preview, merchants, reason, onSent }: FormProps) {
  const [sources, setSources] = useState(() => firstSources(it, preview, merchants[0]?.id));
  const work = useFormWork(async () => {
    onSent(await post<ImportView>(`/v1/imports/${it.id}/check`, bodyOf(sources)));
  });
  const choose = (name: string, source: Source | undefined): void =>
    setSources((now) => ({ ...now, [name]: source }));
  return (
    <Panel title="Which column is what">
      <form className="flex flex-col gap-5" onSubmit={work.onSubmit} noValidate>
        <div className="grid gap-x-6 gap-y-4 sm:grid-cols-2 lg:grid-cols-3">
          {preview.fields.map((field) => (
            <OneField
              key={field.name}
              field={field}
              preview={preview}
              merchants={merchants}
              source={sources[field.name]}
              isFilled={preview.fields.some(
                ({ name, insteadOf }) => insteadOf === field.name && sources[name] !== undefined,
              )}
              problem={work.problem}
              onChoose={(source) => choose(field.name, source)}
            />
          ))}
        </div>
        {work.problem && <ProblemNote error={work.problem} />}
        <div className="flex flex-wrap items-center gap-3">
          <Button
            type="submit"
            look="primary"
            icon="eye"
            busy={work.isBusy}
            disabledReason={reason}
          >
            Check every row
          </Button>
          <span className="text-sm text-mute">
            A dry run: each row is held against the rules, and nothing is made.
          </span>
        </div>
      </form>
    </Panel>
  );
}

const noColumn = "none";
const oneValue = "value";

function OneField({
  field,
  preview,
  merchants,
  source,
  isFilled,
  problem,
  onChoose,
}: Pick<FormProps, "preview" | "merchants"> & {
  readonly field: Field;
  readonly source: Source | undefined;
  /** Another field is named in place of it. */
  readonly isFilled: boolean;
  readonly problem: Problem | undefined;
  readonly onChoose: (source: Source | undefined) => void;
}) {
  const { name, title, required, says } = field;
  const isOneValue = source !== undefined && "value" in source;
  const column = source !== undefined && "column" in source ? source.column : undefined;
  const at = column === undefined ? -1 : preview.headers.indexOf(column);
  const sample = preview.data[0]?.[at];
  const choose = (chosen: string): void => {
    if (chosen === noColumn) onChoose(undefined);
    else if (chosen === oneValue) onChoose({ value: name === "currency" ? "EUR" : "" });
    else onChoose({ column: preview.headers[Number(chosen)] ?? "" });
  };
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <Select
        label={title}
        optional={!required || isFilled}
        value={isOneValue ? oneValue : at < 0 ? noColumn : String(at)}
        onChange={(event) => choose(event.target.value)}
        pointer={`/columns/${name}`}
        problem={problem}
        hint={sample === undefined || sample === "" ? says : `First row: ${sample.slice(0, 60)}`}
      >
        <option value={noColumn}>Not in the file</option>
        <option value={oneValue}>One value for all rows</option>
        {preview.headers.map((header, place) => (
          <option key={header} value={String(place)}>
            Column {header}
          </option>
        ))}
      </Select>
      {isOneValue && (
        <OneValue
          field={field}
          value={source.value}
          merchants={merchants}
          problem={problem}
          onChange={(value) => onChoose({ value })}
        />
      )}
    </div>
  );
}

function OneValue({
  field: { name, title },
  value,
  merchants,
  problem,
  onChange,
}: Pick<FormProps, "merchants"> & {
  readonly field: Field;
  readonly value: string;
  readonly problem: Problem | undefined;
  readonly onChange: (value: string) => void;
}) {
  const shared = { label: `${title} of all rows`, pointer: `/fixed/${name}`, problem };
  if (name === "currency") return <CurrencySelect {...shared} value={value} onChoose={onChange} />;
  if (name === "merchantId" && merchants.length > 0) {
    return (
      <Select {...shared} value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">Choose a merchant</option>
        {merchants.map(({ id, name: called }) => (
          <option key={id} value={id}>
            {called}
          </option>
        ))}
      </Select>
    );
  }
  const hasNoMerchant = name === "merchantId" && (
    <>
      There is none yet.{" "}
      <Link to="/merchants" search={{ make: "merchant" }} className="text-accent underline">
        Make one
      </Link>{" "}
      first: this import waits here.
    </>
  );
  return (
    <Input
      {...shared}
      {...(hasNoMerchant && { hint: hasNoMerchant })}
      autoComplete="off"
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

/** As it was sent before; else as the server guesses it, with what files rarely have filled in. */
function firstSources(
  it: ImportView,
  preview: PreviewView,
  merchantId: string | undefined,
): Sources {
  const isKnown = Object.keys(it.columns).length > 0;
  const columns = isKnown ? it.columns : preview.suggested;
  const sources: Record<string, Source> = {};
  for (const [name, column] of Object.entries(columns)) sources[name] = { column };
  for (const [name, value] of Object.entries(it.fixed)) sources[name] = { value };
  if (isKnown) return sources;
  sources.currency ??= { value: "EUR" };
  if (preview.fields.some(({ name }) => name === "merchantId")) {
    sources.merchantId ??= { value: merchantId ?? "" };
  }
  return sources;
}

function bodyOf(sources: Sources) {
  const columns: Record<string, string> = {};
  const fixed: Record<string, string> = {};
  for (const [name, source] of Object.entries(sources)) {
    if (!source) continue;
    if ("column" in source) columns[name] = source.column;
    // What is empty says nothing: the server tells whether it may be.
    else if (source.value !== "") fixed[name] = source.value;
  }
  return { columns, fixed };
}
