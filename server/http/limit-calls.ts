import type { ErrorRequestHandler, Request, RequestHandler, Response } from "express";
import { parseApiKey } from "../auth/api-key.ts";
import { tokenIn } from "../auth/authenticate.ts";
import { callerOf } from "../auth/require-caller.ts";
import { neighbourhoodOf } from "../base/address.ts";
import type { Context } from "../context.ts";
import type { Check, Policy, Verdict } from "../limits/gcra.ts";
import type { Policies } from "../limits/limits.ts";
import { Problem } from "./problem.ts";
import { policyField, stateField } from "./rate-fields.ts";
import type { Route } from "./route.ts";
import { retryAfter } from "./send-answer.ts";
import { visitOf } from "./visit.ts";

type Limiting = Pick<Context, "limits" | "keyring">;

/** Holds a request against the limits of its route; behind the guard, where there is one. */
export function limitCalls({ limits }: Limiting, route: Route): RequestHandler[] {
  if (route.limit === "none") return [];
  const checksOf = checksFor(limits.policies, route);
  const isStrict = route.limit === "sign-in" || route.limit === "new-keys";
  return [
    async (_req, res, next) => {
      const checks = checksOf(res);
      const taken = isStrict ? limits.takeStrictly(checks) : limits.take(checks);
      // Most often Redis is asked; where it is not, nobody waits for a turn of the loop.
      const verdict = taken instanceof Promise ? await taken : taken;
      if (verdict === "away") throw new Problem("LIMITER_AWAY", undefined, comeSoon);
      conclude(res, checks, verdict);
      next();
    },
  ];
}

const comeSoon = { headers: retryAfter(5) };

function checksFor(policies: Policies, { needs, limit }: Route): (res: Response) => Check[] {
  const { key, tenant, ip, signIn, newKeys } = policies;
  const ofAddress = some(limit === "sign-in" ? signIn : ip);
  if (needs === "nothing") {
    return (res) => {
      const subject = neighbourhoodOf(visitOf(res).ip);
      return ofAddress.map((policy) => ({ policy, subject }));
    };
  }
  const ofTenant = [...some(tenant), ...some(limit === "new-keys" ? newKeys : undefined)];
  return (res) => {
    const { actor, tenantId } = callerOf(res);
    const own = some(key).map((policy) => ({ policy, subject: `${actor.kind}:${actor.id}` }));
    return [...own, ...ofTenant.map((policy) => ({ policy, subject: tenantId }))];
  };
}

const some = (policy: Policy | undefined): Policy[] => (policy === undefined ? [] : [policy]);

function conclude(res: Response, checks: readonly Check[], verdict: Verdict | undefined): void {
  if (verdict === undefined) return;
  const policies = checks.map(({ policy }) => policy);
  visitOf(res).rateFields = [
    "RateLimit-Policy",
    policyField(policies),
    "RateLimit",
    stateField(verdict),
  ];
  if (verdict.admitted) return;
  throw new Problem("RATE_LIMITED", undefined, { headers: retryAfter(verdict.waitS) });
}

const suspectsMax = 10_000;
const suspicionMs = 60_000;

/**
 * Wrong keys count against the address that sends them. From one that sent too many, a key that this
 * process has not met is counted before it is looked up in the database, and not behind it. So a good
 * key in use goes on working beside a guesser, and a new one gets its turn at the rate of guesses.
 */
export class WrongKeys {
  readonly #limiting: Limiting;
  /** Addresses that sent too many, and until when that is held against them. */
  readonly #suspects = new Map<string, number>();
  readonly #counted = new WeakSet<Response>();

  constructor(limiting: Limiting) {
    this.#limiting = limiting;
  }

  /** Before the guard. */
  readonly hold: RequestHandler = async (req, res, next) => {
    if (this.#suspects.size > 0 && this.#isSuspect(res) && !this.#isKnown(req)) {
      this.#counted.add(res);
      await this.#count(res);
    }
    next();
  };

  /** Behind the guard: sees only what it refused. */
  readonly count: ErrorRequestHandler = async (error: unknown, req, res, next) => {
    const isWrong = error instanceof Problem && error.status === 401;
    if (isWrong && req.headers.authorization !== undefined && !this.#counted.has(res)) {
      await this.#count(res);
    }
    next(error);
  };

  async #count(res: Response): Promise<void> {
    const { policies } = this.#limiting.limits;
    const subject = neighbourhoodOf(visitOf(res).ip);
    const checks = some(policies.wrongKeys).map((policy) => ({ policy, subject }));
    const verdict = await this.#limiting.limits.take(checks);
    if (verdict === undefined || verdict.admitted) return;
    this.#suspect(subject);
    throw new Problem("RATE_LIMITED", "Too many wrong API keys came from this address.", {
      headers: retryAfter(verdict.waitS),
    });
  }

  #isSuspect(res: Response): boolean {
    const address = neighbourhoodOf(visitOf(res).ip);
    const until = this.#suspects.get(address) ?? 0;
    if (performance.now() < until) return true;
    this.#suspects.delete(address);
    return false;
  }

  #suspect(address: string): void {
    this.#suspects.delete(address);
    this.#suspects.set(address, performance.now() + suspicionMs);
    const [oldest] = this.#suspects.keys();
    if (this.#suspects.size > suspectsMax && oldest !== undefined) this.#suspects.delete(oldest);
  }

  /** What costs no look-up is not held up here. */
  #isKnown({ headers }: Request): boolean {
    const parts = parseApiKey(tokenIn(headers.authorization) ?? "");
    return parts === undefined || this.#limiting.keyring.knows(parts.keyId);
  }
}
