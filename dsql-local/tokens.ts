import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { refuse, type Refusal } from "./rules.ts";

/**
 * A password of DSQL is a presigned URL without its scheme: what it allows, for which host, from when
 * and for how long, signed with the caller's secret.
 */
export interface Presented {
  readonly user: string;
  readonly token: string;
  /** The name that the client asked for in its TLS handshake. */
  readonly host: string;
  readonly now: Date;
  /** Secrets by access key: with one of them the signature is checked too. */
  readonly secrets: ReadonlyMap<string, string>;
}

const skewMs = 5 * 60_000;

export function checkToken({ user, token, host, now, secrets }: Presented): Refusal | undefined {
  const denied = refuse("accessDenied");
  const url = URL.parse(`https://${token}`);
  if (!url) return denied;
  const field = (name: string): string => url.searchParams.get(name) ?? "";
  const action = field("Action");
  if (action !== "DbConnect" && action !== "DbConnectAdmin") return denied;
  if ((action === "DbConnectAdmin") !== (user === "admin")) {
    return refuse("wrongAction", `${user}, action: ${action}`);
  }
  if (url.hostname !== host.toLowerCase()) return denied;
  if (field("X-Amz-Algorithm") !== "AWS4-HMAC-SHA256") return denied;
  const [accessKey = "", day = "", region = "", service = "", end = ""] =
    field("X-Amz-Credential").split("/");
  const signedAt = timeIn(field("X-Amz-Date"));
  const lastsSeconds = Number(field("X-Amz-Expires"));
  const isWhole = service === "dsql" && end === "aws4_request" && region !== "" && accessKey !== "";
  if (!isWhole || signedAt === undefined || !/^[0-9a-f]{64}$/.test(field("X-Amz-Signature"))) {
    return denied;
  }
  if (!(lastsSeconds > 0 && lastsSeconds <= 604_800)) return denied;
  const expiresAt = new Date(signedAt.getTime() + lastsSeconds * 1000);
  if (now > expiresAt) {
    const hint = `Signature expired: ${amzDate(expiresAt)} is now earlier than ${amzDate(now)}`;
    return { ...denied, hint };
  }
  // Clocks differ; a token of the day after tomorrow is nobody's clock.
  if (signedAt.getTime() - now.getTime() > skewMs) {
    const hint = `Signature not yet current: ${amzDate(signedAt)} is still later than ${amzDate(now)}`;
    return { ...denied, hint };
  }
  const secret = secrets.get(accessKey);
  if (secret === undefined) return secrets.size > 0 ? denied : undefined;
  const expected = signature(url, { day, region, date: field("X-Amz-Date"), secret });
  const given = Buffer.from(field("X-Amz-Signature"));
  return timingSafeEqual(Buffer.from(expected), given) ? undefined : denied;
}

function timeIn(text: string): Date | undefined {
  const found = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (!found) return undefined;
  const [, year, month, day, hour, minute, second] = found;
  return new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

const amzDate = (date: Date): string => date.toISOString().replaceAll(/[-:]|\.\d+/g, "");

interface Scope {
  readonly day: string;
  readonly region: string;
  readonly date: string;
  readonly secret: string;
}

/** Signature version 4 of a presigned GET without a body. */
function signature(url: URL, { day, region, date, secret }: Scope): string {
  const query = [...url.searchParams]
    .filter(([name]) => name !== "X-Amz-Signature")
    .map(([name, value]) => [encoded(name), encoded(value)] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
  const request = ["GET", "/", query, `host:${url.host}`, "", "host", sha256("")].join("\n");
  const scope = `${day}/${region}/dsql/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", date, scope, sha256(request)].join("\n");
  let key: Buffer = Buffer.from(`AWS4${secret}`);
  for (const part of [day, region, "dsql", "aws4_request"]) key = hmac(key, part);
  return hmac(key, text).toString("hex");
}

const encoded = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const hmac = (key: Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();
