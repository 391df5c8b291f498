import { useCallback, useMemo } from "react";
import type { RunFrame } from "../../../../server/runs/wire.ts";
import { Canvas } from "../../ui/Canvas.tsx";
import { Panel } from "../../ui/Page.tsx";
import { TableTwin } from "../../ui/TableTwin.tsx";
import { drawArrivals, shapeFor } from "./arrivals-picture.ts";
import { whole } from "./words.ts";

interface Given {
  readonly agents: number;
  readonly frame: Pick<RunFrame, "arrivalCells" | "waitCells" | "answered" | "sold">;
}

export function Arrivals({ agents, frame }: Given) {
  const { arrivalCells, waitCells, answered, sold } = frame;
  const draw = useMemo(() => drawArrivals(arrivalCells, waitCells), [arrivalCells, waitCells]);
  const count = arrivalCells.length;
  const heightFor = useCallback(
    (width: number) => {
      const { size, rows } = shapeFor(width, count);
      return Math.ceil(size * rows);
    },
    [count],
  );
  const each = agents / Math.max(1, count);
  const cell = each === 1 ? "one agent" : `${whole(Math.round(each))} agents`;
  const label =
    `Agents in the order in which they came, ${cell} a cell: ` +
    `${whole(answered)} of ${whole(agents)} answered, ${whole(sold)} bought`;
  return (
    <Panel
      title="Arrivals"
      actions={<span className="text-mute">{cell} a cell, in order of arrival</span>}
    >
      <div className="flex flex-col gap-3">
        <Canvas label={label} draw={draw} heightFor={heightFor} />
        <Legend />
        <TableTwin
          caption="Arrivals in order, a twentieth a row"
          headers={["Agents", "Cells with a buyer", "All refused", "Wait", "Not come", "Waited"]}
          rows={() => rowsOf(agents, arrivalCells, waitCells)}
        />
      </div>
    </Panel>
  );
}

function Legend() {
  return (
    <ul className="flex flex-wrap gap-x-5 gap-y-1 text-sm text-mute">
      <Key color="bg-sold">somebody bought</Key>
      <Key color="bg-stock/40">refused at once</Key>
      <Key color="bg-stock">refused after a wait</Key>
      <Key color="bg-mute/45">some wait</Key>
      <Key color="bg-sunk border">not come yet</Key>
    </ul>
  );
}

function Key({ color, children }: { readonly color: string; readonly children: string }) {
  return (
    <li className="flex items-center gap-1.5">
      <span aria-hidden="true" className={`size-3 rounded-[3px] ${color}`} />
      {children}
    </li>
  );
}

const rowsMax = 20;

function rowsOf(agents: number, cells: string, waits: string): (readonly string[])[] {
  const rows = Math.min(rowsMax, cells.length);
  return Array.from({ length: rows }, (_, row) => {
    const from = Math.floor((row * cells.length) / rows);
    const to = Math.floor(((row + 1) * cells.length) / rows);
    const part = cells.slice(from, to);
    const agentAt = (cell: number): number => Math.floor((cell * agents) / cells.length);
    const count = (letter: string): string => whole(part.split(letter).length - 1);
    const range = `${whole(agentAt(from) + 1)} to ${whole(agentAt(to))}`;
    return [range, count("s"), count("d"), count("w"), count("."), waitOf(waits.slice(from, to))];
  });
}

/** The digits are doublings from 8 ms on. */
function waitOf(digits: string): string {
  const known = Array.from(digits, Number).filter((digit) => digit > 0);
  if (known.length === 0) return "–";
  const middle = known.toSorted((a, b) => a - b)[Math.floor(known.length / 2)] ?? 1;
  return middle >= 9 ? "over 1 s" : `under ${2 ** (middle + 2)} ms`;
}
