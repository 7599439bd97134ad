// The sparse GP of the centers of one element on the GPU: p̂ → z → δ → energies, and back to ∂ε/∂p̂; Eqs. (14)–(16) and (21).
import type { LinearAlgebra } from "../../linalg/linear-algebra.js";
import type { CenterModel } from "../../model/potential.js";
import { CenteredFeaturesPass, centeredStride } from "./centered-features-pass.js";
import { centeredModel, type CenteredModel } from "./centered-model.js";
import type { GpuContext } from "./context.js";
import { CurvaturePass } from "./curvature-pass.js";
import { KernelPass } from "./kernel-pass.js";
import { MatrixProductPass, paddedColumns, rightMatrix } from "./matrix-product-pass.js";
import type { ResidentTables } from "./resident-tables.js";
import type { RowRange } from "./rows.js";
import type { BufferName, Workspace } from "./workspace.js";

/** What the passes of one element have in common. */
interface Pass {
  bind(workspace: Workspace): void;
  encode(pass: GPUComputePassEncoder, rows: RowRange): void;
  destroy(): void;
}

export class ElementKernel {
  /** Σ_m x_m a_m^ζ: what the energies of the GPU leave out, eV. */
  readonly constant: number;
  /** Bytes of a row in the buffers that this kernel fills. */
  readonly rowBytes: Readonly<Partial<Record<BufferName, number>>>;
  readonly #forward: readonly Pass[];
  readonly #backward: readonly Pass[];

  private constructor({ constant, size, points }: CenteredModel, forward: readonly Pass[], backward: readonly Pass[], isProjected: boolean) {
    this.constant = constant;
    this.#forward = forward;
    this.#backward = backward;
    const columns = 4 * paddedColumns(size);
    this.rowBytes = {
      centered: 4 * centeredStride(size),
      products: 4 * paddedColumns(points),
      ...(isProjected ? { components: columns, slope: columns } : {}),
    };
  }

  /** To be called within GpuContext.run. */
  static async create(
    context: GpuContext,
    algebra: LinearAlgebra,
    resident: ResidentTables,
    center: CenterModel,
    zeta: number,
  ): Promise<ElementKernel> {
    const { tables, featureBytes } = resident;
    const model = centeredModel(algebra, center, zeta);
    const { projection } = center;
    const { points, size, centered, curvature, order } = model;
    const features = tables.layout.size;
    const [columns, pointColumns, gradient] = [paddedColumns(size), paddedColumns(points), paddedColumns(features)];
    const p = { left: "features", leftStride: featureBytes / 4 } as const;
    const delta = { left: "centered", leftStride: centeredStride(size) } as const;
    // ∂ε/∂z; without a projection it is ∂ε/∂p̂.
    const slope = projection ? ({ out: "slope", outStride: columns } as const) : ({ out: "gradient", outStride: gradient } as const);
    const forward: Pass[] = [];
    const backward: Pass[] = [];
    const add = async (passes: Pass[], pass: Promise<Pass>): Promise<void> => void passes.push(await pass);
    const product = MatrixProductPass.create;
    try {
      if (projection)
        await add(
          forward,
          product(context, "projection", rightMatrix(projection, features, size, false), {
            ...p,
            out: "components",
            outStride: columns,
            accumulate: false,
          }),
        );
      await add(
        forward,
        CenteredFeaturesPass.create(context, model, projection ? "components" : "features", projection ? columns : featureBytes / 4),
      );
      if (curvature) {
        await add(forward, product(context, "curvature", rightMatrix(curvature.matrix, size, size, true), { ...delta, ...slope, accumulate: false }));
        await add(forward, CurvaturePass.create(context, size, slope.out, slope.outStride));
      }
      if (order <= zeta)
        await add(
          forward,
          product(context, "sparse points", rightMatrix(centered, size, points, true), {
            ...delta,
            out: "products",
            outStride: pointColumns,
            accumulate: false,
          }),
        );
      await add(forward, KernelPass.create(context, resident, model, center, curvature !== null && !projection));
      if (order <= zeta) {
        const place = { left: "products", leftStride: pointColumns, ...slope, accumulate: curvature !== null || !projection } as const;
        await add(backward, product(context, "sparse points, transposed", rightMatrix(centered, points, size, false), place));
      }
      if (projection && (curvature || order <= zeta)) {
        const place = { left: "slope", leftStride: columns, out: "gradient", outStride: gradient, accumulate: true } as const;
        await add(backward, product(context, "projection, transposed", rightMatrix(projection, size, features, true), place));
      }
      return new ElementKernel(model, forward, backward, projection !== null);
    } catch (error) {
      for (const pass of [...forward, ...backward]) pass.destroy();
      throw error;
    }
  }

  bind(workspace: Workspace): void {
    for (const pass of [...this.#forward, ...this.#backward]) pass.bind(workspace);
  }

  /** Energies of the rows and, with `forces`, ∂ε/∂p̂. */
  encode(pass: GPUComputePassEncoder, rows: RowRange, forces: boolean): void {
    for (const step of this.#forward) step.encode(pass, rows);
    if (forces) for (const step of this.#backward) step.encode(pass, rows);
  }

  destroy(): void {
    for (const pass of [...this.#forward, ...this.#backward]) pass.destroy();
  }
}
