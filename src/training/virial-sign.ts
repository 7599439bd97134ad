// Virials against energies, forces and cells. From structure i to a similar one j, the same atoms in a strained cell, THEORY.md Eqs. (21) and (22):
// E_j − E_i ≈ −½ (F_i + F_j)·Δr − ½ (W_i + W_j):ε, Δr at equal strain. Pairs that fit this with −W, and not with W, say that the virials, or the
// stresses they come from, have the other sign.
import { reciprocalVectors } from "../structure/lattice.js";
import { cellVolume, type LabeledStructure } from "../structure/structure.js";
import type { Doubt } from "./doubt.js";

/** Each structure is compared with so many that follow it. */
const FOLLOWERS = 4;
/** Beyond this strain or displacement (Å) the mean of two ends is no integral. */
const LARGEST = { strain: 0.12, displacement: 1 };
/** eV per atom; smaller differences are rounding. */
const LEAST_DIFFERENCE = 1e-5;
/** A pair decides for a sign that leaves less than this share of the difference, where the other sign leaves more than the second. */
const CLEAR = { left: 0.3, other: 1 };
/** Pairs, and their ratio to those that say the opposite. */
const LEAST_VOTES = 3;
const LEAST_RATIO = 4;

/** −½ (F_i + F_j)·Δr and −½ (W_i + W_j):ε in eV; null for structures too far from each other. */
function work(a: LabeledStructure, b: LabeledStructure): { byForces: number; byStrain: number } | null {
  const [from, to] = [a.structure.cell!, b.structure.cell!];
  // Rows b_k with b_k·a_l = δ_kl: s_k = b_k·r, and 1 + ε = Σ_k b_k ⊗ a'_k.
  const [inverse, otherInverse] = [reciprocalVectors(from), reciprocalVectors(to)];
  let byStrain = 0;
  for (let x = 0; x < 3; x++) {
    for (let y = 0; y < 3; y++) {
      let gradient = x === y ? -1 : 0;
      for (let k = 0; k < 3; k++) gradient += inverse[3 * k + x]! * to[3 * k + y]!;
      if (!(Math.abs(gradient) < LARGEST.strain)) return null;
      byStrain -= ((a.labels.virial![3 * x + y]! + b.labels.virial![3 * x + y]!) / 2) * gradient;
    }
  }
  let byForces = 0;
  const [first, second] = [a.structure.positions, b.structure.positions];
  const [forces, otherForces] = [a.labels.forces, b.labels.forces];
  const step = new Float64Array(3);
  for (let at = 0; at < first.length; at += 3) {
    step.fill(0);
    for (let k = 0; k < 3; k++) {
      let s = 0;
      for (let x = 0; x < 3; x++) s += otherInverse[3 * k + x]! * second[at + x]! - inverse[3 * k + x]! * first[at + x]!;
      s -= Math.round(s);
      for (let x = 0; x < 3; x++) step[x]! += (s * (from[3 * k + x]! + to[3 * k + x]!)) / 2;
    }
    if (!(step[0]! ** 2 + step[1]! ** 2 + step[2]! ** 2 < LARGEST.displacement ** 2)) return null;
    for (let x = 0; x < 3; x++) byForces -= (((forces?.[at + x] ?? 0) + (otherForces?.[at + x] ?? 0)) / 2) * step[x]!;
  }
  return { byForces, byStrain };
}

/** Frames that hold what the comparison needs, by their elements in order. */
function comparable(data: readonly LabeledStructure[]): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  data.forEach(({ structure: { species, cell, pbc }, labels: { energy, virial } }, frame) => {
    if (!virial || energy === null || !cell || !pbc.every(Boolean) || !(Math.abs(cellVolume(cell)) > 0)) return;
    const key = `${species.length} ${String.fromCharCode(...species.subarray(0, 1000))}`;
    groups.set(key, [...(groups.get(key) ?? []), frame]);
  });
  return groups;
}

/** A doubt when the pairs of similar structures that decide say, nearly all, that the virials have the other sign. */
export function virialSign(data: readonly LabeledStructure[]): Doubt | null {
  let [right, wrong, worst, most] = [0, 0, -1, 0];
  for (const frames of comparable(data).values()) {
    frames.forEach((i, place) => {
      for (const j of frames.slice(place + 1, place + 1 + FOLLOWERS)) {
        const [a, b] = [data[i]!, data[j]!];
        const difference = b.labels.energy! - a.labels.energy!;
        if (!(Math.abs(difference) > LEAST_DIFFERENCE * a.structure.species.length)) continue;
        const done = work(a, b);
        if (!done) continue;
        const asGiven = Math.abs(difference - done.byForces - done.byStrain) / Math.abs(difference);
        const flipped = Math.abs(difference - done.byForces + done.byStrain) / Math.abs(difference);
        if (asGiven < CLEAR.left && flipped > CLEAR.other) right++;
        if (!(flipped < CLEAR.left && asGiven > CLEAR.other)) continue;
        wrong++;
        if (asGiven > most) [worst, most] = [j, asGiven];
      }
    });
  }
  if (wrong < LEAST_VOTES || wrong < LEAST_RATIO * right) return null;
  const text =
    `the virials have the other sign: in ${wrong} of ${wrong + right} pairs of similar frames the energies change with the cell by the opposite of what ` +
    "they say (a virial is −∂E/∂ε, a stress +∂E/∂ε/V)";
  return { code: "virial-sign", frame: worst, text };
}
