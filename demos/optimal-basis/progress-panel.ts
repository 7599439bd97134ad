// How far the computation is: the stage, its share and the time. Timers, not animation frames: they go on in a hidden tab.
import type { Progress } from "lather";

export interface ProgressPanel {
  start(): void;
  report(progress: Progress): void;
  /** Stops the clock with a last word. */
  stop(heading: string, ending: string): void;
}

export function createProgressPanel(): ProgressPanel {
  const find = <Kind extends HTMLElement>(id: string): Kind => document.querySelector<Kind>(`#${id}`)!;
  const [panel, title, elapsed, stage, percent, bar] = [
    find("run"), find("run-title"), find("elapsed"), find("stage"), find("percent"), find<HTMLProgressElement>("bar"),
  ];
  let clock = 0;
  let begun = 0;
  const seconds = (): string => `${((performance.now() - begun) / 1000).toFixed(1)} s`;
  return {
    start() {
      begun = performance.now();
      panel.hidden = false;
      // Below the form on a narrow screen.
      panel.scrollIntoView({ block: "nearest" });
      title.textContent = "Computing";
      stage.textContent = "starting the workers";
      percent.textContent = "";
      bar.hidden = false;
      bar.removeAttribute("value");
      clearInterval(clock);
      const tick = (): void => void (elapsed.textContent = `${seconds()} elapsed`);
      clock = window.setInterval(tick, 100);
      tick();
    },
    report(progress) {
      stage.textContent = progress.stage;
      if (progress.total > 0) {
        const share = Math.min(1, progress.done / progress.total);
        bar.value = share;
        percent.textContent = `${Math.floor(100 * share)} %`;
      } else {
        bar.removeAttribute("value");
        percent.textContent = "";
      }
    },
    stop(heading, ending) {
      clearInterval(clock);
      title.textContent = heading;
      stage.textContent = ending;
      percent.textContent = "";
      bar.hidden = true;
      elapsed.textContent = `${seconds()} in all`;
    },
  };
}
