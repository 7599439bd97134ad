/**
 * Phonons by finite displacements (Parlinski, Li and Kawazoe, doi:10.1103/PhysRevLett.78.4063). Force constants
 * Φ_{iα,Jβ} = −[F_{Jβ}(+δ e_{iα}) − F_{Jβ}(−δ e_{iα})]/2δ of atom i of the cell and J of a supercell; dynamical matrix
 * D_{iα,jβ}(q) = Σ_{J of j} Φ_{iα,Jβ} exp(i q·(r_J − r_i))/√(m_i m_j) with r_J in the image nearest to r_i, or the mean over images equally near;
 * ω² are its eigenvalues. The acoustic sum rule Σ_J Φ_{iα,Jβ} = 0 and Φ_{iα,Jβ} = Φ_{Jβ,iα} are enforced.
 */
import type { JobOptions } from "../backend/backend.js";
import type { EnergyModel } from "../dynamics/energy-model.js";
import { checkRange } from "../dynamics/option-checks.js";
import { ACCELERATION } from "../dynamics/units.js";
import { InputError } from "../errors.js";
import type { LinearAlgebra } from "../linalg/linear-algebra.js";
import { massOf } from "../structure/elements.js";
import { reciprocalVectors } from "../structure/lattice.js";
import { createMinimumImage } from "../structure/minimum-image.js";
import type { Structure } from "../structure/structure.js";
import { repeatStructure } from "../structure/supercell.js";
import { volumeOf } from "./volume.js";

export interface ForceConstantsOptions extends JobOptions {
  /** Cells of the supercell along each vector; it should be twice as thick as forces reach. */
  readonly counts: readonly [number, number, number];
  /** δ in Å, 0.01 by default. */
  readonly displacement?: number;
  /** u, [atom of the cell]; standard atomic weights by default. */
  readonly masses?: ArrayLike<number>;
}

export interface ForceConstants {
  /** Rows in Å, [3][3]. */
  readonly cell: Float64Array;
  /** u, [atom of the cell]. */
  readonly masses: Float64Array;
  /** Φ in eV/Å², [atom i of the cell][α][atom J of the supercell][β], J as `repeatStructure` counts. */
  readonly values: Float64Array;
  /** Of each pair (i, J) the vectors r_J − r_i to the nearest images, in fractions of the cell, 3 numbers each. */
  readonly images: readonly (readonly Float64Array[])[];
}

/** A wave vector in fractions of the reciprocal vectors b_j with a_i·b_j = 2πδ_ij. */
export type WaveVector = readonly [number, number, number];

/**
 * Displaces each atom of the relaxed cell in a supercell, both ways along each axis.
 * @throws InputError on options out of range, or a structure that is not periodic along three axes; the signal's reason.
 */
export async function forceConstants(model: EnergyModel, structure: Structure, options: ForceConstantsOptions): Promise<ForceConstants> {
  const { counts, displacement = 0.01, signal, onProgress } = options;
  checkRange("displacement", displacement, displacement > 0 && displacement < 1, "a length in Å above 0, for example 0.01");
  volumeOf(structure);
  const size = structure.species.length;
  const masses = Float64Array.from(options.masses ?? Array.from(structure.species, massOf));
  if (masses.length !== size || !masses.every((mass) => mass > 0)) throw new InputError("masses do not fit the atoms", { key: "masses", expected: `${size} masses in u above 0`, got: `${Array.from(masses).join(" ")}` });
  const supercell = repeatStructure(structure, counts);
  const total = supercell.species.length;
  const values = new Float64Array(9 * size * total);
  for (let atom = 0; atom < size; atom++) {
    signal?.throwIfAborted();
    const displaced = Array.from({ length: 6 }, (_, k) => {
      const positions = supercell.positions.slice();
      positions[3 * atom + (k >> 1)] += k % 2 === 0 ? displacement : -displacement;
      return { ...supercell, positions };
    });
    const evaluations = await model(displaced, { signal });
    for (let axis = 0; axis < 3; axis++) {
      const [plus, minus] = [evaluations[2 * axis].forces, evaluations[2 * axis + 1].forces];
      for (let k = 0; k < 3 * total; k++) values[(3 * atom + axis) * 3 * total + k] = (minus[k] - plus[k]) / (2 * displacement);
    }
    onProgress?.({ stage: "force constants", done: atom + 1, total: size });
  }
  return { cell: structure.cell!, masses, values: withSumRules(values, size, counts), images: nearestImages(structure, supercell) };
}

