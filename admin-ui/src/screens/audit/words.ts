import type { EntryView, VerdictView } from "../../../../server/audit/wire.ts";
import { formatNumber } from "../../ui/format.ts";

/** What was done, in the past tense; what is not here is shown as the log has it. */
export const actions: Readonly<Record<string, string>> = {
  "agent.block": "Blocked an agent",
  "agent.unblock": "Unblocked an agent",
  "api_key.create": "Created an API key",
  "api_key.roll": "Rolled an API key",
  "api_key.revoke": "Revoked an API key",
  "claim_link.create": "Made a claim link",
  "copies.rebuild": "Rebuilt the copies in DynamoDB",
  "event.replay": "Had parked events told again",
  "import.cancel": "Cancelled an import",
  "import.create": "Began an import",
  "import.finish": "Finished an import",
  "import.start": "Started an import",
  "import.undo": "Asked to undo an import",
  "import.undone": "Undid an import",
  "instance.claim": "Claimed this instance",
  "invitation.create": "Invited somebody",
  "invitation.revoke": "Took an invitation back",
  "item.create": "Created an item",
  "item.open": "Opened an item",
  "item.close": "Closed an item",
  "item.price": "Set a price",
  "item.adjust": "Adjusted stock",
  "item.reshard": "Dealt stock over other buckets",
  "mandate.create": "Granted a mandate",
  "mandate.activate": "Activated a mandate",
  "mandate.pause": "Paused a mandate",
  "mandate.revoke": "Revoked a mandate",
  "mandate.cap": "Set a cap",
  "mandate.top-up": "Topped a mandate up",
  "mandate.rules": "Set a mandate's rules",
  "mandate.reshard": "Dealt a budget over other buckets",
  "merchant.create": "Created a merchant",
  "organisation.create": "Made the organisation",
  "organisation.rename": "Renamed the organisation",
  "organisation.reopen": "Reopened the organisation",
  "organisation.suspend": "Suspended the organisation",
  "parked_events.replay": "Had parked events told again",
  "person.join": "Joined",
  "person.name": "Changed a name",
  "person.role": "Changed a role",
  "person.remove": "Removed somebody",
  "person.password": "Changed a password",
  "person.recover": "Set a new password by a link",
  "person.sign_out": "Signed somebody out",
  "recovery.create": "Made a recovery link",
  "run.create": "Started a run",
  "run.stop": "Stopped a run",
  "sandbox.reset": "Reset the sandbox",
  "session.start": "Signed in",
  "session.end": "Ended a session",
  "session.refuse": "Failed to sign in",
  "sums.repair": "Repaired sums and balances",
  "webhook.create": "Created a webhook",
  "webhook.change": "Changed a webhook",
  "webhook.enable": "Enabled a webhook",
  "webhook.disable": "Disabled a webhook",
  "webhook.rotate": "Rotated a webhook's secret",
  "webhook.delete": "Deleted a webhook",
  "webhook.expire_old_secret": "Ended a webhook's old secret",
  "webhook.redeliver": "Sent deliveries again",
  "webhook.redelivery_stop": "Stopped sending deliveries again",
  "webhook-delivery.redeliver": "Sent a delivery again",
  "world.purge": "Purged a sandbox or run",
};

export const actionWords = (action: string): string => actions[action] ?? action;

export const kinds: Readonly<Record<string, string>> = {
  agent: "Agent",
  api_key: "API key",
  claim_link: "Claim link",
  copies: "Copies",
  event: "Event",
  import: "Import",
  instance: "Instance",
  invitation: "Invitation",
  item: "Item",
  mandate: "Mandate",
  merchant: "Merchant",
  organisation: "Organisation",
  parked_events: "Parked events",
  person: "Person",
  run: "Run",
  sandbox: "Sandbox",
  session: "Session",
  sums: "Sums",
  tenant: "Tenant",
  webhook: "Webhook",
  "webhook-delivery": "Delivery",
  world: "World",
};

export const kindWords = (kind: string): string => kinds[kind] ?? kind;

export function actorWords({ kind, id, name }: EntryView["actor"]): string {
  switch (kind) {
    case "person":
      return name ?? "Somebody who was removed";
    case "key":
      return name === null ? `Key ${id}` : `Key ${name}`;
    case "command":
      return `${id}, at the command line`;
    case "system":
      return `The server (${id})`;
    default:
      return id;
  }
}

export function thingWords({ kind, id, name }: EntryView["object"]): string {
  return name ?? (kind === "organisation" ? kindWords(kind) : id);
}

const faults: Readonly<Record<NonNullable<VerdictView["brokenAt"]>["fault"], string>> = {
  missing: "there is no entry with this number, though there was one",
  altered: "what stands there is not what was written: its hash is of other content",
  unlinked: "it does not follow on the entry before it",
  head: "it is not the entry that the log ends with",
};

export function verdictWords({ entries, brokenAt, head }: VerdictView): string {
  if (brokenAt) return `Broken at entry ${formatNumber(brokenAt.seq)}: ${faults[brokenAt.fault]}.`;
  return head.seq === 0
    ? "Nothing stands in this log yet."
    : `Verified to entry ${formatNumber(entries)}.`;
}
