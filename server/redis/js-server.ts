/**
 * A Redis in JavaScript, for machines that have no other: in memory, on this machine only. It is a
 * process of its own, kept as any other (base/kept.ts). Started as: node js-server.ts <port>, with
 * the password in the file that the second argument names.
 */
import { readFileSync } from "node:fs";
import { createRedisCommandExecutor, RedisServerState, Resp2Server } from "js-redis-server/core";

const [port, passwordFile = ""] = process.argv.slice(2);
const state = new RedisServerState({ requirepass: readFileSync(passwordFile, "utf8") });
const { server } = new Resp2Server({ server: state, executor: createRedisCommandExecutor() });
// Its own way to listen would take every address of the machine.
server.listen(Number(port), "127.0.0.1");
server.on("error", (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
process.on("SIGTERM", () => process.exit(0));
