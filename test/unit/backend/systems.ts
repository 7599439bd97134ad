// Small systems that the backend tests share, and a potential with random weights on any of them.
import type { Backend } from "../../../src/backend/backend.js";
import type { Hyperparameters } from "../../../src/features/hyperparameters.js";
import type { Potential } from "../../../src/model/potential.js";
import { createRandom } from "../../../src/selection/random.js";
import { createStructure, type Structure } from "../../../src/structure/structure.js";

type Change = { [K in keyof Hyperparameters]?: Partial<Hyperparameters[K]> };

export function hyperparameters(change: Change = {}): Hyperparameters {
  return {
    cutoff: { radius: 4, width: 0.7, function: "cosine", ...change.cutoff },
    density: { kind: "gaussian", width: 0.5, centerWeight: 1, scaling: null, ...change.density },
    basis: { kind: "gto", nMax: 4, lMax: 3, accuracy: 1e-9, ...change.basis },
    features: { kind: "power-spectrum", normalize: true, ...change.features },
  };
}

const DIAMOND = [
  [0, 0, 0],
  [0, 0.5, 0.5],
  [0.5, 0, 0.5],
  [0.5, 0.5, 0],
  [0.25, 0.25, 0.25],
  [0.25, 0.75, 0.75],
  [0.75, 0.25, 0.75],
  [0.75, 0.75, 0.25],
];

/** `repeat`³ cubic cells of diamond silicon with Gaussian noise on the positions, Å. */
export function silicon(repeat: number, noise: number, seed = 1): Structure {
  const random = createRandom(seed);
  const positions: number[] = [];
  for (let x = 0; x < repeat; x++) {
    for (let y = 0; y < repeat; y++) {
      for (let z = 0; z < repeat; z++) {
        for (const [u, v, w] of DIAMOND)
          for (const coordinate of [x + u!, y + v!, z + w!]) positions.push(5.431 * coordinate + noise * random.normal());
      }
    }
  }
  const side = 5.431 * repeat;
  return createStructure({ species: new Array(positions.length / 3).fill(14), positions, cell: [side, 0, 0, 0, side, 0, 0, 0, side] });
}

/** A left-handed, sheared cell thinner than the cutoff, with atoms of the given elements at least 1.2 Å apart. */
export function crystal(elements: readonly number[], atoms: number, seed = 2): Structure {
  const random = createRandom(seed);
  const cell = [3.4, 0.3, -0.2, 1.1, -5.2, 0.4, 0.6, 0.9, 6.1];
  const positions: number[] = [];
  while (positions.length < 3 * atoms) {
    const [u, v, w] = [random.uniform(), random.uniform(), random.uniform()];
    const candidate = [0, 1, 2].map((k) => u * cell[k]! + v * cell[3 + k]! + w * cell[6 + k]!);
    if (closest(positions, candidate, cell) > 1.2) positions.push(...candidate);
  }
  return createStructure({ species: Array.from({ length: atoms }, (_, k) => elements[k % elements.length]!), positions, cell });
}

function closest(positions: readonly number[], candidate: readonly number[], cell: readonly number[]): number {
  let nearest = Infinity;
  for (let atom = 0; atom < positions.length; atom += 3) {
    for (let n = 0; n < 27; n++) {
      const shift = [(n % 3) - 1, (Math.floor(n / 3) % 3) - 1, Math.floor(n / 9) - 1];
      const offset = [0, 1, 2].map(
        (k) => positions[atom + k]! - candidate[k]! + shift[0]! * cell[k]! + shift[1]! * cell[3 + k]! + shift[2]! * cell[6 + k]!,
      );
      nearest = Math.min(nearest, Math.hypot(...offset));
    }
  }
  return nearest;
}

/** Ethanol, not periodic, distorted. */
export function ethanol(): Structure {
  const positions = [
    -1.17, -0.39, 0.02, 0.11, 0.42, -0.05, 1.19, -0.45, 0.11, -1.22, -1.11, -0.83, -1.2, -0.95, 0.98, -2.05, 0.29, -0.06, 0.15, 0.95, -1.02, 0.09,
    1.2, 0.75, 1.98, 0.1, -0.03,
  ];
  return createStructure({ species: [6, 6, 8, 1, 1, 1, 1, 1, 1], positions });
}

/** Ethanol across the faces of a periodic box of 150 Å. */
export function ethanolInBox(): Structure {
  const { species, positions } = ethanol();
  const shift = [149.7, 0.2, 75.1];
  return createStructure({ species, positions: positions.map((x, k) => x + shift[k % 3]!), cell: [150, 0, 0, 0, 150, 0, 0, 0, 150] });
}

export interface PotentialOptions {
  readonly zeta?: number;
  /** Components of a random projection; none by default. */
  readonly components?: number;
  readonly species?: readonly number[];
}

/** Sparse points are environments of the structure, weights are random. */
export async function randomPotential(
  backend: Backend,
  structure: Structure,
  hyper: Hyperparameters,
  { zeta = 2, components, species }: PotentialOptions = {},
): Promise<Potential> {
  const random = createRandom(7);
  const { values, size, centers, species: known } = await backend.computeFeatures([structure], hyper, species ? { species } : {});
  const models = [...new Set(centers)]
    .sort((a, b) => a - b)
    .map((z) => {
      const rows = [...centers.keys()]
        .filter((row) => centers[row] === z)
        .slice(0, 5)
        .map((row) => values.subarray(row * size, (row + 1) * size));
      const width = components ?? size;
      const projection = components ? Float64Array.from({ length: size * components }, () => random.normal() / Math.sqrt(size)) : null;
      const sparsePoints = Float64Array.from(
        rows.flatMap((row) =>
          projection ? Array.from({ length: width }, (_, q) => row.reduce((sum, value, f) => sum + value * projection[f * width + q]!, 0)) : [...row],
        ),
      );
      return { species: z, projection, size: width, sparsePoints, weights: Float64Array.from(rows, () => random.normal()) };
    });
  return { species: known, baseline: new Map(known.map((z) => [z, -0.1 * z])), terms: [{ hyperparameters: hyper, zeta, centers: models }], provenance: {} };
}
