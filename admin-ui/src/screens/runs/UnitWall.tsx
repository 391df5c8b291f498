import { memo, useRef, useState, type KeyboardEvent } from "react";
import type { RunFrame } from "../../../../server/runs/wire.ts";
import { formatDuration } from "../../ui/format.ts";
import { Panel } from "../../ui/Page.tsx";
import { whole } from "./words.ts";

interface Wall {
  readonly units: number;
  readonly cells: string;
  readonly sold: number;
  readonly buyers: RunFrame["buyers"];
}

/** A cell for each unit, or for an equal share of them where there are more than four hundred. */
export function UnitWall(wall: Wall) {
  const [at, setAt] = useState(0);
  const [pointed, setPointed] = useState<number>();
  const { units, cells, sold } = wall;
  const each = units / Math.max(1, cells.length);
  return (
    <Panel title="Units" actions={<Counts units={units} sold={sold} />}>
      {cells.length === 0 ? (
        <p className="text-mute">There is nothing to sell. Everybody is told so.</p>
      ) : (
        <div className="flex flex-col gap-3">
          <Cells wall={wall} at={at} onFocus={setAt} onPoint={setPointed} />
          <p className="min-h-10 text-sm">
            {wordsOf(wall, pointed ?? at)}.
            {each > 1 && (
              <span className="block text-mute">
                A cell is {Number.isInteger(each) ? "" : "about "}
                {whole(Math.round(each))} units.
              </span>
            )}
          </p>
        </div>
      )}
    </Panel>
  );
}

interface CellsProps {
  readonly wall: Wall;
  readonly at: number;
  readonly onFocus: (place: number) => void;
  readonly onPoint: (place: number | undefined) => void;
}

/** Nothing moves on the wall once it is sold out, for all of the agents that still ask. */
function isSame(one: CellsProps, other: CellsProps): boolean {
  return (
    one.at === other.at &&
    one.wall.cells === other.wall.cells &&
    one.wall.sold === other.wall.sold &&
    one.wall.buyers.agents.length === other.wall.buyers.agents.length
  );
}

const Cells = memo(function Cells({ wall, at, onFocus, onPoint }: CellsProps) {
  const grid = useRef<HTMLDivElement>(null);
  const { cells, sold, units } = wall;
  const isSmall = cells.length > 100;
  const wide = isSmall ? 20 : 10;
  const rowClass = isSmall ? "grid grid-cols-20 gap-0.5" : "grid grid-cols-10 gap-1.5";
  const move = (event: KeyboardEvent): void => {
    const to = target(event.key, at, wide, cells.length);
    if (to === undefined) return;
    event.preventDefault();
    onFocus(to);
    grid.current?.querySelector<HTMLElement>(`[data-at="${to}"]`)?.focus();
  };
  const rows = Array.from({ length: Math.ceil(cells.length / wide) }, (_, row) => row * wide);
  return (
    <div
      ref={grid}
      role="grid"
      aria-label={`Units, ${whole(sold)} of ${whole(units)} sold`}
      className={isSmall ? "flex flex-col gap-0.5" : "flex flex-col gap-1.5"}
      onKeyDown={move}
      onMouseLeave={() => onPoint(undefined)}
    >
      {rows.map((first) => (
        <div key={first} role="row" className={rowClass}>
          {Array.from(cells.slice(first, first + wide), (letter, column) => (
            <Cell
              key={column}
              place={first + column}
              letter={letter}
              words={wordsOf(wall, first + column)}
              isSmall={isSmall}
              isAt={first + column === at}
              onFocus={onFocus}
              onPoint={onPoint}
            />
          ))}
        </div>
      ))}
    </div>
  );
}, isSame);

function Counts({ units, sold }: { readonly units: number; readonly sold: number }) {
  return (
    <span className="text-mute tabular-nums">
      <b className="text-ink">{whole(sold)}</b> sold ·{" "}
      {sold <= units ? (
        <>
          <b className="text-ink">{whole(units - sold)}</b> free
        </>
      ) : (
        <b className="text-bad">{whole(sold - units)} too many</b>
      )}
    </span>
  );
}

const looks: Readonly<Record<string, string>> = {
  s: "bg-sold text-[#3a2c00]",
  p: "bg-sold/50 border border-sold",
  f: "bg-sunk border",
};

interface CellProps {
  readonly place: number;
  readonly letter: string;
  readonly words: string;
  readonly isSmall: boolean;
  readonly isAt: boolean;
  readonly onFocus: (place: number) => void;
  readonly onPoint: (place: number) => void;
}

const Cell = memo(function Cell(props: CellProps) {
  const { place, letter, words, isSmall, isAt, onFocus, onPoint } = props;
  return (
    <div
      role="gridcell"
      data-at={place}
      tabIndex={isAt ? 0 : -1}
      aria-label={words}
      className={`grid aspect-square place-items-center rounded-sm text-xs ${looks[letter] ?? ""}`}
      onFocus={() => onFocus(place)}
      onMouseEnter={() => onPoint(place)}
    >
      {letter === "s" && !isSmall && <span aria-hidden="true">✓</span>}
    </div>
  );
});

function wordsOf({ units, cells, buyers }: Wall, place: number): string {
  const letter = cells[place];
  const isOne = units === cells.length;
  const first = Math.floor((place * units) / cells.length) + 1;
  const last = Math.floor(((place + 1) * units) / cells.length);
  const name = isOne ? `Unit ${whole(first)}` : `Units ${whole(first)} to ${whole(last)}`;
  if (letter === "f") return `${name}: free`;
  if (letter === "p") return `${name}: some are sold`;
  const agent = isOne ? buyers.agents[place] : undefined;
  if (agent === undefined) return `${name}: sold`;
  const after = formatDuration(buyers.afterMs[place] ?? 0);
  const wait = formatDuration(buyers.waitMs[place] ?? 0);
  return `${name}: sold to agent ${whole(agent + 1)} after ${after}; its answer took ${wait}`;
}

function target(key: string, at: number, wide: number, count: number): number | undefined {
  const moves: Partial<Record<string, number>> = {
    ArrowRight: at + 1,
    ArrowLeft: at - 1,
    ArrowDown: at + wide,
    ArrowUp: at - wide,
    Home: 0,
    End: count - 1,
  };
  const to = moves[key];
  return to === undefined || to < 0 || to >= count ? undefined : to;
}
