// How far a search is, on the page's side: by the clock where the budget is a time, for one trial may keep the worker busy for seconds.
import type { Progress, TuningBudget } from "lather";

export interface SearchProgress {
  /** A run begins, with this budget of its search. */
  begin(budget: TuningBudget | null): void;
  /** Takes a report of the worker. */
  report(progress: Progress): void;
  /** The best so far, in words. */
  best(words: string): void;
  end(): void;
}

const STAGE = "settings";
/** Of a budget in seconds a search takes half and leaves the rest to the fit. */
const SHARE_OF_SEARCH = 0.5;
const INTERVAL_MS = 200;

/**
 * @param show takes every report, and those in between
 * @param place of the best so far, which stands there while the search runs
 */
export function createSearchProgress(show: (progress: Progress) => void, place: HTMLElement): SearchProgress {
  let timer = 0;
  let budget: TuningBudget | null = null;
  const end = (): void => {
    clearInterval(timer);
    timer = 0;
    place.textContent = "";
  };
  return {
    end,
    begin(own) {
      end();
      budget = own;
    },
    best: (words) => void (place.textContent = words),
    report(progress) {
      show(progress);
      if (progress.stage !== STAGE) return end();
      if (timer !== 0 || budget === null || !("seconds" in budget)) return;
      const [begun, whole] = [performance.now(), 1000 * SHARE_OF_SEARCH * budget.seconds];
      timer = window.setInterval(() => show({ stage: STAGE, done: Math.min(99, (100 * (performance.now() - begun)) / whole), total: 100 }), INTERVAL_MS);
    },
  };
}
