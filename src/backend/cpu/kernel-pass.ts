// Kernels between a batch of environments and the sparse points, Eqs. (14)–(16), their reverse pass, and the rows of a fit, Eq. (23).
import type { FeaturePass } from "./feature-pass.js";
import type { KernelPlan, KernelPlanCenter } from "./plan.js";

const F64 = 8;

/** A matrix that stays, [rows][columns], and its forms prepared as right factors: the same bits as unprepared, without copying at every product. */
interface ResidentMatrix {
  readonly pointer: number;
  readonly rows: number;
  readonly columns: number;
  readonly packed: number;
  readonly packedTransposed: number;
}

/** The sparse points of one center element in the kernels' memory. */
interface ResidentCenter {
  readonly size: number;
  /** [feature][size] */
  readonly projection: ResidentMatrix | null;
  /** [points][size], the number of points rounded up to an even one with a row of zeros. */
  readonly sparsePoints: ResidentMatrix;
  /** [points], 0 in the padding. */
  readonly weights: number;
  /** [direction][points], 0 in the padding. */
  readonly directions: ResidentMatrix | null;
  readonly points: number;
  /** First column in the rows of a fit. */
  readonly column: number;
}

export class KernelPass {
  readonly zeta: number;
  /** Columns of a fit's rows: the padded points of all elements. */
  readonly columns: number;
  readonly #features: FeaturePass;
  readonly #centers: readonly (ResidentCenter | null)[];

