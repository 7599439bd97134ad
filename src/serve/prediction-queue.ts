/** Predictions for many callers on one evaluator: first come, first served, so many at a time. */
import type { Evaluator, Prediction } from "../backend/backend.js";
import type { Structure } from "../structure/structure.js";

export class PredictionQueue {
  readonly #evaluator: Evaluator;
  readonly #width: number;
  #running = 0;
  readonly #waiting = new Set<() => void>();

  /** @param width predictions at a time: the threads of a CPU, which each take one, or 1 */
  constructor(evaluator: Evaluator, width: number) {
    this.#evaluator = evaluator;
    this.#width = width;
  }

  /** Predictions that wait for their turn. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * Energies (eV), forces (eV/Å) and virials (eV) of the structures, in one turn.
   * @throws InputError and NumericalError as the evaluator, the signal's reason where it fires; a prediction that has not begun is dropped then.
   */
  async predict(structures: readonly Structure[], signal: AbortSignal): Promise<Prediction[]> {
    await this.#turn(signal);
    try {
      return await this.#evaluator.predict(structures, { signal });
    } finally {
      this.#running--;
      const [next] = this.#waiting;
      next?.();
    }
  }

  async #turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#running >= this.#width) {
      await new Promise<void>((resolve, reject) => {
        const leave = (): void => {
          this.#waiting.delete(enter);
          reject(signal.reason);
        };
        const enter = (): void => {
          this.#waiting.delete(enter);
          signal.removeEventListener("abort", leave);
          // Here and not after the promise: who comes in between must not find the place free.
          this.#running++;
          resolve();
        };
        this.#waiting.add(enter);
        signal.addEventListener("abort", leave, { once: true });
      });
      return;
    }
    this.#running++;
  }
}
