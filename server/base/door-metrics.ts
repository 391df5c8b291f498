import type { Makers } from "./metrics.ts";

/** What the limits decide, and the streams that are open. */
export function doorMetrics(makers: Makers) {
  return { ...limiterMetrics(makers), ...streamMetrics(makers) };
}

function streamMetrics({ counter, gauge }: Makers) {
  return {
    streamsOpen: gauge("zerorace_streams_open", "Event streams that are open on this server."),
    streamEvents: counter(
      "zerorace_stream_events_total",
      "Changes that were told to a stream, or dropped because its client does not read.",
      ["result"],
    ),
    streamGaps: counter(
      "zerorace_stream_gaps_total",
      "Streams that were told that they missed something, by the reason.",
      ["reason"],
    ),
  };
}

function limiterMetrics({ counter, gauge }: Makers) {
  return {
    limitDecisions: counter(
      "zerorace_ratelimit_decisions_total",
      "Requests that were held against the rate limits: admitted, refused, or, where a limit must be " +
        "counted in Redis, refused because it was away.",
      ["result"],
    ),
    limiterDegraded: gauge(
      "zerorace_limiter_degraded",
      "One while limits are counted in this process because Redis is away, else zero.",
    ),
  };
}
