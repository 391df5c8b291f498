import type { Dashboard } from "../panel.ts";
import { rate } from "./queries.ts";

/** Of our processes alone: others on the same Prometheus may be Node.js, too. */
const ours = (expr: string): string => `${expr} * on (instance, job) zerorace_build_info`;

export const runtime: Dashboard = {
  uid: "zerorace-runtime",
  title: "ZeroRace: the processes",
  says: "Node.js, memory, streams.",
  panels: [
    {
      title: "Versions",
      says: "How many processes run which version: two, while an upgrade is under way.",
      unit: "short",
      queries: [["count by (version) (zerorace_build_info)", "{{version}}"]],
      isNumber: true,
    },
    {
      title: "Streams",
      says: "Browsers and agents that watch.",
      unit: "short",
      queries: [["sum(zerorace_streams_open)", "open"]],
      isNumber: true,
    },
    {
      title: "Event loop",
      says: "How late it is at the worst of 100 turns. Beyond 250 ms the process does too much.",
      unit: "s",
      queries: [[ours("nodejs_eventloop_lag_p99_seconds"), "{{instance}}"]],
      redFrom: 0.25,
    },
    {
      title: "Processor",
      says: "Cores that a process uses. One is the most its JavaScript can.",
      unit: "short",
      queries: [[ours("rate(process_cpu_seconds_total[5m])"), "{{instance}}"]],
    },
    {
      title: "Memory",
      says: "Resident, by process.",
      unit: "bytes",
      queries: [[ours("process_resident_memory_bytes"), "{{instance}}"]],
    },
    {
      title: "Garbage collection",
      says: "Share of the time that is spent on it.",
      unit: "percentunit",
      queries: [
        [ours("sum by (instance, job) (rate(nodejs_gc_duration_seconds_sum[5m]))"), "{{instance}}"],
      ],
    },
    {
      title: "Told to streams",
      says: "Changes that were told, or dropped because a client does not read.",
      unit: "ops",
      queries: [[rate("zerorace_stream_events_total", "result"), "{{result}}"]],
    },
    {
      title: "Request log",
      says: "Rows written, left out by sampling, or dropped because the database was slow.",
      unit: "ops",
      queries: [[rate("zerorace_request_log_rows_total", "result"), "{{result}}"]],
    },
  ],
};
