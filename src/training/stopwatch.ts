// Seconds of the stages of a job.
export interface Stopwatch {
  readonly seconds: Record<string, number>;
  /** Books the time since the last stop under this name. */
  stop(stage: string): void;
}

export function stopwatch(): Stopwatch {
  const seconds: Record<string, number> = {};
  let last = performance.now();
  return {
    seconds,
    stop(stage) {
      const now = performance.now();
      seconds[stage] = (seconds[stage] ?? 0) + (now - last) / 1000;
      last = now;
    },
  };
}
