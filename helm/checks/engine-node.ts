import { execFile } from "node:child_process";
import { chown, chmod, mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { podsOf, type Container, type Pod, type Probe, type Volume } from "./pods.ts";
import { ofKind, type Manifest } from "./render.ts";

const run = promisify(execFile);

/** How long anything may take to come up here, on a machine that is busy with other things. */
const patienceMs = 240_000;

/**
 * A node in a Docker engine: it runs the containers of pods as their manifests say, with user, group, read-only root, no
 * capabilities, secrets as files, probes, init containers in turn, and the names of Services. No scheduler, no volumes of
 * a cluster, no policies, no replicas: what it says about a chart is that its containers run as they are.
 */
export class EngineNode implements AsyncDisposable {
  readonly #name: string;
  readonly #dir: string;
  readonly #manifests: readonly Manifest[];
  #started: string[] = [];
  #suffix = "";

  private constructor(name: string, dir: string, manifests: readonly Manifest[]) {
    this.#name = name;
    this.#dir = dir;
    this.#manifests = manifests;
  }

  static async start(name: string, manifests: readonly Manifest[]): Promise<EngineNode> {
    const dir = await mkdtemp(join(await realpath(tmpdir()), "zerorace-node-"));
    await docker("network", "create", name);
    return new EngineNode(name, dir, manifests);
  }

  /** `Job zerorace-migrate-1a2b3c4d`, for `Job`. */
  nameOf(kind: string): string {
    const found = podsOf(this.#manifests).find(({ of }) => of.startsWith(`${kind} `));
    if (!found) throw new Error(`There is no ${kind}.`);
    return found.of;
  }

  /** Runs a pod's init containers to their end, one after the other, and starts the others. */
  async start(of: string, more: Readonly<Record<string, string>> = {}): Promise<void> {
    const pod = this.#pod(of);
    for (const container of pod.spec.initContainers ?? []) {
      const { code, log } = await this.#toItsEnd(pod, container);
      if (code !== 0) throw new Error(`${of}, ${container.name} ended with ${code}:\n${log}`);
    }
    const env = Object.entries(more).map(([name, value]) => ({ name, value }));
    for (const container of pod.spec.containers) {
      await this.#run(pod, { ...container, env: [...(container.env ?? []), ...env] });
    }
  }

  /** Another pod of the same, beside the one that runs. */
  twin(): EngineNode {
    const other = new EngineNode(this.#name, join(this.#dir, "twin"), this.#manifests);
    other.#suffix = "-twin";
    other.#started = this.#started;
    return other;
  }

  /** Where its first container listens, for who is on this machine. */
  async addressOf(of: string): Promise<URL> {
    const [container] = this.#pod(of).spec.containers;
    const format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
    const address = await docker("inspect", "--format", format, this.#idOf(of, container));
    return new URL(`http://${address}:${container?.ports?.[0]?.containerPort}`);
  }

  /** Until the startup and readiness probes of its first container say so. */
  async ready(of: string): Promise<void> {
    const { spec } = this.#pod(of);
    const [container] = spec.containers;
    if (!container) throw new Error(`${of} has no container.`);
    const id = this.#idOf(of, container);
    for (const probe of [container.startupProbe, container.readinessProbe]) {
      const giveUpAt = performance.now() + patienceMs;
      while (probe && !(await this.#answers(id, container, probe))) {
        if (performance.now() > giveUpAt) throw new Error(`${of}: ${await logOf(id)}`);
        await sleep(300);
      }
    }
  }

  /** Runs a Job or a test pod to its end. */
  async finish(of: string): Promise<{ readonly code: number; readonly log: string }> {
    const pod = this.#pod(of);
    let last = { code: 0, log: "" };
    for (const container of [...(pod.spec.initContainers ?? []), ...pod.spec.containers]) {
      last = await this.#toItsEnd(pod, container);
      if (last.code !== 0) return last;
    }
    return last;
  }

  async exec(of: string, ...command: readonly string[]): Promise<string> {
    const [container] = this.#pod(of).spec.containers;
    return docker("exec", this.#idOf(of, container), ...command);
  }

  /** SIGTERM, and SIGKILL when its grace is over: what it ended with, and in how long. */
  async stop(of: string): Promise<{ readonly code: number; readonly ms: number }> {
    const { spec } = this.#pod(of);
    const id = this.#idOf(of, spec.containers[0]);
    const from = performance.now();
    await docker("stop", "--time", String(spec.terminationGracePeriodSeconds ?? 30), id);
    const ms = performance.now() - from;
    const code = await docker("inspect", "--format", "{{.State.ExitCode}}", id);
    return { code: Number(code), ms };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const id of this.#started) await docker("rm", "--force", "--volumes", id).catch(() => "");
    await docker("network", "rm", this.#name).catch(() => "");
    await rm(this.#dir, { recursive: true, force: true });
  }

  #pod(of: string): Pod {
    const found = podsOf(this.#manifests).find((pod) => pod.of === of);
    if (!found) throw new Error(`There is no ${of}.`);
    return found;
  }

  #idOf(of: string, container: Container | undefined): string {
    const pod = of.replace(" ", "-").toLowerCase();
    return `${this.#name}-${pod}-${container?.name}${this.#suffix}`;
  }

  async #toItsEnd(pod: Pod, container: Container): Promise<{ code: number; log: string }> {
    await this.#run(pod, container);
    const id = this.#idOf(pod.of, container);
    const code = Number(await docker("wait", id));
    return { code, log: await logOf(id) };
  }

  async #run(pod: Pod, container: Container): Promise<void> {
    const { image, command = [], args = [], env = [] } = container;
    const { securityContext: ofPod = {} } = pod.spec;
    const id = this.#idOf(pod.of, container);
    const [first, ...more] = command;
    const mounts = await Promise.all(
      (container.volumeMounts ?? []).map(async ({ name, mountPath, readOnly = false }) => {
        const source = await this.#volume(pod, name);
        return `--volume=${source}:${mountPath}${readOnly ? ":ro" : ""}`;
      }),
    );
    this.#started.push(id);
    await docker(
      "run",
      "--detach",
      `--name=${id}`,
      `--network=${this.#name}`,
      ...this.#namesOf(pod).map((alias) => `--network-alias=${alias}`),
      `--user=${ofPod.runAsUser}:${ofPod.runAsGroup}`,
      `--group-add=${ofPod.fsGroup}`,
      "--read-only",
      "--cap-drop=ALL",
      "--security-opt=no-new-privileges",
      `--memory=${bytesOf(container.resources?.limits?.memory ?? "1Gi")}`,
      ...env.map(({ name, value = "" }) => `--env=${name}=${value}`),
      ...mounts,
      ...(first === undefined ? [] : [`--entrypoint=${first}`]),
      image,
      ...more,
      ...args,
    );
  }

  /** A pod has the names of the Services that select it. */
  #namesOf({ labels }: Pod): readonly string[] {
    return ofKind(this.#manifests, "Service").flatMap(({ metadata: { name }, spec }) => {
      const { selector } = spec as { selector: Readonly<Record<string, string>> };
      const selects = Object.entries(selector).every(([key, value]) => labels[key] === value);
      return selects ? [name, `${name}.default`, `${name}.default.svc`] : [];
    });
  }

  /** Made once for a pod: the group of its volumes owns it, as a kubelet has it. */
  async #volume({ of, spec }: Pod, name: string): Promise<string> {
    const dir = join(this.#dir, of.replace(" ", "-"), name);
    const group = Number(spec.securityContext?.fsGroup);
    const volume = spec.volumes?.find((one) => one.name === name);
    await mkdir(dir, { recursive: true });
    for (const [path, text] of volume ? this.#filesOf(volume) : []) {
      const file = join(dir, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
      await chmod(file, 0o440);
      await chown(file, 0, group);
    }
    await chown(dir, 0, group);
    await chmod(dir, 0o2775);
    return dir;
  }

  #filesOf({ secret, projected }: Volume): readonly (readonly [path: string, text: string])[] {
    const sources = [secret, ...(projected?.sources ?? []).map((one) => one.secret)];
    return sources.flatMap((source) => {
      const name = source?.secretName ?? source?.name;
      const found = ofKind(this.#manifests, "Secret").find((one) => one.metadata.name === name);
      const { stringData = {} } = found ?? {};
      return (source?.items ?? []).map(({ key, path }) => [path, stringData[key] ?? ""] as const);
    });
  }

  async #answers(id: string, { ports = [] }: Container, probe: Probe): Promise<boolean> {
    const running = await docker("inspect", "--format", "{{.State.Running}}", id);
    if (running !== "true") throw new Error(`${id} has ended: ${await logOf(id)}`);
    if (probe.exec) {
      const ended = docker("exec", id, ...probe.exec.command);
      return ended.then(
        () => true,
        () => false,
      );
    }
    const { path = "/", port } = probe.httpGet ?? probe.tcpSocket ?? { port: "" };
    const format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
    const address = await docker("inspect", "--format", format, id);
    const number = ports.find(({ name }) => name === port)?.containerPort;
    const asked = fetch(`http://${address}:${number}${path}`, {
      signal: AbortSignal.timeout(5_000),
    });
    // Who answers anything at all has its port open.
    return asked.then(
      ({ ok }) => ok || probe.httpGet === undefined,
      () => false,
    );
  }
}

/** What it printed, without the line break at its end. */
export async function docker(...args: readonly string[]): Promise<string> {
  const { stdout } = await run("docker", [...args], { maxBuffer: 64 * 1024 * 1024 });
  return stdout.trimEnd();
}

async function logOf(id: string): Promise<string> {
  const { stdout, stderr } = await run("docker", ["logs", "--tail", "50", id]);
  return `${stdout}${stderr}`;
}

const bytesOf = (quantity: string): string => quantity.replace(/i$/, "").toLowerCase();
