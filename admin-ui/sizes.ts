import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** What a browser loads, as the manifest of the build has it; kilobytes of a thousand bytes, gzipped. */
interface Chunk {
  readonly file: string;
  readonly isEntry?: boolean;
  readonly isDynamicEntry?: boolean;
  readonly imports?: readonly string[];
  readonly css?: readonly string[];
}

const limits = { shell: 140, route: 40, css: 15, all: 380 };
const dist = fileURLToPath(new URL("dist/", import.meta.url));
const say = (line: string): boolean => process.stdout.write(`${line}\n`);

async function kilobytes(files: Iterable<string>): Promise<number> {
  const sizes = await Promise.all([...files].map((file) => readFile(`${dist}${file}.gz`)));
  return sizes.reduce((sum, bytes) => sum + bytes.length, 0) / 1000;
}

function filesOf(manifest: Record<string, Chunk>, name: string, seen = new Set<string>()) {
  const chunk = manifest[name];
  if (!chunk || seen.has(chunk.file)) return seen;
  seen.add(chunk.file);
  for (const other of chunk.imports ?? []) filesOf(manifest, other, seen);
  return seen;
}

const text = await readFile(`${dist}.vite/manifest.json`, "utf8").catch(() => undefined);
if (text === undefined) throw new Error("There is no build yet: npm run build.");
const manifest = JSON.parse(text) as Record<string, Chunk>;
const chunks = Object.entries(manifest);
const entry = chunks.find(([, { isEntry }]) => isEntry)?.[0] ?? "";
const shell = filesOf(manifest, entry);
const css = new Set(chunks.flatMap(([, chunk]) => chunk.css ?? []));
const scripts = new Set(chunks.map(([, { file }]) => file).filter((file) => file.endsWith(".js")));

const found: [what: string, size: number, limit: number][] = [
  ["shell", await kilobytes(shell), limits.shell],
  ["css", await kilobytes(css), limits.css],
  ["all scripts", await kilobytes(scripts), limits.all],
];
for (const [name, { isDynamicEntry }] of chunks) {
  if (!isDynamicEntry) continue;
  const own = filesOf(manifest, name).difference(shell);
  found.push([name, await kilobytes(own), limits.route]);
}
for (const [what, size, limit] of found) {
  const isOver = size > limit;
  say(
    `${isOver ? "TOO LARGE" : "ok       "} ${size.toFixed(1).padStart(6)} of ${limit} kB  ${what}`,
  );
  if (isOver) process.exitCode = 1;
}
