import type { TlsOptions } from "node:tls";

/** What a local server is started with. Times and counts can be made small to be met in a test. */
export interface Settings {
  /** The PostgreSQL beneath: its user must be a superuser. */
  readonly databaseUrl: string;
  readonly host: string;
  readonly port: number;
  /** A second endpoint before the same data, as a peered cluster in another region has. */
  readonly secondPort?: number;
  /** Port for injections over HTTP; none when undefined. */
  readonly controlPort?: number;
  /** Relays bytes and judges nothing: what the rules cost is measured against this. */
  readonly passThrough: boolean;
  /** Without it connections are taken in the clear, and passwords are not looked at. */
  readonly tls?: Pick<TlsOptions, "cert" | "key">;
  /** Checks tokens: their action, their age; and their signature when the secret is known. */
  readonly tokens: boolean;
  readonly secrets: ReadonlyMap<string, string>;
  /** DSQL has one database; with this the client chooses among those beneath. */
  readonly anyDatabase: boolean;
  readonly commitDelayMs: number;
  readonly jobDelayMs: number;
  readonly sessionMs: number;
  readonly transactionMs: number;
  readonly rowsMax: number;
  readonly bytesMax: number;
  readonly connectionsMax: number;
  readonly connectRate: number;
  readonly connectBurst: number;
  /** How long a statement may wait for another's lock before the other gives it up. */
  readonly patienceMs: number;
  /** Sessions that were idle through a catalog change fail once, as they may on a cluster. */
  readonly staleSessions: boolean;
  readonly injections: readonly string[];
  /** A session ended by an error of ours, or of the database's. */
  readonly onTrouble: (error: unknown) => void;
}

export const defaults: Omit<Settings, "databaseUrl" | "port"> = {
  host: "127.0.0.1",
  passThrough: false,
  tokens: false,
  secrets: new Map(),
  anyDatabase: false,
  commitDelayMs: 0,
  jobDelayMs: 200,
  sessionMs: 3_600_000,
  transactionMs: 300_000,
  rowsMax: 3_000,
  bytesMax: 10 * 1024 * 1024,
  connectionsMax: 10_000,
  connectRate: 100,
  connectBurst: 1_000,
  patienceMs: 3,
  staleSessions: true,
  injections: [],
  onTrouble: () => undefined,
};
