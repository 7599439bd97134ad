// Σ_i w_i Σ_m c c of the density coefficients of batches of environments, Eqs. (30), (31) and (42).
import type { EnvironmentBatch } from "./environments.js";
import type { FeaturePass } from "./feature-pass.js";

/** Which sums a task takes. */
export interface CovarianceTask {
  /** Blocks of centers. */
  readonly centers: number;
  /** One matrix over (a, n) for each l instead of one over n for each (a, l). */
  readonly mixed: boolean;
  /** Block to which centers of an element add, −1 for none, [element]. */
  readonly blockOf: Int32Array;
  /** w of each structure of the task. */
  readonly weights: Float64Array;
}

export class CovarianceSums {
  /** [center][species][l][n][n'], or mixed [center][l][an][a'n']. */
  readonly sums: Float64Array;
  readonly #features: FeaturePass;
  readonly #task: CovarianceTask;
  readonly #size: number;

  constructor(features: FeaturePass, task: CovarianceTask) {
    const { nMax, lMax, layout } = features.plan;
    this.#features = features;
    this.#task = task;
    this.#size = task.mixed ? layout.densities * nMax : nMax;
    this.sums = new Float64Array(task.centers * (task.mixed ? 1 : layout.densities) * (lMax + 1) * this.#size ** 2);
  }

  /** Whether a batch adds anything. */
  wants({ center }: EnvironmentBatch, structure: number): boolean {
    return this.#task.blockOf[center]! >= 0 && this.#task.weights[structure]! > 0;
  }

  /** Adds the batch whose coefficients are there. */
  add(structure: number): void {
    const { batch, plan } = this.#features;
    const { mixed, blockOf, weights } = this.#task;
    const block = blockOf[batch.center]!;
    const root = Math.sqrt(weights[structure]!);
    const positions = batch.present.map((_, k) => k);
    for (let l = 0; l <= plan.lMax; l++) {
      if (mixed) this.#addMatrix(positions, l, root, block * (plan.lMax + 1) + l, batch.present.map((density) => density * plan.nMax));
      else for (const k of positions) this.#addMatrix([k], l, root, (block * plan.layout.densities + batch.present[k]!) * (plan.lMax + 1) + l, [0]);
    }
  }

  /** Adds the products of the densities at these positions of the batch to one matrix, where their channels begin at `firsts`. */
  #addMatrix(positions: readonly number[], l: number, root: number, matrix: number, firsts: readonly number[]): void {
    const { kernels, batch, blockSize, plan } = this.#features;
    const { nMax, nStride } = plan;
    const mark = kernels.mark();
    const width = positions.length * nMax;
    const count = batch.members.length * (2 * l + 1);
    const [rows, product] = [this.#features.reserve(count * width), this.#features.reserve(width * width)];
    const to = kernels.float64(rows, count * width);
    let at = 0;
    for (let member = 0; member < batch.members.length; member++) {
      const blocks = positions.map((k) => kernels.float64(this.#features.block(member, k), blockSize));
      for (let lm = l * l; lm < (l + 1) ** 2; lm++) {
        for (const from of blocks) for (let n = lm * nStride; n < lm * nStride + nMax; n++) to[at++] = root * from[n]!;
      }
    }
    kernels.exports.syrk(width, count, 1, rows, width, 0, product, width);
    const values = kernels.float64(product, width * width);
    const [size, first] = [this.#size, matrix * this.#size ** 2];
    for (let i = 0; i < width; i++) {
      const row = firsts[Math.floor(i / nMax)]! + (i % nMax);
      for (let j = 0; j <= i; j++) {
        const column = firsts[Math.floor(j / nMax)]! + (j % nMax);
        this.sums[first + row * size + column]! += values[i * width + j]!;
        if (i > j) this.sums[first + column * size + row]! += values[i * width + j]!;
      }
    }
    kernels.release(mark);
  }
}
