import { json, type Command } from "./command.ts";

/** A machine that is busy is not one that is broken. */
const timeoutMs = 5_000;

export const healthcheckCommand: Command = {
  name: "healthcheck",
  summary: "Ask the server that the settings describe whether it lives: 0 if it does, else 1.",
  options: {
    worker: { says: "Ask the worker instead, whether it reaches the database." },
    json,
  },
  examples: [
    ["healthcheck", "as the health check of a container"],
    ["healthcheck --worker", "of one that runs a worker"],
  ],
  async run({ config, terminal, values }) {
    const everywhere: Partial<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };
    const host = everywhere[config.host] ?? config.host;
    const isWorker = values.worker === true;
    const at = isWorker ? `${config.workerPort}/readyz` : `${config.port}/livez`;
    const url = `http://${host.includes(":") ? `[${host}]` : host}:${at}`;
    const status = await statusOf(url);
    if (values.json === true) terminal.result(JSON.stringify({ url, status: status ?? null }));
    else if (status === undefined)
      terminal.say(`${url} does not answer within ${timeoutMs / 1000} s.`);
    else terminal.result(`${url}: ${status}`);
    return status === 200;
  },
};

async function statusOf(url: string): Promise<number | undefined> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(timeoutMs) })).status;
  } catch {
    return undefined;
  }
}
