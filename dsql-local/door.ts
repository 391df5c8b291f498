import { randomInt } from "node:crypto";
import type { Socket } from "node:net";
import { TLSSocket, type SecureContext } from "node:tls";
import { BackendError, type Backend } from "./backend.ts";
import type { Cluster } from "./cluster.ts";
import {
  client,
  errorFrame,
  frame,
  FrameReader,
  messageMax,
  readyFrame,
  server,
} from "./frames.ts";
import type { Endpoint } from "./endpoint.ts";
import { identifier, literal } from "./notes.ts";
import { Output } from "./output.ts";
import { refuse, type Refusal } from "./rules.ts";
import { Session } from "./session.ts";
import type { Settings } from "./settings.ts";
import { isSettable, nameBeneath } from "./statement-kinds.ts";
import { checkToken } from "./tokens.ts";
import { Work } from "./work.ts";

export interface House {
  readonly settings: Settings;
  readonly secureContext: SecureContext | undefined;
  clusterOf(database: string): Promise<Cluster>;
}

const requests = { tls: 80_877_103, gss: 80_877_104, cancel: 80_877_102, protocol: 196_608 };

/** Refused at the door: said to the client, and the door closes. */
class Refused extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

/** One connection from its first byte until its session runs. */
export async function receive(raw: Socket, house: House, endpoint: Endpoint): Promise<void> {
  let socket = raw;
  socket.setNoDelay(true);
  socket.on("error", () => undefined);
  try {
    let first = await bytesOf(socket);
    let name: string | undefined;
    const secure = async (head?: Buffer): Promise<void> => {
      const wrapped = await secured(raw, house, head);
      socket = wrapped;
      name = typeof wrapped.servername === "string" ? wrapped.servername : undefined;
      first = await bytesOf(socket);
    };
    // TLS from the first byte on, as newer clients may do, or after asking for it.
    if (first[0] === 0x16) await secure(first);
    for (;;) {
      const kind = first.length >= 8 ? first.readInt32BE(4) : 0;
      if (kind === requests.cancel) return void socket.destroy();
      if (kind === requests.tls && socket === raw && house.secureContext) {
        socket.write("S");
        await secure();
      } else if (kind === requests.tls || kind === requests.gss) {
        socket.write("N");
        first = await bytesOf(socket);
      } else break;
    }
    const crowded = endpoint.admit();
    if (crowded) throw new Refused(crowded);
    await welcome(socket, house, { first, name, endpoint });
  } catch (error) {
    if (!(error instanceof Refused)) {
      if (!socket.destroyed) house.settings.onTrouble(error);
      return void socket.destroy();
    }
    socket.end(errorFrame(error.refusal, "FATAL"));
  }
}

/** The first message, whole: of the startup the length comes first, of a later one its type. */
async function bytesOf(socket: Socket, lengthAt = 0): Promise<Buffer> {
  let bytes = await chunkOf(socket);
  const isTls = bytes[0] === 0x16 && lengthAt === 0;
  const missing = (): boolean =>
    bytes.length < lengthAt + 4 || bytes.length < lengthAt + bytes.readInt32BE(lengthAt);
  while (!isTls && missing() && bytes.length < startupMax) {
    bytes = Buffer.concat([bytes, await chunkOf(socket)]);
  }
  return bytes;
}

const startupMax = 100_000;

function chunkOf(socket: Socket): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const gone = (): void => reject(new Error("the client has gone"));
  socket.once("data", (chunk: Buffer) => {
    socket.pause();
    socket.off("close", gone);
    resolve(chunk);
  });
  socket.once("close", gone);
  socket.resume();
  return promise;
}

async function secured(raw: Socket, house: House, head?: Buffer): Promise<TLSSocket> {
  const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>();
  if (!house.secureContext) throw new Error("TLS without a certificate");
  if (head) raw.unshift(head);
  const socket = new TLSSocket(raw, {
    isServer: true,
    secureContext: house.secureContext,
    ALPNProtocols: ["postgresql"],
    SNICallback: (_name, done) => done(null, house.secureContext),
  });
  socket.on("error", reject);
  socket.once("secure", () => resolve(socket));
  socket.once("close", reject);
  return promise;
}

interface Arrival {
  readonly first: Buffer;
  readonly name: string | undefined;
  readonly endpoint: Endpoint;
}