/** Φ with Φ_{iα,(j,R)β} = Φ_{jβ,(i,−R)α}, and with the diagonal that the acoustic sum rule asks for. */
function withSumRules(raw: Float64Array, size: number, counts: readonly [number, number, number]): Float64Array {
  const cells = counts[0] * counts[1] * counts[2];
  const total = size * cells;
  const opposite = (cell: number): number => {
    const shift = [Math.floor(cell / (counts[1] * counts[2])), Math.floor(cell / counts[2]) % counts[1], cell % counts[2]];
    const [i, j, k] = shift.map((n, axis) => (counts[axis] - n) % counts[axis]);
    return (i * counts[1] + j) * counts[2] + k;
  };
  const at = (i: number, a: number, j: number, cell: number, b: number): number => ((3 * i + a) * total + cell * size + j) * 3 + b;
  const values = new Float64Array(raw.length);
  for (let i = 0; i < size; i++) {
    for (let a = 0; a < 3; a++) {
      for (let b = 0; b < 3; b++) {
        let sum = 0;
        for (let cell = 0; cell < cells; cell++) {
          for (let j = 0; j < size; j++) sum += values[at(i, a, j, cell, b)] = (raw[at(i, a, j, cell, b)] + raw[at(j, b, i, opposite(cell), a)]) / 2;
        }
        values[at(i, a, i, 0, b)] -= sum;
      }
    }
  }
  return values;
}

function nearestImages({ positions, cell, species }: Structure, supercell: Structure): Float64Array[][] {
  const minimumImage = createMinimumImage(supercell);
  const inverse = reciprocalVectors(cell!);
  return Array.from({ length: species.length * supercell.species.length }, (_, pair) => {
    const [i, j] = [Math.floor(pair / supercell.species.length), pair % supercell.species.length];
    const difference = [0, 1, 2].map((k) => supercell.positions[3 * j + k] - positions[3 * i + k]);
    return minimumImage(difference).map(([x, y, z]) => Float64Array.from({ length: 3 }, (_unused, k) => inverse[3 * k] * x + inverse[3 * k + 1] * y + inverse[3 * k + 2] * z));
  });
}

/** THz of an ω² in eV/(Å² u); below zero for an imaginary frequency. */
function frequencyOf(square: number): number {
  return (Math.sign(square) * Math.sqrt(Math.abs(square) * ACCELERATION) * 1000) / (2 * Math.PI);
}

/** Frequencies ω/2π in THz at a wave vector, [3 · atom of the cell], ascending; an unstable mode, of imaginary frequency, is a negative number. */
export function phononFrequencies(algebra: LinearAlgebra, { masses, values, images }: ForceConstants, [q1, q2, q3]: WaveVector): Float64Array {
  const [size, n] = [masses.length, 3 * masses.length];
  const total = values.length / (9 * size);
  const [real, imaginary] = [new Float64Array(n * n), new Float64Array(n * n)];
  images.forEach((vectors, pair) => {
    const [i, J] = [Math.floor(pair / total), pair % total];
    const j = J % size;
    let [cosine, sine] = [0, 0];
    for (const [x, y, z] of vectors) {
      const phase = 2 * Math.PI * (q1 * x + q2 * y + q3 * z);
      cosine += Math.cos(phase) / vectors.length;
      sine += Math.sin(phase) / vectors.length;
    }
    const scale = 1 / Math.sqrt(masses[i] * masses[j]);
    for (let a = 0; a < 3; a++) {
      for (let b = 0; b < 3; b++) {
        const phi = values[((3 * i + a) * total + J) * 3 + b] * scale;
        real[(3 * i + a) * n + 3 * j + b] += phi * cosine;
        imaginary[(3 * i + a) * n + 3 * j + b] += phi * sine;
      }
    }
  });
  // A Hermitian R + iS has the eigenvalues of the real symmetric [R, −S; S, R], each there twice.
  const doubled = new Float64Array(4 * n * n);
  for (let row = 0; row < n; row++) {
    for (let column = 0; column < n; column++) {
      const r = (real[row * n + column] + real[column * n + row]) / 2;
      const s = (imaginary[row * n + column] - imaginary[column * n + row]) / 2;
      doubled[row * 2 * n + column] = doubled[(n + row) * 2 * n + n + column] = r;
      doubled[row * 2 * n + n + column] = -s;
      doubled[(n + row) * 2 * n + column] = s;
    }
  }
  const { values: squares } = algebra.symmetricEigen(doubled, 2 * n);
  return Float64Array.from({ length: n }, (_, k) => frequencyOf((squares[2 * (n - 1 - k)] + squares[2 * (n - 1 - k) + 1]) / 2));
}

