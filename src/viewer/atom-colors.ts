import { colorOf, InputError, type Structure } from "../index.js";
import { sequentialColor, type Rgb } from "./color-map.js";
import { countElements, type LegendContent } from "./legend.js";

/** How the atoms are colored: by `colors`, else by `values`, else by element. */
export interface Coloring {
  /** sRGB in [0, 1], [atom][rgb]. */
  readonly colors?: Float32Array | null;
  /** A number per atom, drawn with the sequential map; NaN is drawn gray. */
  readonly values?: Float64Array | null;
  /** Values at the ends of the map; the smallest and largest value by default. */
  readonly range?: readonly [number, number];
  /** What the values are ("force error"), for the legend. */
  readonly label?: string;
  /** Unit of the values ("eV/Å"). */
  readonly unit?: string;
}

export interface ColoredAtoms {
  /** sRGB in [0, 1], [atom][rgb]. */
  readonly colors: Float32Array;
  readonly legend: LegendContent;
}

const NO_VALUE: Rgb = [0.55, 0.55, 0.55];

/** sRGB components of "#rrggbb". */
function parseHexColor(text: string): Rgb {
  const number = Number.parseInt(text.slice(1), 16);
  return [(number >> 16) / 255, ((number >> 8) & 255) / 255, (number & 255) / 255];
}

/** Colors [atom][rgb] and their legend. @throws InputError when the number of colors or values is not that of the atoms. */
export function colorAtoms(structure: Structure, coloring: Coloring): ColoredAtoms {
  const { species } = structure;
  const { colors, values } = coloring;
  if (colors) {
    if (colors.length !== 3 * species.length) {
      throw new InputError("colors and atoms disagree", { key: "colors", expected: `${3 * species.length} numbers`, got: `${colors.length}` });
    }
    return { colors, legend: { kind: "none" } };
  }
  if (values) return colorByValue(species.length, values, coloring);
  const painted = new Float32Array(3 * species.length);
  species.forEach((number, atom) => painted.set(parseHexColor(colorOf(number)), 3 * atom));
  return { colors: painted, legend: { kind: "elements", counts: countElements(species) } };
}

function colorByValue(atoms: number, values: Float64Array, { range, label = "value", unit = "" }: Coloring): ColoredAtoms {
  if (values.length !== atoms) {
    throw new InputError("values and atoms disagree", { key: "values", expected: `${atoms} numbers`, got: `${values.length}` });
  }
  let [lowest, highest] = [Infinity, -Infinity];
  let missing = false;
  for (const value of values) {
    if (Number.isFinite(value)) {
      lowest = Math.min(lowest, value);
      highest = Math.max(highest, value);
    } else {
      missing = true;
    }
  }
  if (lowest > highest) [lowest, highest] = [0, 0];
  const [low, high] = range ?? [lowest, highest];
  const painted = new Float32Array(3 * atoms);
  const place = (value: number): number => (high > low ? (value - low) / (high - low) : 0);
  values.forEach((value, atom) => painted.set(Number.isFinite(value) ? sequentialColor(place(value)) : NO_VALUE, 3 * atom));
  return { colors: painted, legend: { kind: "values", label, unit, range: [low, high], extremes: [lowest, highest], missing } };
}
