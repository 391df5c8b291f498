import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { parseAllDocuments } from "yaml";
import { findProgram } from "../../grafana/prometheus.ts";

/** The chart as a cluster would get it; with Helm itself, or with a renderer that has its template language. */

export const chartDir = fileURLToPath(new URL("..", import.meta.url));
const helm = findProgram("helm");
const miniHelm = findProgram("minihelm");
export const canRender = helm !== undefined || miniHelm !== undefined;
/** Decodes manifests with Kubernetes' own types, and refuses what those do not have. */
export const strictDecoder = findProgram("k8svalidate");

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: unknown;
  readonly data?: Readonly<Record<string, string>>;
  readonly stringData?: Readonly<Record<string, string>>;
}

export interface Rendered {
  /** As it was rendered, one manifest each. */
  readonly texts: readonly string[];
  readonly manifests: readonly Manifest[];
}

export type Values = Readonly<Record<string, unknown>>;

const run = promisify(execFile);
const maxBuffer = 16 * 1024 * 1024;

interface Rendering {
  readonly release?: string;
  /** Changes files of a copy of the chart, by path: what a cluster would say to a template. */
  readonly edit?: Readonly<Record<string, (text: string) => string>>;
}

/** Throws what the chart says when it refuses the values. */
export async function render(values: Values = {}, given: Rendering = {}): Promise<Rendered> {
  const { release = "zerorace", edit = {} } = given;
  const dir = await mkdtemp(join(await realpath(tmpdir()), "zerorace-chart-"));
  try {
    const chart = join(dir, "zerorace");
    await cp(chartDir, chart, { recursive: true });
    for (const [path, change] of Object.entries(edit)) {
      const file = join(chart, path);
      await writeFile(file, change(await readFile(file, "utf8").catch(() => "")));
    }
    const file = join(dir, "values.json");
    await writeFile(file, JSON.stringify(values));
    const [program, args] = helm
      ? [helm, ["template", release, chart, "--namespace", "default", "--values", file]]
      : [miniHelm ?? "", [chart, release, file]];
    const { stdout } = await run(program, args, { maxBuffer });
    return split(stdout);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function split(text: string): Rendered {
  const texts = text.split(/^---$/m).filter((part) => /^kind:/m.test(part));
  // As Kubernetes reads it: 0440 is octal.
  const manifests = parseAllDocuments(texts.join("\n---\n"), { version: "1.1" }).map((document) => {
    const [fault] = document.errors;
    if (fault) throw fault;
    return document.toJS() as Manifest;
  });
  return { texts, manifests };
}

/** What Kubernetes' types say against it; those of operators they do not know. */
export async function strictlyDecoded({ texts }: Rendered): Promise<readonly string[]> {
  const known = texts.filter(
    (text) => !/^apiVersion: (monitoring\.coreos\.com|gateway\.networking\.k8s\.io)\//m.test(text),
  );
  const child = run(strictDecoder ?? "", [], { maxBuffer });
  child.child.stdin?.end(known.join("\n---\n"));
  const { stdout } = await child.catch((error: { stdout: string }) => error);
  const lines = stdout.trim().split("\n");
  const valid = lines.filter((line) => line.startsWith("valid ")).length;
  const wrong = lines.filter((line) => !line.startsWith("valid "));
  return valid === known.length ? wrong : [`${valid} of ${known.length} were decoded`, ...wrong];
}

export function ofKind(manifests: readonly Manifest[], kind: string): readonly Manifest[] {
  return manifests.filter((one) => one.kind === kind);
}

export function named(manifests: readonly Manifest[], kind: string, name: string): Manifest {
  const found = ofKind(manifests, kind).find(({ metadata }) => metadata.name === name);
  if (found) return found;
  const names = ofKind(manifests, kind).map(({ metadata }) => metadata.name);
  throw new Error(`There is no ${kind} ${name}, but ${names.join(", ") || "none at all"}.`);
}
