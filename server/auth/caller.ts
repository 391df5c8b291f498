import type { Actor } from "../audit/entry.ts";
import type { KeyMode } from "./api-key.ts";

/** Who calls, for which tenant, and what it may do. Bounds that are null allow any. */
export interface Caller {
  readonly tenantId: string;
  readonly actor: Actor;
  readonly mode: KeyMode;
  readonly scopes: readonly string[];
  readonly agentIds: readonly string[] | null;
  readonly mandateIds: readonly string[] | null;
}

export type AuthFaultCode =
  | "AUTHENTICATION_REQUIRED"
  | "INVALID_API_KEY"
  | "API_KEY_REVOKED"
  | "API_KEY_EXPIRED"
  | "CREDENTIALS_IN_URL"
  | "INSUFFICIENT_SCOPE"
  | "KEY_NOT_FOR_AGENT"
  | "KEY_NOT_FOR_MANDATE";

/** Why a call goes no further. Never holds anything of the key that was sent. */
export interface AuthFault {
  readonly fault: AuthFaultCode;
  readonly detail: string;
}

/** Nothing else is required of the scopes than that the one is there. */
export function mayUse({ scopes }: Caller, scope: string): AuthFault | undefined {
  if (scopes.includes(scope)) return undefined;
  return { fault: "INSUFFICIENT_SCOPE", detail: `This needs a key with the scope ${scope}.` };
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
