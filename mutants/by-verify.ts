import { spawn } from "node:child_process";
import { join } from "node:path";
import { environment } from "../server/base/config.ts";

/** Of what the command prints with --json, what is looked at here. */
interface Report {
  readonly ok: boolean;
  readonly seed: number;
  readonly checks: readonly { readonly name: string; readonly violations?: number }[];
  readonly shown: readonly { readonly check: string; readonly says: string }[];
}

interface Ran {
  readonly code: number;
  readonly output: string;
  readonly ran: boolean;
  readonly because: string;
}

const usual = ["--minutes", "0.3", "--worlds", "1", "--operations", "300"];
/** Longer than it waits for what is told to nobody. */
const limitMs = 400_000;

/** Lets a mutant's own `zerorace verify` strike one fault; 1 when the promise was seen to be broken. */
export async function runVerify(root: string, options: string, breaks: string): Promise<Ran> {
  const cli = join(root, "server/cli.ts");
  const args = ["verify", "--json", ...usual, ...options.split(" ")];
  const { PATH = "" } = environment();
  const child = spawn(process.execPath, [cli, ...args], {
    cwd: root,
    env: { PATH },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const timer = setTimeout(() => child.kill("SIGTERM"), limitMs);
  let [out, err] = ["", ""];
  child.stdout.on("data", (part: Buffer) => (out += part.toString()));
  child.stderr.on("data", (part: Buffer) => (err += part.toString()));
  const { promise, resolve } = Promise.withResolvers<number | null>();
  child.on("close", resolve);
  await promise;
  clearTimeout(timer);
  const report = reportIn(out);
  if (report === undefined) return { code: 2, output: err, ran: false, because: "" };
  const broken = report.checks.find(({ name }) => name === breaks)?.violations ?? 0;
  const first = report.shown.find(({ check }) => check === breaks);
  const because = `${broken} violations of ${breaks}: ${first?.says ?? ""} (seed ${report.seed})`;
  return { code: broken > 0 ? 1 : 0, output: err, ran: true, because };
}

function reportIn(text: string): Report | undefined {
  const line = text.split("\n").find((one) => one.startsWith("{"));
  return line === undefined ? undefined : (JSON.parse(line) as Report);
}
