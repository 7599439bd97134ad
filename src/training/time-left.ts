// How long a series of fits will take, from those that are done: seconds = a + b · work, by least squares with a, b ≥ 0.
import type { JobOptions } from "../backend/backend.js";

interface Done {
  readonly work: number;
  readonly seconds: number;
}

/** Seconds expected for some work; null while nothing has been done. */
export function expectedSeconds(done: readonly Done[], work: number): number | null {
  if (done.length === 0) return null;
  const mean = (of: (one: Done) => number): number => done.reduce((sum, one) => sum + of(one), 0) / done.length;
  const [meanWork, meanSeconds] = [mean((one) => one.work), mean(({ seconds }) => seconds)];
  const spread = mean((one) => (one.work - meanWork) ** 2);
  const slope = spread > 0 ? mean((one) => (one.work - meanWork) * (one.seconds - meanSeconds)) / spread : Infinity;
  const offset = meanSeconds - slope * meanWork;
  if (slope < 0) return meanSeconds;
  // One size of work tells no offset, and a negative one is none.
  if (!(offset >= 0)) {
    const square = mean((one) => one.work ** 2);
    return square > 0 ? (mean((one) => one.work * one.seconds) / square) * work : meanSeconds;
  }
  return offset + slope * work;
}

/** Of the fit that runs no more than this share counts as done before it is. */
const MOST_OF_RUNNING = 0.95;

/** The progress of a series of fits as that of one job: `done` of `total` in units of work, with the seconds that are left once a fit is done. */
export class FitSeries {
  readonly #works: readonly number[];
  readonly #options: JobOptions;
  readonly #now: () => number;
  readonly #done: Done[] = [];

  /**
   * @param works of each fit, in the order in which they run; what the time grows with
   * @param now seconds of a clock
   */
  constructor(works: readonly number[], options: JobOptions, now = () => performance.now() / 1000) {
    this.#works = works;
    this.#options = options;
    this.#now = now;
  }

  /** Runs the next fit with options that report the whole, under this name. */
  async next<Result>(stage: string, fit: (options: JobOptions) => Promise<Result>): Promise<Result> {
    const { signal, onProgress } = this.#options;
    signal?.throwIfAborted();
    const index = this.#done.length;
    const work = this.#works[index]!;
    const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
    const [before, total] = [sum(this.#works.slice(0, index)), sum(this.#works)];
    const begin = this.#now();
    const expected = expectedSeconds(this.#done, work);
    const later = sum(this.#works.slice(index + 1).map((next) => expectedSeconds(this.#done, next) ?? 0));
    const report = (): void => {
      const elapsed = this.#now() - begin;
      const share = expected === null ? 0 : Math.min(MOST_OF_RUNNING, elapsed / expected);
      const left = expected === null ? {} : { secondsLeft: Math.max(0, expected - elapsed) + later };
      onProgress?.({ stage, done: Math.round(before + share * work), total, ...left });
    };
    report();
    const result = await fit({ signal, onProgress: report });
    this.#done.push({ work, seconds: this.#now() - begin });
    if (index === this.#works.length - 1) onProgress?.({ stage, done: total, total, secondsLeft: 0 });
    return result;
  }
}
