import { createHash } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import {
  client,
  columnsOf,
  frame,
  FrameReader,
  queryFrame,
  readError,
  server,
  textAt,
  type ServerError,
} from "./frames.ts";
import { Scram } from "./scram.ts";

/** Hears the answers of the database; false once it has heard all that it waits for. */
export interface Listener {
  hear(type: number, bytes: Buffer, start: number, end: number): boolean;
}

export interface BackendOptions {
  readonly url: URL;
  readonly database: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** The database refused a statement of our own. */
export class BackendError extends Error {
  override readonly name = "BackendError";
  readonly error: ServerError;

  constructor(error: ServerError) {
    super(`${error.sqlstate} ${error.message}`);
    this.error = error;
  }
}

/** A connection to the PostgreSQL beneath, on which one conversation takes place at a time. */
export class Backend {
  readonly parameters = new Map<string, string>();
  pid = 0;
  onClose: () => void = () => undefined;
  readonly #socket: Socket;
  readonly #reader = new FrameReader();
  #listener: Listener | undefined;
  #done: PromiseWithResolvers<void> | undefined;
  #closed = false;
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("error", () => undefined);
    socket.on("data", (chunk: Buffer) => this.#hear(chunk));
    socket.on("close", () => this.#end());
  }

  static async open({ url, database, settings }: BackendOptions): Promise<Backend> {
    const socket = connect({ host: url.hostname, port: Number(url.port || "5432") });
    const backend = new Backend(socket);
    await once(socket, "connect");
    const user = decodeURIComponent(url.username);
    const pairs = Object.entries({ user, database, ...settings });
    const body = `${pairs.map(([name, value]) => `${name}\0${value}\0`).join("")}\0`;
    const head = Buffer.alloc(8);
    head.writeInt32BE(8 + Buffer.byteLength(body), 0);
    head.writeInt32BE(196_608, 4);
    const login = new Login(backend, user, decodeURIComponent(url.password));
    await backend.converse(Buffer.concat([head, Buffer.from(body)]), login);
    if (login.error) {
      backend.destroy();
      throw new BackendError(login.error);
    }
    return backend;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Sends bytes and resolves when the listener has heard enough. */
  converse(bytes: Buffer, listener: Listener): Promise<void> {
    if (this.#closed) return Promise.reject(new Error("the database closed the connection"));
    this.#listener = listener;
    this.#done = Promise.withResolvers();
    this.#socket.write(bytes);
    return this.#done.promise;
  }

  /** More of the same conversation: the rows of a COPY. */
  send(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  /** Statements of our own, without parameters; one after the other, whoever asks. */
  async query(sql: string): Promise<(string | null)[][]> {
    const answer = new Answer();
    const before = this.#queue;
    const asked = before.then(() => this.converse(queryFrame(sql), answer));
    this.#queue = asked.catch(() => undefined);
    await asked;
    if (answer.error) throw new BackendError(answer.error);
    return answer.rows;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Says goodbye, so that the database does not log a broken connection. */
  close(): void {
    if (!this.#closed) this.#socket.end(frame(client.terminate));
  }

  #hear(chunk: Buffer): void {
    this.#reader.push(chunk, (type, bytes, start, end) => {
      if (this.#listener?.hear(type, bytes, start, end) === false) {
        this.#listener = undefined;
        this.#done?.resolve();
      }
    });
  }

  #end(): void {
    this.#closed = true;
    this.#done?.reject(new Error("the database closed the connection"));
    this.onClose();
  }
}

class Login implements Listener {
  error: ServerError | undefined;
  readonly #backend: Backend;
  readonly #user: string;
  readonly #password: string;
  readonly #scram: Scram;

  constructor(backend: Backend, user: string, password: string) {
    this.#backend = backend;
    this.#user = user;
    this.#password = password;
    this.#scram = new Scram(password);
  }

  hear(type: number, bytes: Buffer, start: number, end: number): boolean {
    if (type === server.authentication) this.#authenticate(bytes.subarray(start + 5, end));
    if (type === server.parameter) {
      const [name, next] = textAt(bytes, start + 5);
      this.#backend.parameters.set(name, textAt(bytes, next)[0]);
    }
    if (type === server.keyData) this.#backend.pid = bytes.readInt32BE(start + 5);
    if (type === server.error) this.error = readError(bytes.subarray(start, end));
    return type !== server.ready && type !== server.error;
  }

  #authenticate(body: Buffer): void {
    const kind = body.readInt32BE(0);
    if (kind === 3) this.#say(`${this.#password}\0`);
    if (kind === 5) {
      const inner = md5(Buffer.from(this.#password + this.#user));
      this.#say(`md5${md5(Buffer.concat([Buffer.from(inner), body.subarray(4, 8)]))}\0`);
    }
    if (kind === 10) {
      const first = Buffer.from(this.#scram.first());
      const length = Buffer.alloc(4);
      length.writeInt32BE(first.length);
      this.#backend.send(frame(client.password, "SCRAM-SHA-256\0", length, first));
    }
    if (kind === 11) this.#say(this.#scram.final(body.toString("utf8", 4)));
  }

  #say(text: string): void {
    this.#backend.send(frame(client.password, text));
  }
}

const md5 = (bytes: Buffer): string => createHash("md5").update(bytes).digest("hex");

class Answer implements Listener {
  readonly rows: (string | null)[][] = [];
  error: ServerError | undefined;

  hear(type: number, bytes: Buffer, start: number, end: number): boolean {
    if (type === server.row) this.rows.push(columnsOf(bytes, start));
    if (type === server.error) this.error = readError(Buffer.from(bytes.subarray(start, end)));
    return type !== server.ready;
  }
}
