// z = Vᵀ p̂, Eq. (14), of the centers of every element; where there is no V, the features themselves.
import type { CenterProjection } from "../backend.js";
import type { GpuContext } from "./context.js";
import type { FeatureOutput } from "./feature-job.js";
import { MatrixProductPass, paddedColumns, rightMatrix } from "./matrix-product-pass.js";
import type { ResidentTables } from "./resident-tables.js";

export class ComponentProjections {
  readonly output: FeatureOutput;
  readonly #passes: readonly (MatrixProductPass | null)[];

  private constructor(passes: readonly (MatrixProductPass | null)[], stride: number) {
    this.#passes = passes;
    this.output = {
      buffer: "components",
      stride,
      withSpectrum: true,
      further: {
        bind: (workspace) => passes.forEach((pass) => pass?.bind(workspace)),
        encode: (pass, chunk) => chunk.parts.forEach((part) => passes[part.element]?.encode(pass, part)),
      },
    };
  }

  static async create(
    context: GpuContext,
    { tables, featureBytes }: ResidentTables,
    species: readonly number[],
    centers: readonly CenterProjection[],
  ): Promise<ComponentProjections> {
    const features = tables.layout.size;
    const ofElement = species.map((z) => centers.find((center) => center.species === z) ?? null);
    const stride = paddedColumns(Math.max(1, ...ofElement.map((center) => center?.size ?? 0)));
    return context.run("preparing the projections", async () => {
      const passes: (MatrixProductPass | null)[] = [];
      for (const center of ofElement) {
        const matrix = center && rightMatrix(center.projection ?? identity(features), features, center.size, false);
        passes.push(
          matrix &&
            (await MatrixProductPass.create(context, "projection", matrix, {
              left: "features",
              leftStride: featureBytes / 4,
              out: "components",
              outStride: stride,
              accumulate: false,
            })),
        );
      }
      return new ComponentProjections(passes, stride);
    });
  }

  destroy(): void {
    for (const pass of this.#passes) pass?.destroy();
  }
}

/** Multiplying by 1 and adding zeros is exact. */
function identity(size: number): Float64Array {
  const matrix = new Float64Array(size * size);
  for (let k = 0; k < size; k++) matrix[k * size + k] = 1;
  return matrix;
}
