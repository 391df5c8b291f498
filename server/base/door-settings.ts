import { hostName, integer, listOf, network, oneOf, webAddress } from "./parsers.ts";
import { optional, setting } from "./setting.ts";

/** Who may come in, how often, and for how long. */
export const doorSettings = {
  ratePerKey: setting(
    "ZERORACE_RATE_PER_KEY",
    integer(0, 1_000_000),
    "2000",
    "Requests a second of one API key or person; five seconds' worth may come at once. 0: no limit.",
  ),
  ratePerTenant: setting(
    "ZERORACE_RATE_PER_TENANT",
    integer(0, 1_000_000),
    "10000",
    "Requests a second of all keys of one tenant; five seconds' worth may come at once. 0: no limit.",
  ),
  ratePerIp: setting(
    "ZERORACE_RATE_PER_IP",
    integer(0, 1_000_000),
    "10",
    "Requests a second without a key, and as many with a wrong one, from one address; five seconds' " +
      "worth may come at once. 0: no limit.",
  ),
  signInsPerMinute: setting(
    "ZERORACE_SIGN_INS_PER_MINUTE",
    integer(1, 1_000_000),
    "10",
    "Attempts to sign in from one address.",
  ),
  newKeysPerMinute: setting(
    "ZERORACE_NEW_KEYS_PER_MINUTE",
    integer(1, 1_000_000),
    "60",
    "API keys that one tenant may ask for over HTTP.",
  ),
  streamsPerCaller: setting(
    "ZERORACE_STREAMS_PER_CALLER",
    integer(1, 10_000),
    "10",
    "Event streams that one API key or person may have open at a time, on each server.",
  ),
  streamsPerTenant: setting(
    "ZERORACE_STREAMS_PER_TENANT",
    integer(1, 10_000),
    "200",
    "Event streams that one tenant may have open at a time, on each server.",
  ),
  runs: setting(
    "ZERORACE_RUNS",
    oneOf(["on", "off"]),
    "on",
    "Whether this server does the runs that were asked for, one at a time in a process beside it; off: " +
      "they wait for another server.",
  ),
  runFaults: setting(
    "ZERORACE_RUN_FAULTS",
    oneOf(["0", "1"]),
    "0",
    "1: the instance operator may ask for runs whose own connections are cut, slowed down and robbed of " +
      "commits; never anybody else's.",
  ),
  replicas: setting(
    "ZERORACE_REPLICAS",
    integer(1, 1_000),
    "1",
    "Servers that share the limits: without Redis each admits its part.",
  ),
  trustedProxies: optional(
    "ZERORACE_TRUSTED_PROXIES",
    listOf(network()),
    "The proxies in front, whose X-Forwarded-For is believed. Not set: nobody's is.",
  ),
  allowedHosts: optional(
    "ZERORACE_ALLOWED_HOSTS",
    listOf(hostName()),
    "The names that requests may call this server by. Not set: any, but on a loopback address " +
      "only loopback names, so that no web page gets in by a name of its own.",
  ),
  publicUrl: optional(
    "ZERORACE_PUBLIC_URL",
    webAddress(),
    "The address under which people reach this server; links that are passed on begin with it.",
  ),
  signUp: setting(
    "ZERORACE_SIGN_UP",
    oneOf(["invitation", "open"]),
    "invitation",
    "Who may make an account: those who were invited, or everybody.",
  ),
  secureCookies: setting(
    "ZERORACE_SECURE_COOKIES",
    oneOf(["auto", "on", "off"]),
    "auto",
    "Whether browsers send the session over TLS only; auto: off while ZERORACE_PUBLIC_URL, or without it the " +
      "address that the server listens on, is this machine's alone and not https.",
  ),
  sessionHours: setting(
    "ZERORACE_SESSION_HOURS",
    integer(1, 720),
    "12",
    "How long a session lasts, however much it is used.",
  ),
  sessionIdleMinutes: setting(
    "ZERORACE_SESSION_IDLE_MINUTES",
    integer(1, 43_200),
    "30",
    "How long a session lasts that nobody uses.",
  ),
};
