/** Wall-clock seconds per stage, in the order in which the stages ended. */
export class Stopwatch {
  private readonly begin = performance.now();
  private readonly stages: Record<string, number> = {};

  async time<Result>(stage: string, job: () => Promise<Result> | Result): Promise<Result> {
    const start = performance.now();
    const result = await job();
    this.add({ [stage]: (performance.now() - start) / 1000 });
    return result;
  }

  /** Stages that were timed elsewhere, in seconds. */
  add(seconds: Readonly<Record<string, number>>): void {
    for (const [stage, value] of Object.entries(seconds)) this.stages[stage] = (this.stages[stage] ?? 0) + value;
  }

  /** Seconds to the millisecond; `total` is the time since this stopwatch was made, not the sum. */
  get seconds(): Record<string, number> {
    const all = { ...this.stages, total: (performance.now() - this.begin) / 1000 };
    return Object.fromEntries(Object.entries(all).map(([stage, value]) => [stage, Math.round(value * 1000) / 1000]));
  }
}
