import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { environment } from "../server/base/config.ts";
import { freePort } from "../server/base/free-port.ts";

/** Where a program of this name is, when it is on the PATH. */
export function findProgram(name: string): string | undefined {
  const dirs = (environment().PATH ?? "").split(delimiter);
  return dirs.map((dir) => join(dir, name)).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

/** A real Prometheus that looks at these addresses every half second, for one test. */
export class TestPrometheus implements AsyncDisposable {
  readonly #url: string;
  readonly #stop: () => Promise<void>;

  private constructor(url: string, stop: () => Promise<void>) {
    this.#url = url;
    this.#stop = stop;
  }

  static async start(
    program: string,
    jobs: Readonly<Record<string, string>>,
  ): Promise<TestPrometheus> {
    const dir = await mkdtemp(join(await realpath(tmpdir()), "zerorace-prometheus-"));
    const port = await freePort();
    const config = {
      global: { scrape_interval: "500ms", scrape_timeout: "400ms" },
      scrape_configs: Object.entries(jobs).map(([name, url]) => ({
        job_name: name,
        static_configs: [{ targets: [new URL(url).host] }],
      })),
    };
    // YAML that happens to be JSON.
    await writeFile(join(dir, "prometheus.yml"), JSON.stringify(config));
    const child = spawn(
      program,
      [
        `--config.file=${join(dir, "prometheus.yml")}`,
        `--storage.tsdb.path=${join(dir, "data")}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { stdio: "ignore" },
    );
    const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    return new TestPrometheus(`http://127.0.0.1:${port}`, async () => {
      child.kill("SIGKILL");
      await exited;
      await rm(dir, { recursive: true, force: true });
    });
  }

  /** What a query answers now. Throws what Prometheus says when it does not understand it. */
  async query(expr: string): Promise<readonly Sample[]> {
    const { result } = await this.#get<{ result: readonly Sample[] }>(
      `/api/v1/query?query=${encodeURIComponent(expr)}`,
    );
    return result;
  }

  /** Names that scraped processes describe, with samples or without. */
  async described(): Promise<ReadonlySet<string>> {
    return new Set(Object.keys(await this.#get<object>("/api/v1/metadata")));
  }

  async #get<T>(path: string): Promise<T> {
    const response = await fetch(`${this.#url}${path}`);
    const answer = (await response.json()) as { status: string; data: T; error?: string };
    if (answer.status !== "success") throw new Error(answer.error);
    return answer.data;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
  }
}
