import { isLoopback } from "../base/address.ts";
import { ConfigError, type Config } from "../base/config.ts";
import { armCrashPoint } from "../base/crash-points.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Arms the crash point that the settings name. A process that kills itself has no place where others
 * depend on it: whatever it serves or works on must be on this machine.
 */
export function arm(config: Config, terminal: Terminal): void {
  const { crashAt, host, publicUrl, databaseUrl, dsqlHosts = [] } = config;
  if (crashAt === undefined) return;
  const elsewhere = [
    ...(isLoopback(host) ? [] : ["ZERORACE_HOST is not on this machine"]),
    ...(publicUrl === undefined ? [] : ["ZERORACE_PUBLIC_URL says that others come here"]),
    ...(databaseUrl?.split(/\s+/).every((url) => isLoopback(hostOf(url))) === false
      ? ["ZERORACE_DATABASE_URL is not on this machine"]
      : []),
    ...(dsqlHosts.every((one) => isLoopback(one.host))
      ? []
      : ["ZERORACE_DSQL_HOSTS are not on this machine"]),
  ];
  if (elsewhere.length > 0) {
    throw new ConfigError(
      elsewhere.map((why) => `ZERORACE_CRASH_AT is for tests on one machine, and ${why}: unset it`),
    );
  }
  terminal.say(
    `WARNING: ZERORACE_CRASH_AT is set. This process will kill itself at ${crashAt}. Unset it unless ` +
      "that is what you test.",
  );
  armCrashPoint(crashAt);
}

/** As a URL writes it, an IPv6 address stands in brackets. */
const hostOf = (url: string): string => new URL(url).hostname.replace(/^\[|\]$/g, "");
