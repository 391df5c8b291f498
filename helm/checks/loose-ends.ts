import { containersOf, podsOf, secretsOf, type Pod } from "./pods.ts";
import type { Manifest } from "./render.ts";

/** What names something that is not there, or not there yet. */
export function looseEnds(
  manifests: readonly Manifest[],
  /** Secrets and accounts that somebody made before. */
  given: ReadonlySet<string>,
): readonly string[] {
  const pods = podsOf(manifests);
  return [
    ...pods.flatMap((pod) => [...lacking(pod, manifests, given), ...unmounted(pod)]),
    ...manifests.flatMap((manifest) => unselected(manifest, pods)),
    ...untargeted(manifests),
    ...twice(manifests),
  ];
}

const isHook = ({ metadata }: Manifest): boolean =>
  /pre-/.test(metadata.annotations?.["helm.sh/hook"] ?? "");
const weightOf = ({ metadata }: Manifest): number =>
  Number(metadata.annotations?.["helm.sh/hook-weight"] ?? 0);

/** A hook that runs before the release finds nothing of it: only what an earlier hook made. */
function lacking(pod: Pod, all: readonly Manifest[], given: ReadonlySet<string>): string[] {
  const { manifest, spec, of } = pod;
  const there = all.filter((one) =>
    isHook(manifest) ? isHook(one) && weightOf(one) < weightOf(manifest) : !isHook(one),
  );
  const find = (kind: string, name: string) =>
    there.find((one) => one.kind === kind && one.metadata.name === name);
  const wrong = secretsOf(spec).flatMap(([name, key]) => {
    const secret = find("Secret", name);
    const has = secret ? Object.hasOwn(secret.stringData ?? {}, key) : given.has(name);
    return has ? [] : [`${of} needs ${key} of the Secret ${name}`];
  });
  const account = spec.serviceAccountName ?? "default";
  const hasAccount = account === "default" || find("ServiceAccount", account) || given.has(account);
  return hasAccount ? wrong : [...wrong, `${of} needs the ServiceAccount ${account}`];
}

function unmounted({ of, spec, manifest }: Pod): string[] {
  const { volumeClaimTemplates = [] } = manifest.spec as {
    volumeClaimTemplates?: { metadata: { name: string } }[];
  };
  const volumes = [
    ...(spec.volumes ?? []).map(({ name }) => name),
    ...volumeClaimTemplates.map(({ metadata }) => metadata.name),
  ];
  const mounted = containersOf(spec).flatMap(({ volumeMounts = [] }) =>
    volumeMounts.map(({ name }) => name),
  );
  return [
    ...mounted.filter((name) => !volumes.includes(name)).map((name) => `${of}: no volume ${name}`),
    ...volumes.filter((name) => !mounted.includes(name)).map((name) => `${of}: ${name} is unused`),
  ];
}

type Selector = Readonly<Record<string, string>>;
interface Selecting {
  readonly selector?: Selector | { readonly matchLabels: Selector };
  readonly podSelector?: { readonly matchLabels?: Selector };
  readonly ports?: readonly { readonly targetPort: string }[];
}

/** Services, policies and budgets that select no pod of ours, and ports that none has. */
function unselected({ kind, metadata, spec }: Manifest, pods: readonly Pod[]): string[] {
  if (!/^(Service|NetworkPolicy|PodDisruptionBudget|Deployment|StatefulSet)$/.test(kind)) return [];
  const { selector, podSelector, ports = [] } = spec as Selecting;
  const wanted = podSelector?.matchLabels ?? selector ?? {};
  const labels = Object.entries("matchLabels" in wanted ? wanted.matchLabels : wanted);
  const chosen = pods.filter((pod) => labels.every(([name, value]) => pod.labels[name] === value));
  const of = `${kind} ${metadata.name}`;
  if (chosen.length === 0) return [`${of} selects no pod`];
  if (kind !== "Service") return [];
  return ports.flatMap(({ targetPort }) =>
    chosen
      .filter((pod) =>
        containersOf(pod.spec).every(({ ports: own = [] }) =>
          own.every(({ name }) => name !== targetPort),
        ),
      )
      .map((pod) => `${of}: ${pod.of} has no port ${targetPort}`),
  );
}

function untargeted(manifests: readonly Manifest[]): string[] {
  const names = new Set(manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`));
  return manifests.flatMap(({ kind, spec }) => {
    if (kind !== "HorizontalPodAutoscaler") return [];
    const { scaleTargetRef: to } = spec as { scaleTargetRef: { kind: string; name: string } };
    return names.has(`${to.kind} ${to.name}`) ? [] : [`${to.kind} ${to.name} cannot be scaled`];
  });
}

function twice(manifests: readonly Manifest[]): string[] {
  const names = manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  return names.filter((name, at) => names.indexOf(name) !== at).map((name) => `${name} twice`);
}
