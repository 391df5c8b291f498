import type { Actor } from "../audit/entry.ts";
import type { KeyMode } from "./api-key.ts";
import { scopesOf, rolesWith } from "./roles.ts";
import { scopesOfPeople } from "./scopes.ts";
import type { KnownSession } from "./sessions.ts";
import { faultOfSuspension, suspensionIn, type Suspension } from "./suspension.ts";

/** Who calls, for which tenant, and what it may do. Bounds that are null allow any. */
export interface Caller {
  readonly tenantId: string;
  readonly actor: Actor;
  readonly mode: KeyMode;
  readonly scopes: readonly string[];
  readonly agentIds: readonly string[] | null;
  readonly mandateIds: readonly string[] | null;
  /** Of a person who has signed in; a key has none. */
  readonly session?: KnownSession;
  /** Of its organisation. */
  readonly suspension?: Suspension | undefined;
}

export type AuthFaultCode =
  | "AUTHENTICATION_REQUIRED"
  | "INVALID_API_KEY"
  | "API_KEY_REVOKED"
  | "API_KEY_EXPIRED"
  | "SESSION_OVER"
  | "CREDENTIALS_IN_URL"
  | "FORBIDDEN"
  | "ORGANISATION_SUSPENDED"
  | "INSUFFICIENT_SCOPE"
  | "KEY_NOT_FOR_AGENT"
  | "KEY_NOT_FOR_MANDATE";

/** Why a call goes no further. Never holds anything of the key that was sent. */
export interface AuthFault {
  readonly fault: AuthFaultCode;
  readonly detail: string;
}

/** Nothing else is required of the scopes than that the one is there, and that it is not suspended. */
export function mayUse(caller: Caller, scope: string): AuthFault | undefined {
  const closed = caller.suspension && faultOfSuspension(caller.suspension, scope);
  if (closed) return closed;
  if (caller.scopes.includes(scope)) return undefined;
  return { fault: "INSUFFICIENT_SCOPE", detail: detailOf(caller, scope) };
}

function detailOf({ session }: Caller, scope: string): string {
  const isForPeople = (scopesOfPeople as readonly string[]).includes(scope);
  if (session) return detailOfRole(session.role, scope);
  return isForPeople
    ? `No key may do this: it needs a person who has signed in and has the scope ${scope}.`
    : `This needs a key with the scope ${scope}.`;
}

function detailOfRole(role: string, scope: string): string {
  const may = rolesWith(scope);
  const says = `Your role, ${role}, does not have the scope ${scope}.`;
  if (may.length === 0) return `${says} Only the operator of this instance has it.`;
  return `${says} These roles do: ${may.join(", ")}. An owner can change yours.`;
}

/**
 * Somebody who has signed in, in the tenant that was asked for: one of the organisation's two, the
 * test twin when none was.
 */
export function callerIn(session: KnownSession, wanted: string | undefined): Caller | AuthFault {
  const { liveTenantId, testTenantId, personId, role, sessionId } = session;
  const tenantId = wanted?.toLowerCase() ?? testTenantId;
  if (tenantId !== liveTenantId && tenantId !== testTenantId) {
    const detail = "The tenant that ZeroRace-Tenant names is not one of your organisation.";
    return { fault: "FORBIDDEN", detail };
  }
  return {
    tenantId,
    actor: { kind: "person", id: personId, role, sessionId },
    mode: tenantId === liveTenantId ? "live" : "test",
    scopes: scopesOf(session),
    agentIds: null,
    mandateIds: null,
    session,
    suspension: suspensionIn(session),
  };
}

/** The agent and the mandate that an ask is about; undefined where it names none. */
export interface Acting {
  readonly agentId: string | undefined;
  readonly mandateId: string | undefined;
}

/** A bound key acts for what it is bound to: an ask that names nobody is refused as well. */
export function mayAct(caller: Caller, { agentId, mandateId }: Acting): AuthFault | undefined {
  const { agentIds, mandateIds } = caller;
  if (agentIds !== null && (agentId === undefined || !agentIds.includes(agentId))) {
    return { fault: "KEY_NOT_FOR_AGENT", detail: "This key is bound to other agents." };
  }
  if (mandateIds !== null && !mandateIds.includes(mandateId?.toLowerCase() ?? "")) {
    return { fault: "KEY_NOT_FOR_MANDATE", detail: "This key is bound to other mandates." };
  }
  return undefined;
}
