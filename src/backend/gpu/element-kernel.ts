// The sparse GP of the centers of one element on the GPU: p̂ → z → δ → products → energies, and back to ∂ε/∂p̂; Eqs. (14)–(16) and (21).
import type { CenterModel } from "../../model/potential.js";
import { CenteredFeaturesPass, centeredStride } from "./centered-features-pass.js";
import { centeredModel, type CenteredModel } from "./centered-model.js";
import type { GpuContext } from "./context.js";
import { KernelPass } from "./kernel-pass.js";
import { MatrixProductPass, paddedColumns, rightMatrix } from "./matrix-product-pass.js";
import type { ResidentTables } from "./resident-tables.js";
import type { RowRange } from "./rows.js";
import type { BufferName, Workspace } from "./workspace.js";

/** Passes in the order of their use. */
interface Passes {
  readonly project: MatrixProductPass | null;
  readonly center: CenteredFeaturesPass;
  readonly multiply: MatrixProductPass;
  readonly kernel: KernelPass;
  readonly back: MatrixProductPass;
  readonly unproject: MatrixProductPass | null;
}

export class ElementKernel {
  /** Σ_m x_m a_m^ζ: what the energies of the GPU leave out, eV. */
  readonly constant: number;
  /** Bytes of a row in the buffers that this kernel fills. */
  readonly rowBytes: Readonly<Partial<Record<BufferName, number>>>;
  readonly #passes: Passes;

  private constructor(passes: Passes, { constant, size, points }: CenteredModel, projected: boolean) {
    this.#passes = passes;
    this.constant = constant;
    const columns = 4 * paddedColumns(size);
    this.rowBytes = { centered: 4 * centeredStride(size), products: 4 * paddedColumns(points), ...(projected ? { components: columns, slope: columns } : {}) };
  }

  /** To be called within GpuContext.run; a failure leaves buffers that go with the context. */
  static async create(context: GpuContext, resident: ResidentTables, center: CenterModel, zeta: number): Promise<ElementKernel> {
    const { tables, featureBytes } = resident;
    const model = centeredModel(center, zeta);
    const { projection } = center;
    const { points, size, centered } = model;
    const features = tables.layout.size;
    const [columns, gradient] = [paddedColumns(size), paddedColumns(features)];
    const source = projection ? { name: "components", stride: columns } as const : { name: "features", stride: featureBytes / 4 } as const;
    const slope = projection ? { name: "slope", stride: columns } as const : { name: "gradient", stride: gradient } as const;
    const project = projection && (await MatrixProductPass.create(context, "projection", rightMatrix(projection, features, size, false), {
      left: "features", leftStride: featureBytes / 4, out: "components", outStride: columns, accumulate: false,
    }));
    const centering = await CenteredFeaturesPass.create(context, model, source.name, source.stride);
    const multiply = await MatrixProductPass.create(context, "sparse points", rightMatrix(centered, size, points, true), {
      left: "centered", leftStride: centeredStride(size), out: "products", outStride: paddedColumns(points), accumulate: false,
    });
    const kernel = await KernelPass.create(context, resident, model, center, zeta);
    const back = await MatrixProductPass.create(context, "sparse points, transposed", rightMatrix(centered, points, size, false), {
      left: "products", leftStride: paddedColumns(points), out: slope.name, outStride: slope.stride, accumulate: !projection,
    });
    const unproject = projection && (await MatrixProductPass.create(context, "projection, transposed", rightMatrix(projection, size, features, true), {
      left: "slope", leftStride: columns, out: "gradient", outStride: gradient, accumulate: true,
    }));
    return new ElementKernel({ project, center: centering, multiply, kernel, back, unproject }, model, projection !== null);
  }

  bind(workspace: Workspace): void {
    for (const pass of Object.values(this.#passes) as (Passes[keyof Passes])[]) pass?.bind(workspace);
  }

  /** Energies of the rows and, with `forces`, ∂ε/∂p̂. */
  encode(pass: GPUComputePassEncoder, rows: RowRange, forces: boolean): void {
    const { project, center, multiply, kernel, back, unproject } = this.#passes;
    project?.encode(pass, rows);
    center.encode(pass, rows);
    multiply.encode(pass, rows);
    kernel.encode(pass, rows);
    if (!forces) return;
    back.encode(pass, rows);
    unproject?.encode(pass, rows);
  }

  destroy(): void {
    for (const pass of Object.values(this.#passes) as (Passes[keyof Passes])[]) pass?.destroy();
  }
}