  /** Copies the plan into the memory of the features' kernels, to stay there. */
  constructor(features: FeaturePass, plan: KernelPlan) {
    this.#features = features;
    this.zeta = plan.zeta;
    const byElement = new Map(plan.centers.map((center) => [center.species, center]));
    let column = 0;
    this.#centers = features.plan.layout.species.map((z) => {
      const center = byElement.get(z);
      if (!center) return null;
      const resident = this.#place(center, column);
      column += resident.points;
      return resident;
    });
    this.columns = column;
  }

  #place(center: KernelPlanCenter, column: number): ResidentCenter {
    const { kernels } = this.#features;
    const used = center.size === 0 ? 0 : center.sparsePoints.length / center.size;
    const points = used + (used & 1);
    const weights = this.#features.reserve(points);
    kernels.float64(weights, points).fill(0).set(center.weights);
    return {
      size: center.size,
      points,
      column,
      weights,
      directions: center.directions ? this.#paddedRows(center.directions, used, points) : null,
      projection: center.projection ? this.#resident(center.projection, center.projection.length / center.size, center.size) : null,
      sparsePoints: this.#resident(center.sparsePoints, points, center.size),
    };
  }

  /** [row][used] as [row][points], with zeros. */
  #paddedRows(values: Float64Array, used: number, points: number): ResidentMatrix {
    const rows = used === 0 ? 0 : values.length / used;
    const padded = new Float64Array(rows * points);
    for (let row = 0; row < rows; row++) padded.set(values.subarray(row * used, (row + 1) * used), row * points);
    return this.#resident(padded, rows, points);
  }

  #resident(values: Float64Array, rows: number, columns: number): ResidentMatrix {
    const { kernels } = this.#features;
    const pointer = this.#features.reserve(rows * columns);
    kernels
      .float64(pointer, rows * columns)
      .fill(0)
      .set(values);
    const pack = (transposed: boolean): number => {
      const [n, k] = transposed ? [rows, columns] : [columns, rows];
      const packed = kernels.allocate(kernels.exports.packedBytes(n, k));
      kernels.exports.packB(transposed ? 1 : 0, n, k, pointer, columns, packed);
      return packed;
    };
    return { pointer, rows, columns, packed: pack(false), packedTransposed: pack(true) };
  }

  /** Sparse points of the batch's center element; null where the potential has none. */
  get center(): ResidentCenter | null {
    return this.#centers[this.#features.batch.center]!;
  }

  /** Directions of every center, Eq. (80). */
  get directions(): number {
    return Math.max(0, ...this.#centers.map((center) => center?.directions?.rows ?? 0));
  }

  get centers(): readonly (ResidentCenter | null)[] {
    return this.#centers;
  }

  /** z = Vᵀ p̂ for `count` rows of features or of their derivatives, [row][size]; without a projection the rows themselves, in full columns. */
  project(center: ResidentCenter, rows: number, count: number): number {
    const { kernels, runs, stride } = this.#features;
    const out = this.#features.reserve(count * center.size);
    if (center.projection) {
      this.#timesRowsOf(center.projection, rows, count, out);
      return out;
    }
    kernels.float64(out, count * center.size).fill(0);
    for (const { packed, full, size } of runs) copyColumns(kernels, rows + packed * F64, stride, out + full * F64, center.size, count, size);
    return out;
  }

  /** s = z·z_m of rows of features or their derivatives, [row][points]. */
  products(center: ResidentCenter, rows: number, count: number): number {
    const { kernels, runs, stride } = this.#features;
    const { sparsePoints, points, size } = center;
    const out = this.#features.reserve(count * points);
    if (center.projection) {
      const z = this.project(center, rows, count);
      kernels.exports.gemmPacked(0, count, points, size, 1, z, size, sparsePoints.packedTransposed, 0, out, points);
    } else if (this.#allPresent(size)) {
      kernels.exports.gemmPacked(0, count, points, size, 1, rows, stride, sparsePoints.packedTransposed, 0, out, points);
    } else {
      // Only the columns that occur around these centers are multiplied.
      if (runs.length === 0) kernels.float64(out, count * points).fill(0);
      runs.forEach((run, index) => {
        kernels.exports.gemm(
          0,
          1,
          count,
          points,
          run.size,
          1,
          rows + run.packed * F64,
          stride,
          sparsePoints.pointer + run.full * F64,
          size,
          index === 0 ? 0 : 1,
          out,
          points,
        );
      });
    }
    return out;
  }

  /**
   * Environment energies of the batch without baseline, [member], and ∂ε/∂p̂, [member][stride] in eV; with `spread` the same of the center's directions,
   * Eq. (80): `directions` [member][direction], and their gradients behind that of the energies, [1 + directions][member][stride].
   */
  energies(center: ResidentCenter, withGradient: boolean, spread = false): { energies: number; gradient: number; directions: number } {
    const { kernels, batch, rows, stride } = this.#features;
    const { points, size } = center;
    const count = batch.members.length;
    const own = spread ? center.directions : null;
    const outputs = 1 + (own?.rows ?? 0);
    const energies = this.#features.reserve(count);
    const products = this.products(center, rows, count);
    const slopes = own && withGradient ? this.#features.reserve(count * points) : 0;
    const directions = own ? this.#directionEnergies(center, own, products, slopes) : 0;
    kernels.exports.kernelEnergies(count, points, this.zeta, center.weights, products, energies);
    if (!withGradient) return { energies, gradient: 0, directions };
    const gradient = this.#features.reserve(outputs * count * stride);
    const width = center.projection ? size : stride;
    const slope = center.projection ? this.#features.reserve(outputs * count * size) : gradient;
    this.#timesPoints(center, products, slope);
    for (let d = 1; d < outputs; d++) {
      // The products of the energies have served; their place takes those of one direction after the other.
      kernels.exports.scaleColumns(count, points, own!.pointer + (d - 1) * points * F64, slopes, products);
      this.#timesPoints(center, products, slope + d * count * width * F64);
    }
    if (center.projection) this.#timesProjection(center.projection, slope, outputs * count, gradient);
    return { energies, gradient, directions };
  }

  /** Energies of the directions, [member][direction]; `slopes`, unless 0, become ζ s^{ζ−1}. */
  #directionEnergies({ points }: ResidentCenter, directions: ResidentMatrix, products: number, slopes: number): number {
    const { kernels, batch } = this.#features;
    const count = batch.members.length;
    const out = this.#features.reserve(count * directions.rows);
    const powers = this.#features.reserve(count * points);
    kernels.exports.kernelPowers(count, points, this.zeta, products, powers, slopes);
    kernels.exports.gemmPacked(0, count, directions.rows, points, 1, powers, points, directions.packedTransposed, 0, out, directions.rows);
    return out;
  }

  /** ∂ε/∂z, [member][size], from ∂ε/∂s, [member][points]; without a projection ∂ε/∂p̂, [member][stride]. */
  #timesPoints({ sparsePoints, projection, points, size }: ResidentCenter, slopes: number, out: number): void {
    const { kernels, batch, runs, stride } = this.#features;
    const count = batch.members.length;
    if (projection || this.#allPresent(size)) {
      kernels.exports.gemmPacked(0, count, size, points, 1, slopes, points, sparsePoints.packed, 0, out, projection ? size : stride);
      return;
    }
    for (const run of runs) {
      const columns = sparsePoints.pointer + run.full * F64;
      kernels.exports.gemm(0, 0, count, run.size, points, 1, slopes, points, columns, size, 0, out + run.packed * F64, stride);
    }
  }

  /** ∂ε/∂p̂, [row][stride], from ∂ε/∂z, [row][size]. */
  #timesProjection({ pointer, rows: features, columns: size, packedTransposed }: ResidentMatrix, slopes: number, count: number, out: number): void {
    const { kernels, runs, stride } = this.#features;
    if (this.#allPresent(features)) {
      kernels.exports.gemmPacked(0, count, features, size, 1, slopes, size, packedTransposed, 0, out, stride);
      return;
    }
    for (const run of runs) {
      const rows = pointer + run.full * size * F64;
      kernels.exports.gemm(0, 1, count, run.size, size, 1, slopes, size, rows, size, 0, out + run.packed * F64, stride);
    }
  }

  /** Whether the rows of the batch hold all features, so that prepared factors apply. */
  #allPresent(features: number): boolean {
    return this.#features.rowSize === features;
  }

  /** out [count][columns] ← rows · matrix, over the features present. */
  #timesRowsOf({ pointer, rows: features, columns, packed }: ResidentMatrix, rows: number, count: number, out: number): void {
    const { kernels, runs, stride } = this.#features;
    if (this.#allPresent(features)) {
      kernels.exports.gemmPacked(0, count, columns, features, 1, rows, stride, packed, 0, out, columns);
      return;
    }
    if (runs.length === 0) kernels.float64(out, count * columns).fill(0);
    runs.forEach((run, index) => {
      kernels.exports.gemm(
        0,
        0,
        count,
        columns,
        run.size,
        1,
        rows + run.packed * F64,
        stride,
        pointer + run.full * columns * F64,
        columns,
        index === 0 ? 0 : 1,
        out,
        columns,
      );
    });
  }
}

function copyColumns(
  kernels: FeaturePass["kernels"],
  from: number,
  fromStride: number,
  to: number,
  toStride: number,
  rows: number,
  columns: number,
): void {
  for (let row = 0; row < rows; row++)
    kernels.float64(to + row * toStride * F64, columns).set(kernels.float64(from + row * fromStride * F64, columns));
}
