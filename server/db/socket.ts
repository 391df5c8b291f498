import type { Client, PoolClient } from "pg";

interface Socket {
  on(event: "error", listener: () => void): void;
  destroy(error: Error): void;
  readonly destroyed: boolean;
}

/** The driver keeps its socket to itself, but only the socket can end a wait for the server. */
export function socketOf(client: Client | PoolClient): Socket {
  return (client as unknown as { connection: { stream: Socket } }).connection.stream;
}

/** Ends what waits on it. One that waits for its turn to connect has nobody who listens yet. */
export function cut(client: Client | PoolClient, error: Error): void {
  const socket = socketOf(client);
  socket.on("error", () => undefined);
  socket.destroy(error);
}
