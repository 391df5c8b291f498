import type { Command } from "./command.ts";

const timeoutMs = 2_000;

export const healthcheckCommand: Command = {
  name: "healthcheck",
  summary: "Ask the server that the settings describe whether it lives: 0 if it does, else 1.",
  options: {},
  examples: [["healthcheck", "as the health check of a container"]],
  async run({ config, terminal }) {
    const everywhere: Partial<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };
    const host = everywhere[config.host] ?? config.host;
    const url = `http://${host.includes(":") ? `[${host}]` : host}:${config.port}/livez`;
    try {
      const { status } = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
      terminal.result(`${url}: ${status}`);
      return status === 200;
    } catch {
      terminal.say(`${url} does not answer within ${timeoutMs / 1000} s.`);
      return false;
    }
  },
};
