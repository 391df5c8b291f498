import { CredentialsError } from "./faults.ts";
import { Fresh } from "./fresh.ts";

/** Who this process is to AWS, as the SDK has it. */
interface AwsIdentity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

export type Identity = () => Promise<AwsIdentity>;

export interface TokenFor {
  readonly host: string;
  readonly region: string;
  /** `admin` needs another action than everybody else, and DSQL holds the action against the user. */
  readonly user: string;
}

/** A token is looked at when a connection begins, so it need not live as long as one. */
const tokenSeconds = 900;
/** Credentials without an end are looked for again this often: somebody may have changed them. */
const identityMs = 10 * 60_000;
/** Clocks differ: what is about to end is not used any more. */
const marginMs = 30_000;

/**
 * The AWS credential chain: environment, OIDC web identity, ECS, instance. However many connections
 * want to open, it is asked once (256 at the same time broke the look-up of an instance's).
 */
export function identityFromChain(region: string): Identity {
  const held = new Fresh<AwsIdentity>(async () => {
    const { fromNodeProviderChain } = await import("@aws-sdk/credential-providers");
    const identity = await fromNodeProviderChain({ clientConfig: { region } })();
    return { value: identity, goodUntilMs: endOf(identity) };
  });
  return () => held.get();
}

function endOf({ expiration }: AwsIdentity): number {
  return expiration === undefined ? Date.now() + identityMs : expiration.getTime() - marginMs;
}

/** The password of a connection to one endpoint, signed on this machine and used by many. */
export function tokensFor({ host, region, user }: TokenFor, identity: Identity): Fresh<string> {
  return new Fresh(async () => {
    try {
      const credentials = await identity();
      const { DsqlSigner } = await import("@aws-sdk/dsql-signer");
      const signer = new DsqlSigner({
        hostname: host,
        region,
        credentials,
        expiresIn: tokenSeconds,
      });
      const goodUntilMs = Math.min(Date.now() + tokenSeconds * 1000 - marginMs, endOf(credentials));
      const value = await (user === "admin"
        ? signer.getDbConnectAdminAuthToken()
        : signer.getDbConnectAuthToken());
      return { value, goodUntilMs };
    } catch (cause) {
      throw new CredentialsError(
        `no token for ${user} at ${host}: the AWS credential chain gave nothing to sign it with`,
        { cause },
      );
    }
  });
}
