import { containersOf, type Container, type Pod, type SecurityContext } from "./pods.ts";

/** Every field that the restricted Pod Security Standard is about, and a few that we ask for beside. */

const volumeKinds = new Set([
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "persistentVolumeClaim",
  "projected",
  "secret",
]);
const seccomp = ["RuntimeDefault", "Localhost"];

/** What is wrong with a pod, in words; nothing, when it may run anywhere. */
export function complaintsAbout({ of, spec }: Pod): readonly string[] {
  const wrong: string[] = [];
  const says = (fault: boolean, what: string): void => void (fault && wrong.push(`${of}: ${what}`));
  says(spec.hostNetwork === true, "hostNetwork");
  says(spec.hostPID === true, "hostPID");
  says(spec.hostIPC === true, "hostIPC");
  says(spec.automountServiceAccountToken !== false, "a token of the cluster is mounted");
  for (const { name, ...kinds } of spec.volumes ?? []) {
    for (const kind of Object.keys(kinds)) says(!volumeKinds.has(kind), `volume ${name}: ${kind}`);
  }
  const ofPod = spec.securityContext ?? {};
  says(!seccomp.includes(ofPod.seccompProfile?.type ?? ""), "no seccompProfile");
  says(ofPod.runAsNonRoot !== true, "runAsNonRoot is not true");
  says(!(Number(ofPod.runAsUser) > 0), "runs as root, or as whom the image says");
  says((ofPod.sysctls ?? []).length > 0, "sysctls");
  wrong.push(...aboutContext(of, ofPod));
  for (const container of containersOf(spec)) wrong.push(...aboutContainer(of, container));
  return wrong;
}

/** What neither a pod nor a container may say. */
function aboutContext(of: string, context: SecurityContext): readonly string[] {
  const wrong: string[] = [];
  if (context.seLinuxOptions) wrong.push(`${of}: seLinuxOptions`);
  if (context.windowsOptions?.hostProcess === true) wrong.push(`${of}: hostProcess`);
  if (context.appArmorProfile?.type === "Unconfined") wrong.push(`${of}: AppArmor unconfined`);
  if (context.runAsUser === 0) wrong.push(`${of}: runAsUser 0`);
  if (context.runAsNonRoot === false) wrong.push(`${of}: runAsNonRoot false`);
  const profile = context.seccompProfile?.type;
  if (profile !== undefined && !seccomp.includes(profile)) wrong.push(`${of}: seccomp ${profile}`);
  return wrong;
}

function aboutContainer(pod: string, container: Container): readonly string[] {
  const of = `${pod}, ${container.name}`;
  const { securityContext: context = {}, resources = {}, ports = [], env = [] } = container;
  const wrong = [...aboutContext(of, context)];
  const says = (fault: boolean, what: string): void => void (fault && wrong.push(`${of}: ${what}`));
  says(context.privileged === true, "privileged");
  says(context.allowPrivilegeEscalation !== false, "allowPrivilegeEscalation is not false");
  says(context.capabilities?.drop?.includes("ALL") !== true, "keeps capabilities");
  says((context.capabilities?.add ?? []).length > 0, "adds capabilities");
  says((context.procMount ?? "Default") !== "Default", "procMount");
  says(
    ports.some(({ hostPort }) => hostPort !== undefined),
    "hostPort",
  );
  says(context.runAsNonRoot !== true, "runAsNonRoot is not true");
  says(context.readOnlyRootFilesystem !== true, "writes to its root file system");
  says(resources.requests?.cpu === undefined, "asks for no processor");
  says(resources.requests?.memory === undefined, "asks for no memory");
  says(resources.limits?.memory === undefined, "takes all memory");
  says(
    !/[:@][^/]+$/.test(container.image) || container.image.endsWith(":latest"),
    "no exact image",
  );
  for (const { name, value = "" } of env) {
    const holds = /:\/\/[^/]*:[^/]+@/.test(value) || /(PASSWORD|SECRET|SEALING_KEY)$/.test(name);
    says(holds, `${name} holds a secret`);
  }
  return wrong;
}
