// Rows of the kernel of a tensor property, Eq. (55): K_{(A μ),(m μ')} = Σ_{i∈A} (z_iμ · z_mμ') (ẑ_i · ẑ_m)^{ζ−1}, one row per μ of a structure or an atom.
import type { LinearAlgebra } from "../linalg/linear-algebra.js";
import type { Structure } from "../structure/structure.js";

/** Environments of one element, or its sparse points. */
export interface TensorPoints {
  /** λ-SOAP, [point][μ][tensorSize]. */
  readonly tensors: Float64Array;
  readonly tensorSize: number;
  /** Scalar features, [point][size]. */
  readonly scalars: Float64Array;
  readonly size: number;
}

/** (z_iμ · z_mμ') (ẑ_i · ẑ_m)^{ζ−1}, [i][μ][m][μ']. */
export function tensorKernel(algebra: LinearAlgebra, a: TensorPoints, b: TensorPoints, lambda: number, zeta: number): Float64Array {
  const width = 2 * lambda + 1;
  const [rows, columns] = [a.size === 0 ? 0 : a.scalars.length / a.size, b.size === 0 ? 0 : b.scalars.length / b.size];
  const { tensorSize, size } = a;
  if (tensorSize === 0) return new Float64Array(rows * width * columns * width);
  const out = algebra.multiply(a.tensors, b.tensors, { m: rows * width, n: columns * width, k: tensorSize, transB: true });
  if (zeta === 1) return out;
  const scalars = algebra.multiply(a.scalars, b.scalars, { m: rows, n: columns, k: size, transB: true });
  for (let i = 0; i < rows; i++) {
    for (let m = 0; m < columns; m++) {
      const factor = scalars[i * columns + m]! ** (zeta - 1);
      for (let mu = 0; mu < width; mu++) {
        const at = ((i * width + mu) * columns + m) * width;
        for (let nu = 0; nu < width; nu++) out[at + nu]! *= factor;
      }
    }
  }
  return out;
}

export interface RowsRequest {
  readonly structures: readonly Structure[];
  readonly species: readonly number[];
  /** Environments of each element, in the order of the structures, [element]. */
  readonly environments: readonly TensorPoints[];
  /** Sparse points of each element, [element]. */
  readonly sparse: readonly TensorPoints[];
  readonly lambda: number;
  readonly zeta: number;
  readonly perAtom: boolean;
  readonly mean: boolean;
}

/** Environments whose kernels are held at once. */
const CHUNK = 256;

/** Rows of all structures, [structure or atom][μ][column]; columns are (element, point, μ'). */
export function tensorRows(algebra: LinearAlgebra, request: RowsRequest): { rows: Float64Array; columns: number } {
  const { structures, species, environments, sparse, lambda, zeta, perAtom, mean } = request;
  const width = 2 * lambda + 1;
  const counts = sparse.map(({ scalars, size }) => (size === 0 ? 0 : scalars.length / size));
  const columns = counts.reduce((sum, count) => sum + count * width, 0);
  const targets = targetsOf(structures, species, perAtom);
  const rows = new Float64Array(targets.count * width * columns);
  let first = 0;
  species.forEach((_, s) => {
    const { tensors, tensorSize, scalars, size } = environments[s]!;
    const own = targets.byElement[s]!;
    const count = counts[s]!;
    for (let begin = 0; begin < own.length && count > 0; begin += CHUNK) {
      const end = Math.min(begin + CHUNK, own.length);
      const part: TensorPoints = {
        tensors: tensors.subarray(begin * width * tensorSize, end * width * tensorSize).slice(), tensorSize,
        scalars: scalars.subarray(begin * size, end * size).slice(), size,
      };
      const kernel = tensorKernel(algebra, part, sparse[s]!, lambda, zeta);
      for (let i = begin; i < end; i++) {
        const { row, atoms } = own[i]!;
        const factor = mean ? 1 / atoms : 1;
        for (let mu = 0; mu < width; mu++) {
          const [from, to] = [((i - begin) * width + mu) * count * width, (row * width + mu) * columns + first];
          for (let k = 0; k < count * width; k++) rows[to + k]! += factor * kernel[from + k]!;
        }
      }
    }
    first += count * width;
  });
  return { rows, columns };
}

/** The target that each environment of an element adds to, and the number of atoms of its structure. */
export function targetsOf(
  structures: readonly Structure[], species: readonly number[], perAtom: boolean,
): { count: number; byElement: { row: number; atoms: number }[][] } {
  const byElement: { row: number; atoms: number }[][] = species.map(() => []);
  const index = new Map(species.map((z, s) => [z, s]));
  let atom = 0;
  structures.forEach((structure, s) => {
    for (const z of structure.species) byElement[index.get(z)!]!.push({ row: perAtom ? atom++ : s, atoms: structure.species.length });
  });
  return { count: perAtom ? atom : structures.length, byElement };
}
