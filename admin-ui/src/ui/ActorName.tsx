import type { KeyView } from "../../../server/keys/wire.ts";
import { ThingLink } from "./ThingLink.tsx";

/** Who did it, by name; the id where there is no name, and behind the name for whoever points at it. */
export function ActorName({ actor }: { readonly actor: KeyView["maker"] }) {
  const { kind, id, name, email } = actor;
  if (kind === "command") return "the command line";
  if (kind === "system") return "the server itself";
  if (kind === "key") {
    return (
      <span>
        the key{" "}
        <ThingLink at="/keys" id={id}>
          {name ?? <Id id={id} />}
        </ThingLink>
      </span>
    );
  }
  if (name === null) {
    return (
      <span>
        somebody who has left, <Id id={id} />
      </span>
    );
  }
  return (
    <span className="wrap-anywhere" title={`Person ${id}`}>
      {name}
      {email !== undefined && <span className="text-mute"> {email}</span>}
    </span>
  );
}

function Id({ id }: { readonly id: string }) {
  return <code className="font-mono text-xs break-all">{id}</code>;
}
