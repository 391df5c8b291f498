import { themeColor, type Draw } from "../../ui/Canvas.tsx";

/** The crowd in the order in which it came, as cells on a canvas. */

const heightWanted = 250;

interface Shape {
  readonly size: number;
  readonly columns: number;
  readonly rows: number;
}

export function shapeFor(width: number, count: number, height = heightWanted): Shape {
  const fitting = Math.floor(Math.sqrt((width * height) / Math.max(1, count)));
  const size = Math.max(4, Math.min(24, fitting));
  const columns = Math.max(1, Math.floor(width / size));
  return { size: width / columns, columns, rows: Math.ceil(count / columns) };
}

/** Each colour is set once, not two thousand times: that is what drawing costs. */
export function drawArrivals(cells: string, waits: string): Draw {
  return (context, width, height) => {
    const { size, columns, rows } = shapeFor(width, cells.length, height);
    const high = Math.min(size, height / rows);
    const groups = new Map<string, number[]>();
    for (let at = 0; at < cells.length; at++) {
      const letter = cells[at] ?? ".";
      const name = letter === "d" ? `d${waits[at] ?? "1"}` : letter;
      const group = groups.get(name);
      if (group) group.push(at);
      else groups.set(name, [at]);
    }
    const gap = size > 6 ? 1 : 0.5;
    // Buyers last: they lie on top, and where cells are small they are larger.
    for (const [name, places] of [...groups].toSorted(([a], [b]) => order(a) - order(b))) {
      const grown = name === "s" && size < 6 ? 1 : 0;
      context.fillStyle = colorOf(name);
      context.globalAlpha = alphaOf(name);
      for (const at of places) {
        const x = (at % columns) * size;
        const y = Math.floor(at / columns) * high;
        context.fillRect(x - grown, y - grown, size - gap + 2 * grown, high - gap + 2 * grown);
      }
    }
    context.globalAlpha = 1;
  };
}

const order = (name: string): number => (name === "s" ? 1 : 0);

function colorOf(name: string): string {
  if (name === "s") return themeColor("--sold");
  if (name.startsWith("d")) return themeColor("--c-stock");
  return themeColor(name === "w" ? "--mute" : "--sunk");
}

/** The longer they waited, the fuller the colour. */
function alphaOf(name: string): number {
  if (name === "w") return 0.45;
  return name.startsWith("d") ? 0.2 + Number(name.slice(1)) / 11.25 : 1;
}
