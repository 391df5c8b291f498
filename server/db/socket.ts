import type { Client, PoolClient } from "pg";

interface Socket {
  destroy(error: Error): void;
  readonly destroyed: boolean;
}

/** The driver keeps its socket to itself, but only the socket can end a wait for the server. */
export function socketOf(client: Client | PoolClient): Socket {
  return (client as unknown as { connection: { stream: Socket } }).connection.stream;
}
