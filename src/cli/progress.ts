import { SingleBar } from "cli-progress";
import type { Progress } from "../index.js";
import type { CommandIo } from "./command-io.js";

/** Seconds between lines about one stage where there is no terminal to draw a bar in. */
const silence = 10;

/** "2 h 5 min", "3 min 20 s", "12 s": of few digits, since it is a guess. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  // From ten minutes on seconds say nothing.
  if (whole < 600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(whole / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Shows the progress of jobs on standard error: a bar on a terminal, in a log file a line when a stage begins and then now and again. */
export class ProgressDisplay {
  private readonly stderr: CommandIo["stderr"];
  private stage: string | null = null;
  private spoken = 0;
  private bar: SingleBar | null = null;

  constructor(stderr: CommandIo["stderr"]) {
    this.stderr = stderr;
  }

  /** To be handed to jobs as `onProgress`. */
  readonly report = ({ stage, done, total, secondsLeft }: Progress): void => {
    const left = secondsLeft === undefined ? "" : `, about ${formatDuration(secondsLeft)} left`;
    const now = performance.now() / 1000;
    if (stage !== this.stage) {
      this.finish();
      [this.stage, this.spoken] = [stage, now];
      if (this.stderr.isTTY) this.bar = this.startBar(stage, total);
      else this.stderr.write(`${stage}${left}\n`);
    }
    if (this.bar) {
      this.bar.setTotal(total);
      this.bar.update(done, { left });
    } else if (now - this.spoken > silence) {
      this.spoken = now;
      this.stderr.write(`${stage}: ${done}/${total} (${Math.round((100 * done) / Math.max(total, 1))} %)${left}\n`);
    }
  };

  /** A line of its own, above what is being shown. */
  say(line: string): void {
    const shown = this.bar !== null && this.stage !== null ? { stage: this.stage, total: this.bar.getTotal() } : null;
    this.bar?.stop();
    this.stderr.write(`${line}\n`);
    this.bar = shown ? this.startBar(shown.stage, shown.total) : null;
  }

  /** Ends what is being shown; harmless when nothing is. */
  finish(): void {
    this.bar?.stop();
    this.bar = null;
    this.stage = null;
  }

  private startBar(stage: string, total: number): SingleBar {
    const stream = this.stderr.terminal ?? (this.stderr as NodeJS.WritableStream);
    const format = `${stage} [{bar}] {percentage} %  {value}/{total}  {duration_formatted}{left}`;
    const bar = new SingleBar({ stream, format, clearOnComplete: true, linewrap: true, barsize: 30, gracefulExit: false });
    bar.start(total, 0, { left: "" });
    return bar;
  }
}
