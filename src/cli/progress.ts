import { SingleBar } from "cli-progress";
import type { Progress } from "../index.js";
import type { CommandIo } from "./command-io.js";

/** Seconds between lines about one stage where there is no terminal to draw a bar in. */
const silence = 10;

/** Shows the progress of jobs on standard error: a bar on a terminal, sparse lines in a log file. */
export class ProgressDisplay {
  private readonly stderr: CommandIo["stderr"];
  private stage: string | null = null;
  private started = 0;
  private spoken = 0;
  private bar: SingleBar | null = null;

  constructor(stderr: CommandIo["stderr"]) {
    this.stderr = stderr;
  }

  /** To be handed to jobs as `onProgress`. */
  readonly report = ({ stage, done, total }: Progress): void => {
    const now = performance.now() / 1000;
    if (stage !== this.stage) {
      this.finish();
      [this.stage, this.started, this.spoken] = [stage, now, now];
      this.begin(stage, total);
    }
    if (this.bar) {
      this.bar.setTotal(total);
      this.bar.update(done);
    } else if (now - this.spoken > silence) {
      this.spoken = now;
      this.stderr.write(`${stage}: ${done}/${total} (${Math.round((100 * done) / Math.max(total, 1))} %)\n`);
    }
  };

  /** Ends the stage that is being shown. */
  finish(): void {
    this.bar?.stop();
    this.bar = null;
    if (this.stage !== null) this.stderr.write(`${this.stage}: ${(performance.now() / 1000 - this.started).toFixed(1)} s\n`);
    this.stage = null;
  }

  /** Removes the bar without a word about its stage, which did not end. */
  abandon(): void {
    this.stage = null;
    this.finish();
  }

  private begin(stage: string, total: number): void {
    if (!this.stderr.isTTY) return;
    const stream = this.stderr as NodeJS.WritableStream;
    this.bar = new SingleBar({ stream, format: `${stage} [{bar}] {percentage} %  {value}/{total}  {eta_formatted} left`, clearOnComplete: true, barsize: 30, gracefulExit: false });
    this.bar.start(total, 0);
  }
}
