import { annotateStructure, type Evaluator, type Structure } from "../index.js";
import { SIGMA_NAMES } from "./predict.js";

/** Not a failure: the end of a run that was to end so. */
export class TooUncertain extends Error {}

/** Looks at the frames of a run with the committee of its model. */
export class UncertaintyWatch {
  readonly #evaluator: Evaluator;
  readonly #limit: number;

  /** Takes over the evaluator. @param limit eV/Å */
  constructor(evaluator: Evaluator, limit: number) {
    this.#evaluator = evaluator;
    this.#limit = limit;
  }

  /** The frame with its expected errors, and what to end the run with if one of them is beyond the limit. */
  async look(frame: Structure): Promise<{ frame: Structure; beyond: TooUncertain | null }> {
    const [prediction] = await this.#evaluator.predict([frame], { uncertainty: true });
    const { energy, forces } = prediction!.uncertainty!;
    const largest = forces!.reduce((most, sigma) => Math.max(most, sigma), 0);
    const at = forces!.indexOf(largest);
    const step = String(frame.info.get("step"));
    const beyond = largest > this.#limit
      ? new TooUncertain(`in step ${step} the force on atom ${Math.floor(at / 3)} has an expected error of ${largest.toPrecision(3)} eV/Å, more than ${this.#limit}`) : null;
    const annotated = annotateStructure(frame, {
      info: [[SIGMA_NAMES.energy, energy]], arrays: [[SIGMA_NAMES.forces, { kind: "R", width: 3, values: forces! }]],
    });
    return { frame: annotated, beyond };
  }

  destroy(): void {
    this.#evaluator.destroy();
  }
}
