// How far the training is: the stage, its share, the time, and the stages that are done. Timers, not animation frames: they go on in a hidden tab.
import type { Progress } from "lather";

export interface ProgressPanel {
  start(): void;
  report(progress: Progress): void;
  /** Stops the clock with a last word; the stage in progress counts as done when nothing went wrong. */
  stop(heading: string, ending: string, complete: boolean): void;
}

function seconds(milliseconds: number): string {
  const whole = Math.floor(milliseconds / 1000);
  return milliseconds < 60000 ? `${(milliseconds / 1000).toFixed(1)} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

export function createProgressPanel(): ProgressPanel {
  const find = <Kind extends HTMLElement>(id: string): Kind => document.querySelector<Kind>(`#${id}`)!;
  const [panel, title, elapsed, stage, percent, stages] = ["run", "run-title", "elapsed", "stage", "percent", "stages"].map((id) => find(id)) as [
    HTMLElement, HTMLElement, HTMLElement, HTMLElement, HTMLElement, HTMLElement,
  ];
  const bar = find<HTMLProgressElement>("bar");
  const pageTitle = document.title;
  let clock = 0;
  let begun = 0;
  let current = { stage: "", begun: 0 };
  /** Seconds of stages that are done; a stage that comes again (per element, per set) adds to its line. */
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
    elapsed.textContent = `${seconds(performance.now() - begun)} elapsed`;
  };

  return {
    start() {
      begun = performance.now();
      current = { stage: "", begun };
      finished.clear();
      stages.replaceChildren();
      panel.hidden = false;
      // Below the form on a narrow screen.
      panel.scrollIntoView({ block: "nearest" });
      title.textContent = "Training";
      stage.textContent = "starting the workers";
      percent.textContent = "";
      bar.hidden = false;
      bar.removeAttribute("value");
      clearInterval(clock);
      clock = window.setInterval(tick, 100);
      tick();
    },
    report(progress) {
      const now = performance.now();
      if (progress.stage !== current.stage) {
        finishStage(now);
        current = { stage: progress.stage, begun: now };
        stage.textContent = progress.stage;
      }
      if (progress.total > 0) {
        const share = Math.min(1, progress.done / progress.total);
        bar.value = share;
        percent.textContent = `${Math.floor(100 * share)} %`;
        document.title = `${Math.floor(100 * share)} % · ${progress.stage} · Lather`;
      } else {
        bar.removeAttribute("value");
        percent.textContent = "";
      }
    },
    stop(heading, ending, complete) {
      clearInterval(clock);
      if (complete) finishStage(performance.now());
      current = { stage: "", begun: 0 };
      title.textContent = heading;
      stage.textContent = ending;
      percent.textContent = "";
      bar.hidden = true;
      elapsed.textContent = `${seconds(performance.now() - begun)} in all`;
      document.title = pageTitle;
    },
  };
}
