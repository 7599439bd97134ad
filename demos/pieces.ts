// Work in pieces: between two of them the browser may paint and answer.
declare const scheduler: { yield?: () => Promise<void> } | undefined;

/** Lets the browser do what has piled up. */
export function pause(): Promise<void> {
  if (typeof scheduler !== "undefined" && scheduler.yield) return scheduler.yield();
  return new Promise((resolve) => setTimeout(resolve));
}

/** Does one piece after the other. Gives up, with false, when `isWanted` says that something newer has begun. */
export async function inPieces(pieces: readonly (() => void)[], isWanted: () => boolean = () => true): Promise<boolean> {
  for (const piece of pieces) {
    if (!isWanted()) return false;
    piece();
    await pause();
  }
  return isWanted();
}
