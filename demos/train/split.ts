// A held-out test set: a fifth of the structures, drawn with a fixed seed, so that the same file is always split the same way.

/** Uniform numbers in [0, 1): mulberry32 (Tommy Ettinger, public domain), 32 bits of state are enough to shuffle a list. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export interface Split {
  /** Positions in the list, ascending. */
  readonly train: number[];
  readonly test: number[];
}

/**
 * Splits structures of `atoms` [structure] atoms each. Single atoms always train: they carry the energy that the fit starts from.
 * Nothing is held out of fewer than five structures.
 */
export function holdOut(atoms: readonly number[], seed: number, share = 0.2): Split {
  const candidates = atoms.map((_, index) => index).filter((index) => atoms[index]! > 1);
  const random = seededRandom(seed);
  for (let last = candidates.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [candidates[last], candidates[other]] = [candidates[other]!, candidates[last]!];
  }
  const held = new Set(candidates.slice(0, candidates.length < 5 ? 0 : Math.round(share * candidates.length)));
  const all = atoms.map((_, index) => index);
  return { train: all.filter((index) => !held.has(index)), test: all.filter((index) => held.has(index)) };
}
