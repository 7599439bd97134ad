// A device may be lost at any time: a driver is updated, a laptop changes its GPU, the system ends what took too long. What a job has finished stays
// on the host, so that it goes on behind it: on a new device, or on the CPU.
import type { DeviceLoss } from "../backend.js";
import type { GpuSession } from "./session.js";

/** What a job hands over, in the order of its structures. */
export interface Piece {
  /** Structures that are finished with this piece. */
  readonly structures: number;
}

/** Losses in a row without a structure finished in between, after which a job gives up. */
const MAX_LOSSES = 3;

export class SessionKeeper {
  #current: GpuSession;
  readonly #policy: DeviceLoss;
  /** Null with a caller's own device, which cannot be replaced. */
  readonly #open: (() => Promise<GpuSession>) | null;
  #replacement: Promise<void> | null = null;
  #isDestroyed = false;

  constructor(session: GpuSession, policy: DeviceLoss, open: (() => Promise<GpuSession>) | null) {
    this.#current = session;
    this.#policy = policy;
    this.#open = open;
  }

  get current(): GpuSession {
    return this.#current;
  }

  /**
   * The pieces of a job, through losses of the device.
   * @param onGpu the job from this structure on; its pieces may be given again when they finished no structure
   * @param onCpu the same on the CPU; it may put its results in place by itself
   * @throws GpuError when the device is lost and may not be replaced, or three times without progress; what else the job throws.
   */
  async *run<T extends Piece>(
    onGpu: (session: GpuSession, first: number) => AsyncGenerator<T>,
    onCpu: (first: number) => AsyncGenerator<T> | Promise<void>,
  ): AsyncGenerator<T> {
    let first = 0;
    let losses = 0;
    for (;;) {
      const session = this.#current;
      try {
        for await (const piece of onGpu(session, first)) {
          if (piece.structures > 0) losses = 0;
          first += piece.structures;
          yield piece;
        }
        return;
      } catch (error) {
        if (!session.context.isLost) throw error;
        if (this.#policy === "cpu") break;
        if (this.#policy === "fail" || !this.#open || ++losses === MAX_LOSSES) throw error;
        await this.#replace(session, this.#open);
      }
    }
    const rest = onCpu(first);
    if (rest instanceof Promise) await rest;
    else yield* rest;
  }

  /** Jobs that lost the same device share the new one. */
  async #replace(lost: GpuSession, open: () => Promise<GpuSession>): Promise<void> {
    if (this.#current !== lost) return;
    this.#replacement ??= open()
      .then((session) => {
        lost.destroy();
        this.#current = session;
        if (this.#isDestroyed) session.destroy();
      })
      .finally(() => (this.#replacement = null));
    await this.#replacement;
  }

  destroy(): void {
    this.#isDestroyed = true;
    this.#current.destroy();
  }
}
