// How long a series of fits will take, from those that are done: seconds = a + b · work, by least squares with a, b ≥ 0.
import type { JobOptions, Progress } from "../backend/backend.js";

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
/** The stage of a fit that takes most of its time, and goes on evenly. */
const LONGEST_STAGE = "kernel rows";

/** Guesses how long the first fit of all takes, as soon as its longest stage is on its way: at the pace that this has. */
class FirstGuess {
  readonly #begin: number;
  #first: { readonly done: number; readonly at: number } | null = null;
  /** Seconds; null until two looks at the stage. */
  seconds: number | null = null;

  constructor(begin: number) {
    this.#begin = begin;
  }

  look({ stage, done, total }: Progress, now: number): void {
    if (stage !== LONGEST_STAGE) return;
    this.#first ??= { done, at: now };
    if (done > this.#first.done) this.seconds = now - this.#begin + ((now - this.#first.at) / (done - this.#first.done)) * (total - done);
  }
}

/** The progress of a series of fits as that of one job: `done` of `total` in units of work, with the seconds that are left as soon as there is a pace. */
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
    const guess = new FirstGuess(begin);
    const report = (): void => {
      const elapsed = this.#now() - begin;
      const done = this.#done.length > 0 || guess.seconds === null ? this.#done : [{ work, seconds: guess.seconds }];
      const expected = expectedSeconds(done, work);
      if (expected === null) {
        onProgress?.({ stage, done: before, total });
        return;
      }
      const later = sum(this.#works.slice(index + 1).map((next) => expectedSeconds(done, next)!));
      const share = Math.min(MOST_OF_RUNNING, elapsed / expected);
      onProgress?.({ stage, done: Math.round(before + share * work), total, secondsLeft: Math.max(0, expected - elapsed) + later });
    };
    report();
    const result = await fit({
      signal,
      onProgress: (progress) => {
        guess.look(progress, this.#now());
        report();
      },
    });
    this.#done.push({ work, seconds: this.#now() - begin });
    if (index === this.#works.length - 1) onProgress?.({ stage, done: total, total, secondsLeft: 0 });
    return result;
  }
}
