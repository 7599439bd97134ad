// Warm-up, then repetitions. The minimum is the time that the machine needs when nobody disturbs it; the median is what a user sees.
import { processorSeconds } from "./process-meter.js";

/** Seconds to spend, and repetitions to make at least. */
export interface Budget {
  readonly warmUp: number;
  readonly seconds: number;
  readonly repetitions: number;
}

export const STANDARD: Budget = { warmUp: 1, seconds: 3, repetitions: 7 };

/** Seconds of one repetition. */
export interface Timing {
  readonly minimum: number;
  readonly median: number;
  readonly repetitions: number;
  /** Processor time of the whole process over wall time: "one thread" should keep about one core busy. Null where nobody knows it. */
  readonly busyCores: number | null;
}

/** Runs until the budget is spent. V8 compiles WebAssembly twice, quickly and well: the warm-up must last until the second code is in use. */
export async function measure(run: () => unknown, { warmUp, seconds, repetitions }: Budget = STANDARD): Promise<Timing> {
  for (const end = performance.now() + 1000 * warmUp; performance.now() < end; ) await run();
  const times: number[] = [];
  const [processor, begin] = [processorSeconds(), performance.now()];
  for (const end = performance.now() + 1000 * seconds; times.length < repetitions || performance.now() < end; ) {
    const start = performance.now();
    await run();
    times.push((performance.now() - start) / 1000);
  }
  const busyCores = processor === null ? null : (processorSeconds()! - processor) / ((performance.now() - begin) / 1000);
  times.sort((a, b) => a - b);
  const half = times.length >> 1;
  const median = times.length % 2 === 1 ? times[half]! : (times[half - 1]! + times[half]!) / 2;
  return { minimum: times[0]!, median, repetitions: times.length, busyCores };
}
