import {
  createPrivateKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  X509Certificate,
} from "node:crypto";

/** A certificate for this machine's tests, signed by itself. */
export function makeCertificate(names: readonly string[]): { cert: string; key: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const algorithm = sequence(oid("2a8648ce3d040302"));
  const who = sequence(set(sequence(oid("550403"), tagged(0x0c, Buffer.from("dsql-local")))));
  const now = Date.now();
  const validity = sequence(time(now - 3_600_000), time(now + 365 * 86_400_000));
  const alternatives = sequence(...names.map(alternative));
  const extensions = tagged(
    0xa3,
    sequence(
      sequence(oid("551d11"), tagged(0x04, alternatives)),
      sequence(oid("551d13"), tagged(0x01, Buffer.from([0xff])), tagged(0x04, sequence(yes))),
    ),
  );
  const body = sequence(
    tagged(0xa0, tagged(0x02, Buffer.from([2]))),
    tagged(0x02, Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    algorithm,
    who,
    validity,
    who,
    publicKey.export({ type: "spki", format: "der" }),
    extensions,
  );
  const signature = sign("sha256", body, privateKey);
  const whole = sequence(body, algorithm, tagged(0x03, Buffer.from([0]), signature));
  const lines = whole.toString("base64").replaceAll(/.{64}/g, "$&\n").trimEnd();
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

const dayMs = 86_400_000;

/** Whether a certificate from before still serves: this name, for a day at least, with its own key. */
export function isGoodFor(name: string, cert: string, key: string): boolean {
  try {
    const certificate = new X509Certificate(cert);
    const lasts = certificate.validToDate.getTime() > Date.now() + dayMs;
    const isFor = certificate.checkHost(name) ?? certificate.checkIP(name);
    return lasts && isFor !== undefined && certificate.checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

function tagged(tag: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const { length } = body;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), body]);
  const size = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}

const sequence = (...parts: Buffer[]): Buffer => tagged(0x30, ...parts);
const set = (...parts: Buffer[]): Buffer => tagged(0x31, ...parts);
const oid = (hex: string): Buffer => tagged(0x06, Buffer.from(hex, "hex"));
const yes = tagged(0x01, Buffer.from([0xff]));

const time = (ms: number): Buffer => {
  const text = new Date(ms).toISOString().replaceAll(/[-:T]|\.\d+/g, "");
  return tagged(0x18, Buffer.from(text));
};

/** An address of version 4 in bytes, or a name. */
function alternative(name: string): Buffer {
  const isAddress = /^\d+(\.\d+){3}$/.test(name);
  return isAddress
    ? tagged(0x87, Buffer.from(name.split(".").map(Number)))
    : tagged(0x82, Buffer.from(name));
}
