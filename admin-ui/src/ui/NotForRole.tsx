import { Icon, type IconName } from "./Icon.tsx";

/** In the place of what the role may not see: nothing is asked that would be refused. */
export function NotForRole({
  icon,
  what,
  reason,
}: {
  readonly icon: IconName;
  readonly what: string;
  readonly reason: string;
}) {
  return (
    <section className="flex flex-col items-center gap-3 rounded-lg border bg-panel px-6 py-12 text-center">
      <span className="grid size-10 place-items-center rounded-full bg-sunk text-mute">
        <Icon name={icon} size={20} />
      </span>
      <h2 className="text-lg font-semibold">{what}: not for your role</h2>
      <p className="max-w-[34rem] text-mute">{reason}</p>
    </section>
  );
}
