// How far the whole job is: one bar, the stage by its name, the time gone and left, and the stages that are done. Timers, not animation
// frames: they go on in a hidden tab.
import type { Progress } from "lather";
import { createJobClock, leftInWords, type JobClock, type PlannedStage } from "./job-clock.js";

export interface ProgressPanel {
  /** A new job with these stages; where the last one had the same and finished, its times count instead of the costs. */
  start(plan: readonly PlannedStage[]): void;
  report(progress: Progress): void;
  /** Stops the clock with a last word; the stage in progress counts as done when nothing went wrong. */
  stop(heading: string, ending: string, complete: boolean): void;
}

function seconds(milliseconds: number): string {
  const whole = Math.floor(milliseconds / 1000);
  return milliseconds < 60000 ? `${(milliseconds / 1000).toFixed(1)} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

function key(plan: readonly PlannedStage[]): string {
  return plan.map(({ name }) => name).join("\n");
}

/** @param title of the card while the job runs: "Training" */
export function createProgressPanel(heading: string): ProgressPanel {
  const find = <Kind extends HTMLElement>(id: string): Kind => document.querySelector<Kind>(`#${id}`)!;
  const [panel, title, elapsed, stage, percent, stages] = [
    find("run"), find("run-title"), find("elapsed"), find("stage"), find("percent"), find("stages"),
  ];
  const bar = find<HTMLProgressElement>("bar");
  const pageTitle = document.title;
  const before = new Map<string, readonly PlannedStage[]>();
  let plan: readonly PlannedStage[] = [];
  let job: JobClock = createJobClock([], 0);
  let timer = 0;
  let begun = 0;
  let current = { stage: "", begun: 0 };
  /** Milliseconds of stages that are done; a stage that comes again (per element, per set) adds to its line. */
  const finished = new Map<string, number>();

  const finishStage = (now: number): void => {
    if (current.stage === "") return;
    finished.set(current.stage, (finished.get(current.stage) ?? 0) + now - current.begun);
    stages.replaceChildren(
      ...[...finished].map(([name, time]) => {
        const item = document.createElement("li");
        item.textContent = `${name} ${seconds(time)}`;
        return item;
      }),
    );
  };
  const tick = (): void => {
    const now = performance.now();
    elapsed.textContent = [`${seconds(now - begun)} elapsed`, leftInWords(job.left(now))].filter((words) => words !== "").join(", ");
  };

  return {
    start(stagesToCome) {
      begun = performance.now();
      plan = before.get(key(stagesToCome)) ?? stagesToCome;
      job = createJobClock(plan, begun);
      current = { stage: "", begun };
      finished.clear();
      stages.replaceChildren();
      panel.hidden = false;
      // Below the form on a narrow screen.
      panel.scrollIntoView({ block: "nearest" });
      title.textContent = heading;
      stage.textContent = "starting the workers";
      percent.textContent = "";
      bar.hidden = false;
      bar.value = 0;
      clearInterval(timer);
      timer = window.setInterval(tick, 100);
      tick();
    },
    report(progress) {
      const now = performance.now();
      if (progress.stage !== current.stage) {
        finishStage(now);
        current = { stage: progress.stage, begun: now };
        stage.textContent = progress.stage;
      }
      const share = job.advance(progress, now);
      bar.value = share;
      percent.textContent = `${Math.floor(100 * share)} %`;
      document.title = `${Math.floor(100 * share)} % · ${progress.stage} · Lather`;
    },
    stop(word, ending, complete) {
      const now = performance.now();
      clearInterval(timer);
      if (complete) {
        finishStage(now);
        before.set(key(plan), job.measured(now));
      }
      current = { stage: "", begun: 0 };
      title.textContent = word;
      stage.textContent = ending;
      percent.textContent = "";
      bar.hidden = true;
      elapsed.textContent = `${seconds(now - begun)} in all`;
      document.title = pageTitle;
    },
  };
}
