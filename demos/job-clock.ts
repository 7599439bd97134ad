// How much of a whole job is done: the stages that it will have, each with the time that it took before, or with a share of a simple cost model.
import type { Progress } from "lather";

export interface PlannedStage {
  /** As the progress names it, or the beginning of the name. */
  readonly name: string;
  /** Expected time; only ratios count. */
  readonly cost: number;
}

export interface JobClock {
  /** Share of the whole job that is done, never falling. */
  advance(progress: Progress, now: number): number;
  /** Milliseconds that are left at the pace so far; null while that is a guess. */
  left(now: number): number | null;
  /** The plan with the times that the stages took, for the next job like this. */
  measured(now: number): PlannedStage[];
}

/** Shares below this say nothing yet about the pace. */
const LEAST_SHARE = 0.1;
const LEAST_MS = 1500;

export function createJobClock(plan: readonly PlannedStage[], begun: number): JobClock {
  const whole = plan.reduce((sum, { cost }) => sum + cost, 0) || 1;
  const times = plan.map(() => 0);
  let current = -1;
  let since = begun;
  let share = 0;
  const before = (index: number): number => plan.slice(0, index).reduce((sum, { cost }) => sum + cost, 0);
  const book = (now: number): void => {
    if (current >= 0) times[current]! += now - since;
    since = now;
  };
  return {
    advance({ stage, done, total }, now) {
      const index = plan.findIndex(({ name }) => stage.startsWith(name));
      // A stage that was not foreseen takes nothing from the others.
      if (index >= 0) {
        book(now);
        current = index;
        const within = total > 0 ? Math.min(1, done / total) : 0;
        share = Math.max(share, (before(index) + within * plan[index]!.cost) / whole);
      }
      return share;
    },
    left(now) {
      const elapsed = now - begun;
      return share < LEAST_SHARE || share >= 1 || elapsed < LEAST_MS ? null : (elapsed * (1 - share)) / share;
    },
    measured(now) {
      book(now);
      // A stage that did not come this time takes nothing; one too short to see still has its place.
      return plan.map(({ name }, index) => ({ name, cost: Math.max(1, times[index]!) }));
    },
  };
}

function inWords(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** "about 12 s left"; empty where it is not known. */
export function leftInWords(milliseconds: number | null): string {
  return milliseconds === null ? "" : `about ${inWords(milliseconds)} left`;
}
