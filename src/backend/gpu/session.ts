// A device and what is ready on it. When the device is lost, all of it is.
import type { Hyperparameters } from "../../features/hyperparameters.js";
import { RecentlyUsed } from "../recently-used.js";
import type { GpuContext } from "./context.js";
import { FeaturePipeline } from "./feature-pipeline.js";

/** On a software adapter a chunk must not take seconds. */
const SOFTWARE_ROWS = 512;
/** Feature sets kept ready. */
const KEPT = 4;

export class GpuSession {
  readonly context: GpuContext;
  /** Most centers of a chunk. */
  readonly rowLimit: number;
  readonly #pipelines = new RecentlyUsed<Promise<FeaturePipeline>>(KEPT, (old) => void old.then((ready) => ready.destroy()));

  /** @param rowLimit most centers of a chunk; by default what fits the adapter. */
  constructor(context: GpuContext, rowLimit: number | undefined) {
    this.context = context;
    this.rowLimit = rowLimit ?? (context.adapter.software ? SOFTWARE_ROWS : Infinity);
  }

  pipeline({ cutoff, density, basis, features }: Hyperparameters, species: readonly number[]): Promise<FeaturePipeline> {
    const key = JSON.stringify([cutoff, density, basis, features, species]);
    return this.#pipelines.get(key, () => {
      const pipeline = FeaturePipeline.create(this.context, { cutoff, density, basis, features }, species);
      pipeline.catch(() => this.#pipelines.forget(key));
      return pipeline;
    });
  }

  destroy(): void {
    this.context.destroy();
    this.#pipelines.clear();
  }
}