async function welcome(
  socket: Socket,
  house: House,
  { first, name, endpoint }: Arrival,
): Promise<void> {
  const { settings } = house;
  const parameters = parametersIn(first);
  const user = parameters.get("user") ?? "";
  const database = parameters.get("database") ?? user;
  if (house.secureContext && !(socket instanceof TLSSocket)) throw new Refused(refuse("noTls"));
  if (house.secureContext && name === undefined) throw new Refused(refuse("noServerName"));
  const wanted: Record<string, string> = {};
  for (const [parameter, value] of parameters) {
    if (parameter === "user" || parameter === "database" || parameter.startsWith("_pq_.")) continue;
    if (!isSettable(parameter)) throw new Refused(refuse("parameter", parameter));
    wanted[nameBeneath(parameter.toLowerCase())] = value;
  }
  if (settings.tokens) await checkPassword(socket, house, { user, host: name ?? "" });
  if (database !== "postgres" && !settings.anyDatabase) {
    throw new Refused(refuse("database", database));
  }
  const cluster = await house.clusterOf(database);
  const isKnown = (await cluster.hasRole(user)) && (await mayConnect(cluster, user, settings));
  if (!isKnown) throw new Refused(refuse("accessDenied"));
  await begin(socket, cluster, endpoint, { user, wanted });
}

const mayConnect = async (cluster: Cluster, user: string, { tokens }: Settings): Promise<boolean> =>
  !tokens || user === "admin" || cluster.isMapped(user);

function parametersIn(first: Buffer): Map<string, string> {
  if (first.length < 9 || first.readInt32BE(4) >> 16 !== requests.protocol >> 16) {
    throw new Error("not the protocol");
  }
  const texts = first.toString("utf8", 8).split("\0");
  const parameters = new Map<string, string>();
  for (let at = 0; at + 1 < texts.length && texts[at] !== ""; at += 2) {
    parameters.set(texts[at] ?? "", texts[at + 1] ?? "");
  }
  return parameters;
}

async function checkPassword(
  socket: Socket,
  { settings }: House,
  { user, host }: { user: string; host: string },
): Promise<void> {
  const inTheClear = Buffer.alloc(4);
  inTheClear.writeInt32BE(3);
  socket.write(frame(server.authentication, inTheClear));
  const answer = await bytesOf(socket, 1);
  const token = answer[0] === client.password ? answer.toString("utf8", 5, answer.length - 1) : "";
  const wrong = checkToken({ user, token, host, now: new Date(), secrets: settings.secrets });
  if (wrong) throw new Refused(wrong);
}

/** What a cluster says of itself at the start, whatever is beneath. */
const shown: Readonly<Record<string, string>> = { server_version: "16.15", is_superuser: "off" };

/** A connection beneath in the client's name; what PostgreSQL says against it the client hears. */
async function opened(
  cluster: Cluster,
  user: string,
  { role, ...settings }: Readonly<Record<string, string>>,
): Promise<Backend> {
  let backend: Backend | undefined;
  try {
    backend = await cluster.open(settings);
    await backend.query(`set session authorization ${identifier(user)}`);
    if (role !== undefined) await backend.query(`set role ${literal(role)}`);
    return backend;
  } catch (error) {
    backend?.close();
    if (!(error instanceof BackendError)) throw error;
    const { sqlstate, message } = error.error;
    throw new Refused({ sqlstate, message });
  }
}

async function begin(
  socket: Socket,
  cluster: Cluster,
  endpoint: Endpoint,
  { user, wanted }: { user: string; wanted: Readonly<Record<string, string>> },
): Promise<void> {
  const backend = await opened(cluster, user, wanted);
  const output = new Output(socket);
  socket.on("drain", () => backend.resume());
  const work = new Work(cluster, backend, output, () => backend.pause());
  work.application = wanted.application_name ?? "";
  await work.prepare();
  const session = new Session(socket, cluster, work, output);
  cluster.joined(work);
  endpoint.joined(session);
  const lifetime = setTimeout(() => session.retire(), cluster.settings.sessionMs);
  backend.onClose = () => {
    cluster.left(work);
    socket.destroy();
  };
  socket.on("close", () => {
    clearTimeout(lifetime);
    endpoint.left(session);
    session.leave();
  });
  if (socket.destroyed) socket.emit("close");
  output.push(frame(server.authentication, Buffer.alloc(4)));
  const parameters = {
    ...Object.fromEntries(backend.parameters),
    ...shown,
    session_authorization: user,
  };
  for (const [name, value] of Object.entries(parameters)) {
    output.push(frame(server.parameter, `${name}\0${value}\0`));
  }
  const key = Buffer.alloc(8);
  key.writeInt32BE(backend.pid, 0);
  key.writeInt32BE(randomInt(2 ** 31), 4);
  output.push(frame(server.keyData, key));
  output.push(readyFrame("I"));
  output.send();
  listen(socket, session);
}

function listen(socket: Socket, session: Session): void {
  const reader = new FrameReader(messageMax);
  socket.on("data", (chunk: Buffer) => {
    const fits = reader.push(chunk, (type, bytes, start, end) => {
      session.take(type, bytes.subarray(start, end));
    });
    // Observed on a cluster: no error, the connection is simply gone.
    if (!fits) socket.destroy();
  });
  socket.resume();
}
