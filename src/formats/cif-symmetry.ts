/** Symmetry operations "x-y, 1/2+z, -x" in fractional coordinates, and the atoms that they make of the sites of a cell. */
import { InputError, type ErrorDetails } from "../errors.js";

/** u → W u + w: rotation [3][3] row by row, then translation [3]. */
export type Operation = readonly number[];

export interface CifSite {
  readonly label: string;
  readonly line: number;
  readonly species: number;
  readonly coordinates: readonly number[];
}

/** Å. Images of a site that lie closer are the site on its symmetry element: two decimals in a file move an atom by less. */
const SAME_SITE = 0.1;
const TERM = /([+-]?)(?:(\d+(?:\.\d*)?|\.\d+)(?:\/(\d+))?\*?)?([xyz]?)/y;

/** @throws InputError when the text is no operation. */
export function parseOperation(text: string, where: ErrorDetails): Operation {
  const fail = (): InputError => new InputError("malformed symmetry operation", { ...where, expected: "as x-y, 1/2+z, -x", got: text });
  const parts = text.toLowerCase().replace(/\s+/g, "").split(",");
  if (parts.length !== 3) throw fail();
  const operation: number[] = Array.from({ length: 12 }, () => 0);
  parts.forEach((part, row) => {
    for (let position = 0; position < part.length || position === 0; ) {
      TERM.lastIndex = position;
      const [term, sign, numerator, denominator, axis] = TERM.exec(part)!;
      if (term === "" || (numerator === undefined && axis === "") || (position > 0 && sign === "")) throw fail();
      const value = (sign === "-" ? -1 : 1) * (numerator === undefined ? 1 : Number(numerator) / Number(denominator ?? 1));
      if (!Number.isFinite(value)) throw fail();
      const index = axis === "" ? 9 + row : 3 * row + "xyz".indexOf(axis!);
      operation[index] = operation[index]! + value;
      position += term.length;
    }
  });
  return operation;
}

/**
 * All atoms of the cell: atomic numbers [atom], fractional coordinates [atom][3] in [0, 1); those of P 1 as they stand.
 * @throws InputError when atoms of two elements fall on one place.
 */
export function expandSites(
  sites: readonly CifSite[], operations: readonly Operation[], cell: Float64Array, where: ErrorDetails,
): { readonly species: number[]; readonly coordinates: number[] } {
  if (operations.length === 1) return { species: sites.map((site) => site.species), coordinates: sites.flatMap((site) => site.coordinates) };
  const species: number[] = [];
  const coordinates: number[] = [];
  const owners: CifSite[] = [];
  const places = new PeriodicPlaces(cell, coordinates);
  for (const site of sites) {
    for (const w of operations) {
      const image = [0, 1, 2].map((row) => {
        const value = [0, 1, 2].reduce((sum, k) => sum + w[3 * row + k]! * site.coordinates[k]!, w[9 + row]!);
        return value - Math.floor(value);
      });
      const there = places.find(image);
      if (there === undefined) {
        places.add(image, species.length);
        species.push(site.species);
        coordinates.push(...image);
        owners.push(site);
      } else if (species[there] !== site.species) {
        throw new InputError(`sites ${owners[there]!.label} and ${site.label} fall on one place`, { ...where, line: site.line, expected: "one element on each place" });
      }
    }
  }
  return { species, coordinates };
}

/** Looks for an atom within SAME_SITE, in boxes of at least that size. */
class PeriodicPlaces {
  private readonly cell: Float64Array;
  private readonly coordinates: readonly number[];
  private readonly counts: readonly number[];
  private readonly boxes = new Map<number, number[]>();

  constructor(cell: Float64Array, coordinates: readonly number[]) {
    this.cell = cell;
    this.coordinates = coordinates;
    const volume = Math.abs(cell[0]! * cell[4]! * cell[8]!);
    const length = (axis: number): number => Math.hypot(...cell.subarray(3 * axis, 3 * axis + 3));
    // The thickness of the cell along an axis is at least this.
    this.counts = [0, 1, 2].map((axis) => Math.max(1, Math.min(1000, Math.floor(volume / (length((axis + 1) % 3) * length((axis + 2) % 3)) / SAME_SITE))));
  }

  find(image: readonly number[]): number | undefined {
    const home = this.boxOf(image);
    for (let shift = 0; shift < 27; shift++) {
      const steps = [(shift % 3) - 1, (Math.floor(shift / 3) % 3) - 1, Math.floor(shift / 9) - 1];
      const atom = this.boxes.get(this.keyOf(home.map((index, axis) => index + steps[axis]!)))?.find((candidate) => this.isSame(image, candidate));
      if (atom !== undefined) return atom;
    }
    return undefined;
  }

  add(image: readonly number[], atom: number): void {
    const key = this.keyOf(this.boxOf(image));
    const box = this.boxes.get(key);
    if (box) box.push(atom);
    else this.boxes.set(key, [atom]);
  }

  private boxOf(image: readonly number[]): number[] {
    return image.map((value, axis) => Math.floor(value * this.counts[axis]!));
  }

  private keyOf(box: readonly number[]): number {
    return box.reduce((key, index, axis) => key * this.counts[axis]! + ((index + this.counts[axis]!) % this.counts[axis]!), 0);
  }

  private isSame(image: readonly number[], atom: number): boolean {
    const difference = image.map((value, axis) => value - this.coordinates[3 * atom + axis]!).map((value) => value - Math.round(value));
    const distance = [0, 1, 2].map((k) => difference[0]! * this.cell[k]! + difference[1]! * this.cell[3 + k]! + difference[2]! * this.cell[6 + k]!);
    return Math.hypot(...distance) < SAME_SITE;
  }
}
