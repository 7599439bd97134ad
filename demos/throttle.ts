// Progress on its way from a worker to the page: no more of it than can be looked at.
import type { Progress } from "lather";

const INTERVAL_MS = 50;

/** Passes on changes of stage, ends, and one report per interval of the rest. */
export function throttle(send: (progress: Progress) => void): (progress: Progress) => void {
  let last = { stage: "", time: -Infinity };
  return (progress) => {
    const time = performance.now();
    if (progress.stage === last.stage && progress.done < progress.total && time - last.time < INTERVAL_MS) return;
    last = { stage: progress.stage, time };
    send(progress);
  };
}
