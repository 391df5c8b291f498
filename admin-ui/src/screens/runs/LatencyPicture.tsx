import { useMemo } from "react";
import type { RunFrame } from "../../../../server/runs/wire.ts";
import { Canvas, themeColor, type Draw } from "../../ui/Canvas.tsx";
import { formatDuration } from "../../ui/format.ts";
import { Panel } from "../../ui/Page.tsx";
import { TableTwin } from "../../ui/TableTwin.tsx";
import type { Seen } from "./words.ts";

type Latency = RunFrame["latency"];

const rows = 14;
const firstMs = 0.25;
const columnsMin = 24;
const labelWide = 52;
const axisHigh = 18;
const heightFor = (): number => 156;
/** Row 0 ends at half a millisecond, each next one at twice that. */
const marks = [1, 8, 64, 512, 4_096];

/** How long answers took, over the time of the run: the fuller a cell, the more of that column's answers. */
export function LatencyPicture({
  latency,
  seen,
  isOver,
}: {
  readonly latency: Latency;
  readonly seen: Seen;
  /** Then nothing comes any more, and the time that there was takes the whole width. */
  readonly isOver: boolean;
}) {
  const { columnMs, columns, p50Ms, p99Ms } = latency;
  const draw = useMemo(() => drawLatency(latency, isOver), [latency, isOver]);
  const round = (ms: number): string => formatDuration(ms < 10 ? ms : Math.round(ms));
  const [p50, p99, most] = [seen.p50Ms, seen.p99Ms, seen.maxMs].map(round);
  return (
    <Panel
      title="How long answers took"
      actions={
        <span className="text-mute tabular-nums">
          p50 <b className="text-ink">{p50}</b> · p99 <b className="text-ink">{p99}</b>
          <span className="max-sm:hidden"> · longest {most}</span>
        </span>
      }
    >
      <div className="flex flex-col gap-3">
        <Canvas
          label={`How long answers took over the run: p50 ${p50}, p99 ${p99}, longest ${most}`}
          draw={draw}
          heightFor={heightFor}
        />
        <TableTwin
          caption="How long answers took"
          headers={["From", "p50", "p99"]}
          rows={() =>
            columns.map((_, at) => [
              formatDuration(at * columnMs),
              round(p50Ms[at] ?? 0),
              round(p99Ms[at] ?? 0),
            ])
          }
        />
      </div>
    </Panel>
  );
}

function drawLatency({ columnMs, columns, p50Ms, p99Ms }: Latency, isOver: boolean): Draw {
  return (context, width, height) => {
    const count = Math.max(isOver ? 1 : columnsMin, columns.length);
    const [wide, high] = [(width - labelWide) / count, (height - axisHigh) / rows];
    const yOf = (ms: number): number =>
      (rows - Math.max(0, Math.min(rows, Math.log2(ms / firstMs)))) * high;
    context.fillStyle = themeColor("--sunk");
    context.fillRect(labelWide, 0, width - labelWide, height - axisHigh);
    context.fillStyle = themeColor("--c-stock");
    columns.forEach((column, at) => {
      for (let row = 0; row < rows; row++) {
        // A run of before may have fewer rows.
        const digit = Number(column[row] ?? 0);
        if (digit === 0) continue;
        context.globalAlpha = 0.12 + (digit / 9) * 0.88;
        context.fillRect(labelWide + at * wide, (rows - 1 - row) * high, wide - 0.5, high - 0.5);
      }
    });
    context.globalAlpha = 1;
    const xOf = (at: number): number => labelWide + (at + 0.5) * wide;
    line(context, p99Ms, { color: themeColor("--bad"), xOf, yOf });
    line(context, p50Ms, { color: themeColor("--ink"), xOf, yOf });
    axes(context, { width, height, yOf, endMs: count * columnMs });
  };
}

interface Line {
  readonly color: string;
  readonly xOf: (at: number) => number;
  readonly yOf: (ms: number) => number;
}

function line(
  context: CanvasRenderingContext2D,
  values: readonly number[],
  { color, xOf, yOf }: Line,
): void {
  context.strokeStyle = color;
  context.lineWidth = 1.5;
  context.beginPath();
  values.forEach((ms, at) => {
    if (ms > 0) context.lineTo(xOf(at), yOf(ms));
  });
  context.stroke();
}

interface Axes {
  readonly width: number;
  readonly height: number;
  readonly endMs: number;
  readonly yOf: (ms: number) => number;
}

function axes(context: CanvasRenderingContext2D, { width, height, endMs, yOf }: Axes): void {
  context.fillStyle = themeColor("--mute");
  context.font = "12px system-ui, sans-serif";
  context.textBaseline = "middle";
  context.textAlign = "right";
  for (const ms of marks) context.fillText(`${ms} ms`, labelWide - 8, yOf(ms));
  context.textBaseline = "bottom";
  context.textAlign = "left";
  context.fillText("0", labelWide, height);
  context.textAlign = "right";
  context.fillText(formatDuration(endMs), width, height);
}
