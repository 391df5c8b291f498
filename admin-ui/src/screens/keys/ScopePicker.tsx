import { reasonAgainst, useSession } from "../../api/session.ts";
import { Choice } from "../../ui/Choice.tsx";
import { classNames } from "../../ui/class-names.ts";
import { Icon } from "../../ui/Icon.tsx";
import {
  isSame,
  presetNames,
  presets,
  scopeGroups,
  scopeSays,
  type KeyScope,
  type PresetName,
} from "./scopes.ts";

/** By task first, then one by one, each with what it allows. Nobody gives what they do not have. */
export function ScopePicker({
  chosen,
  onChoose,
  fault,
}: {
  readonly chosen: ReadonlySet<KeyScope>;
  readonly onChoose: (scopes: ReadonlySet<KeyScope>) => void;
  readonly fault: string | undefined;
}) {
  const session = useSession();
  const has = (scope: KeyScope): boolean => reasonAgainst(session, scope) === undefined;
  const toggle = (scope: KeyScope): void => {
    const next = new Set(chosen);
    if (!next.delete(scope)) next.add(scope);
    onChoose(next);
  };
  const take = (name: PresetName): void => onChoose(new Set(presets[name].scopes.filter(has)));
  return (
    <fieldset className="flex min-w-0 flex-col gap-4" aria-describedby="scopes-fault">
      <legend className="mb-2 font-semibold">What it may do</legend>
      <div className="grid gap-2 sm:grid-cols-3">
        {presetNames.map((name) => (
          <Preset
            key={name}
            name={name}
            isOn={isSame(chosen, presets[name].scopes.filter(has))}
            onTake={() => take(name)}
          />
        ))}
      </div>
      {fault !== undefined && (
        <p id="scopes-fault" className="flex items-center gap-1.5 text-sm text-bad">
          <Icon name="alert" size={14} />
          {chosen.size === 0 ? "Pick at least one." : `Scopes: ${fault}.`}
        </p>
      )}
      <div className="grid gap-x-6 gap-y-4 lg:grid-cols-2">
        {scopeGroups.map(({ name, scopes }) => (
          <div key={name} role="group" aria-label={name} className="flex flex-col">
            <p className="mb-0.5 text-sm font-medium text-mute">{name}</p>
            {scopes.map((scope) => (
              <Scope
                key={scope}
                scope={scope}
                isOn={chosen.has(scope)}
                reason={reasonAgainst(session, scope)}
                onToggle={() => toggle(scope)}
              />
            ))}
          </div>
        ))}
      </div>
    </fieldset>
  );
}

function Preset({
  name,
  isOn,
  onTake,
}: {
  readonly name: PresetName;
  readonly isOn: boolean;
  readonly onTake: () => void;
}) {
  const { label, says } = presets[name];
  return (
    <button
      type="button"
      aria-pressed={isOn}
      onClick={onTake}
      className={classNames(
        "flex flex-col gap-0.5 rounded-md border px-3 py-2 text-start",
        isOn ? "border-accent bg-accent/8" : "hover:bg-sunk",
      )}
    >
      <span className="flex items-center gap-1.5 font-medium">
        {label}
        {isOn && <Icon name="check" size={14} />}
      </span>
      <span className="text-sm text-mute">{says}</span>
    </button>
  );
}

function Scope({
  scope,
  isOn,
  reason,
  onToggle,
}: {
  readonly scope: KeyScope;
  readonly isOn: boolean;
  readonly reason: string | undefined;
  readonly onToggle: () => void;
}) {
  return (
    <Choice
      name={`scope:${scope}`}
      checked={isOn && reason === undefined}
      disabled={reason !== undefined}
      title={reason}
      onChange={onToggle}
    >
      <code className="font-mono text-xs">{scope}</code>{" "}
      <span className="text-sm text-mute">
        {scopeSays[scope]}
        {reason !== undefined && ". You do not have it to give."}
      </span>
    </Choice>
  );
}
