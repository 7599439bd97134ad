// Kernels between a batch of environments and the sparse points, Eqs. (14)–(16), their reverse pass, and the rows of a fit, Eq. (23).
import type { FeaturePass } from "./feature-pass.js";
import type { KernelPlan, KernelPlanCenter } from "./plan.js";

const F64 = 8;

/** The sparse points of one center element in the kernels' memory. */
interface ResidentCenter {
  readonly size: number;
  /** [feature][size], or 0. */
  readonly projection: number;
  /** [points][size], the number of points rounded up to an even one with a row of zeros. */
  readonly sparsePoints: number;
  /** [points], 0 in the padding. */
  readonly weights: number;
  readonly factor: number;
  readonly points: number;
  /** Points without the padding. */
  readonly used: number;
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
    const padded = (values: Float64Array, length: number): number => {
      const pointer = this.#features.reserve(length);
      kernels.float64(pointer, length).fill(0).set(values);
      return pointer;
    };
    return {
      size: center.size, points, used, column,
      projection: center.projection ? this.#features.place(center.projection) : 0,
      sparsePoints: padded(center.sparsePoints, points * center.size),
      weights: padded(center.weights, points),
      factor: center.factor ? this.#features.place(center.factor) : 0,
    };
  }

  /** Sparse points of the batch's center element; null where the potential has none. */
  get center(): ResidentCenter | null {
    return this.#centers[this.#features.batch.center]!;
  }

  get centers(): readonly (ResidentCenter | null)[] {
    return this.#centers;
  }

  /** z = Vᵀ p̂ for `count` rows of features or of their derivatives, [row][size]; without a projection the rows themselves, in full columns. */
  project(center: ResidentCenter, rows: number, count: number): number {
    const { kernels, runs, stride } = this.#features;
    const out = this.#features.reserve(count * center.size);
    if (center.projection === 0 || runs.length === 0) {
      kernels.float64(out, count * center.size).fill(0);
      for (const { packed, full, size } of runs) copyColumns(kernels, rows + packed * F64, stride, out + full * F64, center.size, count, size);
      return out;
    }
    runs.forEach(({ packed, full, size }, index) => {
      kernels.exports.gemm(0, 0, count, center.size, size, 1, rows + packed * F64, stride, center.projection + full * center.size * F64, center.size, index === 0 ? 0 : 1, out, center.size);
    });
    return out;
  }

  /** s = z·z_m of rows of features or their derivatives, [row][points]. */
  products(center: ResidentCenter, rows: number, count: number): number {
    const { kernels, runs, stride } = this.#features;
    const out = this.#features.reserve(count * center.points);
    if (center.projection !== 0) {
      const z = this.project(center, rows, count);
      kernels.exports.gemm(0, 1, count, center.points, center.size, 1, z, center.size, center.sparsePoints, center.size, 0, out, center.points);
      return out;
    }
    // Only the columns that occur around these centers are multiplied.
    if (runs.length === 0) kernels.float64(out, count * center.points).fill(0);
    runs.forEach(({ packed, full, size }, index) => {
      kernels.exports.gemm(0, 1, count, center.points, size, 1, rows + packed * F64, stride, center.sparsePoints + full * F64, center.size, index === 0 ? 0 : 1, out, center.points);
    });
    return out;
  }

  /** Environment energies of the batch without baseline, [member], and ∂ε/∂p̂, [member][stride] in eV. */
  energies(center: ResidentCenter, withGradient: boolean): { energies: number; gradient: number } {
    const { kernels, batch, rows, runs, stride } = this.#features;
    const count = batch.members.length;
    const energies = this.#features.reserve(count);
    const products = this.products(center, rows, count);
    kernels.exports.kernelEnergies(count, center.points, this.zeta, center.weights, products, energies);
    if (!withGradient) return { energies, gradient: 0 };
    const gradient = this.#features.reserve(count * stride);
    if (center.projection === 0) {
      for (const { packed, full, size } of runs) {
        kernels.exports.gemm(0, 0, count, size, center.points, 1, products, center.points, center.sparsePoints + full * F64, center.size, 0, gradient + packed * F64, stride);
      }
      return { energies, gradient };
    }
    const slope = this.#features.reserve(count * center.size);
    kernels.exports.gemm(0, 0, count, center.size, center.points, 1, products, center.points, center.sparsePoints, center.size, 0, slope, center.size);
    for (const { packed, full, size } of runs) {
      kernels.exports.gemm(0, 1, count, size, center.size, 1, slope, center.size, center.projection + full * center.size * F64, center.size, 0, gradient + packed * F64, stride);
    }
    return { energies, gradient };
  }
}

function copyColumns(kernels: FeaturePass["kernels"], from: number, fromStride: number, to: number, toStride: number, rows: number, columns: number): void {
  for (let row = 0; row < rows; row++) kernels.float64(to + row * toStride * F64, columns).set(kernels.float64(from + row * fromStride * F64, columns));
}
