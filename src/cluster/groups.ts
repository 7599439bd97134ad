// Tasks in groups, each of which is one job. The cut depends on the data alone, as that into tasks does.
import { SUM_TASKS } from "../backend/collect-fit.js";
import type { Task } from "../backend/cpu/tasks.js";

/** Whether the results of a group are one. */
export function isSum(task: Task): boolean {
  return task.kind === "rows" && !task.keepRows;
}

/** Atoms of a job, unless it is a sum or a single task. */
const JOB_ATOMS = 1024;

/** Sums in whole groups, since these decide on their bits; other tasks as many as make a job worth its way. */
export async function* grouped<T extends Task>(tasks: Iterable<T> | AsyncIterable<T>): AsyncGenerator<T[]> {
  let open: T[] = [];
  let atoms = 0;
  for await (const task of tasks) {
    const own = task.structures.reduce((sum, { first, end }) => sum + end - first, 0);
    if (open.length > 0 && !isSum(task) && atoms + own > JOB_ATOMS) {
      yield open;
      [open, atoms] = [[], 0];
    }
    open.push(task);
    atoms += own;
    if (open.length === SUM_TASKS || (task.kind === "rows" && task.endsSum)) {
      yield open;
      [open, atoms] = [[], 0];
    }
  }
  if (open.length > 0) yield open;
}

/** The results of a group with their tasks; a sum comes with the last one. */
export async function* settle<T, R>({ tasks, results }: { tasks: readonly T[]; results: Promise<unknown[]> }, signal: AbortSignal | undefined): AsyncGenerator<{ task: T; result: R }> {
  const all = (await results) as R[];
  signal?.throwIfAborted();
  for (let index = 0; index < all.length; index++) yield { task: tasks[tasks.length - all.length + index]!, result: all[index]! };
}
