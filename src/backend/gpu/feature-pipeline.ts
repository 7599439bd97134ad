// Forward passes: positions → pairs → density coefficients → features, for one set of hyperparameters that stays on the GPU.
import type { Hyperparameters } from "../../features/hyperparameters.js";
import { ChainPass } from "./chain-pass.js";
import type { GpuContext } from "./context.js";
import { DensityCoefficientsPass } from "./density-coefficients-pass.js";
import { createFeatureTables, type FeatureTables } from "./feature-tables.js";
import { NeighborLists } from "./neighbor-lists.js";
import { PowerSpectrumPass } from "./power-spectrum-pass.js";
import { ResidentTables } from "./resident-tables.js";
import type { RowRange } from "./rows.js";
import type { Workspace } from "./workspace.js";

export class FeaturePipeline {
  readonly resident: ResidentTables;
  readonly lists: NeighborLists;
  readonly #coefficients: DensityCoefficientsPass;
  readonly #spectrum: PowerSpectrumPass | ChainPass;

  private constructor(resident: ResidentTables, lists: NeighborLists, coefficients: DensityCoefficientsPass, spectrum: PowerSpectrumPass | ChainPass) {
    this.resident = resident;
    this.lists = lists;
    this.#coefficients = coefficients;
    this.#spectrum = spectrum;
  }

  static async create(context: GpuContext, hyperparameters: Hyperparameters, species: readonly number[]): Promise<FeaturePipeline> {
    const tables = createFeatureTables(hyperparameters, species);
    let resident: ResidentTables | null = null;
    try {
      return await context.run("preparing the features", async () => {
        const own = (resident = new ResidentTables(context, tables));
        const [lists, coefficients, spectrum] = await Promise.all([
          NeighborLists.create(context, species, tables.cutoff),
          DensityCoefficientsPass.create(context, own),
          tables.chain ? ChainPass.create(context, own, tables.chain) : PowerSpectrumPass.create(context, own),
        ]);
        return new FeaturePipeline(own, lists, coefficients, spectrum);
      });
    } catch (error) {
      // Also when all was made and the GPU then had no memory for it.
      (resident as ResidentTables | null)?.destroy();
      throw error;
    }
  }

  get tables(): FeatureTables {
    return this.resident.tables;
  }

  /** Bytes of one row in each buffer that these passes fill. */
  get rowBytes(): number[] {
    return [this.resident.coefficientBytes, this.resident.featureBytes, 16, ...this.#spectrum.rowBytes];
  }

  reserve(workspace: Workspace, rows: number): void {
    workspace.reserve("coefficients", rows * this.resident.coefficientBytes);
    workspace.reserve("features", rows * this.resident.featureBytes);
    workspace.reserve("environments", rows * 16);
    this.#spectrum.reserve(workspace, rows);
  }

  bind(workspace: Workspace): void {
    this.#coefficients.bind(workspace);
    this.#spectrum.bind(workspace);
  }

  encode(pass: GPUComputePassEncoder, rows: RowRange, withSpectrum: boolean): void {
    this.#coefficients.encode(pass, rows);
    if (withSpectrum) this.#spectrum.encode(pass, rows);
  }

  destroy(): void {
    this.#spectrum.destroy();
    this.resident.destroy();
  }
}
