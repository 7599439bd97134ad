import type { PlanRecipe } from "./plan-recipe.js";
import type { Task } from "./tasks.js";

/** Whoever runs the tasks of a backend: the threads of this process, or workers on other machines. */
export interface TaskPool {
  /** Tasks that run at the same time. */
  readonly threads: number;
  /** Makes a plan known; whoever runs a task gets it with the first one. */
  addPlan(recipe: PlanRecipe): number;
  removePlan(id: number): void;
  /**
   * Results in the order of the tasks, a bounded number of them under way. The sums of a fit may come for SUM_TASKS tasks at once
   * (src/backend/collect-fit.ts), with the last of these tasks. When the caller stops early or `signal` fires, tasks that have not begun are dropped.
   */
  map<T extends Task, R>(plan: number, tasks: Iterable<T> | AsyncIterable<T>, signal?: AbortSignal): AsyncGenerator<{ task: T; result: R }>;
  destroy(): void;
}
