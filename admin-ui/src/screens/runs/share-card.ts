import type { RunFrame, RunView } from "../../../../server/runs/wire.ts";
import { themeColor } from "../../ui/Canvas.tsx";
import { formatDuration } from "../../ui/format.ts";
import { drawArrivals } from "./arrivals-picture.ts";
import { promises } from "../promises.ts";
import { finishOf, sizeOf, whole } from "./words.ts";

const [width, height] = [1200, 630];
const pad = 56;
const sans = 'Inter, "Segoe UI", Roboto, "Liberation Sans", system-ui, sans-serif';

/** The finish of a run as a PNG, to show elsewhere. It holds nothing but the figures of the run. */
export async function saveShareCard(run: RunView, frame: RunFrame): Promise<void> {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext("2d");
  if (!context) throw new Error("This browser draws no pictures.");
  drawCard(context, run, frame);
  const { promise, resolve } = Promise.withResolvers<Blob | null>();
  canvas.toBlob(resolve, "image/png");
  const blob = await promise;
  if (!blob) throw new Error("The picture could not be made.");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `zerorace-${run.agents}-agents-${run.units}-units-seed-${run.seed}.png`;
  link.click();
  URL.revokeObjectURL(link.href);
}

function drawCard(context: CanvasRenderingContext2D, run: RunView, frame: RunFrame): void {
  context.fillStyle = themeColor("--bg");
  context.fillRect(0, 0, width, height);
  context.textBaseline = "alphabetic";
  text(context, "ZeroRace", { x: pad, y: 84, size: 26, color: "--mute" });
  text(context, sizeOf(run), { x: pad, y: 136, size: 40, weight: 600 });
  const color = run.report?.ok === true ? "--ok" : "--bad";
  text(context, finishOf(run) ?? "", { x: pad, y: 196, size: 40, weight: 600, color });
  const seconds = formatDuration((run.report?.seconds ?? 0) * 1_000);
  const rate = whole(run.report?.asksPerSecond ?? 0);
  const facts = `${seconds} · ${rate} asks a second · seed ${run.seed}`;
  text(context, facts, { x: pad, y: 240, size: 24, color: "--mute" });
  promises.forEach(({ name, label }, at) => {
    const x = pad + at * ((width - 2 * pad) / 4);
    const count = run.report?.invariants[name] ?? 0;
    const tone = count === 0 ? "--ok" : "--bad";
    text(context, whole(count), { x, y: 320, size: 52, weight: 600, color: tone });
    text(context, label, { x, y: 352, size: 20, color: "--mute" });
  });
  context.save();
  context.translate(pad, 390);
  drawArrivals(frame.arrivalCells, frame.waitCells)(context, width - 2 * pad, 190);
  context.restore();
}

interface Look {
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly weight?: number;
  readonly color?: string;
}

function text(context: CanvasRenderingContext2D, words: string, look: Look): void {
  const { x, y, size, weight = 400, color = "--ink" } = look;
  context.font = `${weight} ${size}px ${sans}`;
  context.fillStyle = themeColor(color);
  context.fillText(words, x, y, width - pad - x);
}
