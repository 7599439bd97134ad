// Asks before the page is left or loaded again while there is something to lose: a job that runs, or a result that nobody has saved.
export interface LeaveGuard {
  setRunning(running: boolean): void;
  /** A result is shown that exists nowhere else. */
  setUnsaved(unsaved: boolean): void;
}

export function createLeaveGuard(): LeaveGuard {
  const losses = { running: false, unsaved: false };
  const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
  // Registered only while it is needed: the mere listener keeps a page out of the browser's back and forward cache.
  const update = (): void => {
    window.removeEventListener("beforeunload", ask);
    if (losses.running || losses.unsaved) window.addEventListener("beforeunload", ask);
  };
  return {
    setRunning(running) {
      losses.running = running;
      update();
    },
    setUnsaved(unsaved) {
      losses.unsaved = unsaved;
      update();
    },
  };
}
