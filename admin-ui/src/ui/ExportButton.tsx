import { useRef, useState } from "react";
import { getFile } from "../api/client.ts";
import { asProblem } from "../api/problem.ts";
import { Button } from "./Button.tsx";
import { formatNumber } from "./format.ts";

/**
 * A whole list as a file. A link would do but for the header that says which tenant is meant; so it is
 * read here, with how much has come so far, and can be stopped.
 */
export function ExportButton({
  path,
  query,
  name,
  kind = "csv",
  disabledReason,
}: {
  readonly path: string;
  readonly query: Readonly<Record<string, string | undefined>>;
  /** Of the file, without its ending. */
  readonly name: string;
  /** JSON lines have a path of their own; a CSV is another form of its list. */
  readonly kind?: keyof typeof kinds;
  readonly disabledReason?: string | undefined;
}) {
  const [bytes, setBytes] = useState<number>();
  const [result, setResult] = useState<string>();
  const abort = useRef<AbortController>(undefined);
  const save = async (): Promise<void> => {
    const stop = (abort.current = new AbortController());
    setBytes(0);
    setResult(undefined);
    try {
      const format = kind === "csv" ? kind : undefined;
      const sending = { query: { ...query, format }, signal: stop.signal };
      const file = await readAll(await getFile(path, sending), kinds[kind].type, setBytes);
      offer(file, `${name}-${new Date().toISOString().slice(0, 10)}.${kind}`);
      setResult(`Saved ${kilobytes(file.size)}`);
    } catch (error) {
      const problem = asProblem(error);
      setResult(stop.signal.aborted ? "Stopped" : `${problem.title}. ${problem.message}`);
    } finally {
      setBytes(undefined);
    }
  };
  const isSaving = bytes !== undefined;
  const press = (): void => {
    if (isSaving) abort.current?.abort();
    else void save();
  };
  return (
    <>
      <span role="status" className="text-sm text-mute">
        {result}
      </span>
      <Button icon={isSaving ? "stop" : "download"} disabledReason={disabledReason} onClick={press}>
        {isSaving ? `Stop at ${kilobytes(bytes)}` : kinds[kind].words}
      </Button>
    </>
  );
}

const kinds = {
  csv: { words: "Export CSV", type: "text/csv" },
  jsonl: { words: "Export the whole log", type: "application/jsonl" },
} as const;

function kilobytes(bytes: number): string {
  return `${formatNumber(Math.ceil(bytes / 1000))} kB`;
}

async function readAll(
  response: Response,
  type: string,
  onBytes: (sum: number) => void,
): Promise<Blob> {
  const parts: BlobPart[] = [];
  let sum = 0;
  for await (const part of partsOf(response)) {
    parts.push(part);
    sum += part.byteLength;
    onBytes(sum);
  }
  return new Blob(parts, { type });
}

async function* partsOf(response: Response): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = response.body?.getReader();
  for (;;) {
    const { done = true, value } = (await reader?.read()) ?? {};
    if (done || !value) return;
    yield value;
  }
}

function offer(file: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
