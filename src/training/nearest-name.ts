/** Letters of a name without case and separators, so that `n_max`, `nmax` and `nMax` are one. */
function bare(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}

/** Insertions, deletions, replacements and swaps of neighbors that turn `a` into `b` (Damerau, doi:10.1145/363958.363994). */
export function editDistance(a: string, b: string): number {
  const width = b.length + 1;
  const d = new Uint32Array((a.length + 1) * width);
  for (let j = 0; j < width; j++) d[j] = j;
  for (let i = 1; i <= a.length; i++) {
    d[i * width] = i;
    for (let j = 1; j < width; j++) {
      const replaced = d[(i - 1) * width + j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let best = Math.min(replaced, d[(i - 1) * width + j]! + 1, d[i * width + j - 1]! + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, d[(i - 2) * width + j - 2]! + 1);
      d[i * width + j] = best;
    }
  }
  return d[a.length * width + b.length]!;
}

/**
 * The candidate that `name` was probably meant to be; the first of equally near ones.
 * Dotted candidates are compared by their last part. Returns null when more than a third of the letters would have to change.
 */
export function nearestName(name: string, candidates: readonly string[]): string | null {
  const wanted = bare(name);
  let nearest: string | null = null;
  let least = Infinity;
  for (const candidate of candidates) {
    const known = bare(candidate.slice(candidate.lastIndexOf(".") + 1));
    const distance = editDistance(wanted, known);
    if (distance <= Math.max(wanted.length, known.length) / 3 && distance < least) [nearest, least] = [candidate, distance];
  }
  return nearest;
}