export interface PhononDispersion {
  /** [point] */
  readonly waveVectors: readonly WaveVector[];
  /** Length of the way to each point along the path in 1/Å (2π included), [point]. */
  readonly distances: Float64Array;
  /** THz, [point][branch], ascending at each point. */
  readonly frequencies: readonly Float64Array[];
  /** Points at which the corners of the path lie. */
  readonly corners: readonly number[];
}

/** Γ–X–K–Γ–L of the primitive cell of a face-centered cubic lattice with rows a/2 (0 1 1), (1 0 1), (1 1 0); X to K goes on through the next zone. */
export const FACE_CENTERED_CUBIC_PATH: readonly WaveVector[] = [[0, 0, 0], [0.5, 0, 0.5], [0.625, 0.25, 0.625], [1, 1, 1], [0.5, 0.5, 0.5]];

/** Frequencies along straight lines between the corners of a path, `steps` points for each line. */
export function phononDispersion(algebra: LinearAlgebra, constants: ForceConstants, path: readonly WaveVector[], steps = 20): PhononDispersion {
  checkRange("steps", steps, Number.isSafeInteger(steps) && steps >= 1, "a whole number, 1 or more");
  if (path.length < 2) throw new InputError("a path has corners", { key: "path", expected: "two wave vectors or more", got: String(path.length) });
  const reciprocal = reciprocalVectors(constants.cell);
  const waveVectors: WaveVector[] = [path[0]];
  const distances = [0];
  for (let corner = 1; corner < path.length; corner++) {
    const [from, to] = [path[corner - 1], path[corner]];
    const way = [0, 1, 2].map((k) => to[k] - from[k]);
    const length = 2 * Math.PI * Math.hypot(...[0, 1, 2].map((k) => way[0] * reciprocal[k] + way[1] * reciprocal[3 + k] + way[2] * reciprocal[6 + k]));
    const begin = distances[distances.length - 1];
    for (let step = 1; step <= steps; step++) {
      const share = step / steps;
      waveVectors.push([from[0] + share * way[0], from[1] + share * way[1], from[2] + share * way[2]]);
      distances.push(begin + share * length);
    }
  }
  return {
    waveVectors, distances: Float64Array.from(distances), corners: path.map((_, corner) => corner * steps),
    frequencies: waveVectors.map((q) => phononFrequencies(algebra, constants, q)),
  };
}

export interface PhononDensityOfStates {
  /** THz, [point]. */
  readonly frequencies: Float64Array;
  /** States per THz and cell, [point]; the integral is 3 per atom of the cell. */
  readonly densities: Float64Array;
}

/**
 * Density of states from a mesh of n₁ × n₂ × n₃ wave vectors that avoids Γ, each frequency as a Gaussian of `width` THz (0.1 by default), at 400 points.
 */
export function phononDensityOfStates(algebra: LinearAlgebra, constants: ForceConstants, mesh: readonly [number, number, number], { width = 0.1, points = 400 } = {}): PhononDensityOfStates {
  checkRange("mesh", Math.min(...mesh), mesh.every((n) => Number.isSafeInteger(n) && n >= 1), "three whole numbers, 1 or more");
  checkRange("width", width, width > 0, "a width in THz above 0");
  const all: number[] = [];
  for (let n = 0; n < mesh[0] * mesh[1] * mesh[2]; n++) {
    const [i, j, k] = [Math.floor(n / (mesh[1] * mesh[2])), Math.floor(n / mesh[2]) % mesh[1], n % mesh[2]];
    // D(−q) is the complex conjugate of D(q); a mesh shifted by half a step holds both.
    all.push(...phononFrequencies(algebra, constants, [(i + 0.5) / mesh[0], (j + 0.5) / mesh[1], (k + 0.5) / mesh[2]]));
  }
  const [least, most] = [Math.min(...all) - 5 * width, Math.max(...all) + 5 * width];
  const frequencies = Float64Array.from({ length: points }, (_, k) => least + ((most - least) * k) / (points - 1));
  const weight = 1 / (mesh[0] * mesh[1] * mesh[2] * width * Math.sqrt(2 * Math.PI));
  return { frequencies, densities: frequencies.map((f) => all.reduce((sum, g) => sum + weight * Math.exp(-0.5 * ((f - g) / width) ** 2), 0)) };
}
