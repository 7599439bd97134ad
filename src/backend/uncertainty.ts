// Expected errors from the directions of a committee, Eqs. (77), (78) and (80).
import { InputError } from "../errors.js";
import type { Committee, Potential } from "../model/potential.js";
import type { Uncertainty } from "./backend.js";

/** @throws InputError when the potential has none. */
export function checkCommittee({ committee }: Potential): void {
  if (committee) return;
  throw new InputError("the potential has no committee to tell uncertainties", {
    key: "uncertainty", expected: "a potential that was fitted with committee.members", got: "one without",
  });
}

/**
 * What ranges of a structure, in order, found of the directions: energies [atom][direction]; forces [direction][atom][xyz] of the whole structure, those
 * of all ranges with the first.
 */
export interface SpreadPart {
  readonly spread?: { readonly energies: Float64Array; readonly forces: Float64Array | null };
}

export function uncertaintyOf(parts: readonly SpreadPart[], atoms: number, { members, calibration }: Committee): Uncertainty {
  const directions = members - 1;
  const scale = (of: "energy" | "forces"): number => (calibration?.[of]?.scale ?? 1) / Math.sqrt(directions);
  const localEnergies = new Float64Array(atoms);
  const total = new Float64Array(directions);
  let atom = 0;
  for (const { spread } of parts) {
    const { energies } = spread!;
    for (let k = 0; k < energies.length; atom++) {
      let square = 0;
      for (let d = 0; d < directions; d++, k++) {
        square += energies[k]! ** 2;
        total[d]! += energies[k]!;
      }
      localEnergies[atom] = scale("energy") * Math.sqrt(square);
    }
  }
  return { energy: scale("energy") * Math.hypot(...total), localEnergies, forces: forcesOf(parts[0]?.spread?.forces, directions, scale("forces")) };
}

function forcesOf(all: Float64Array | null | undefined, directions: number, scale: number): Float64Array | null {
  if (!all) return null;
  const length = all.length / directions;
  return Float64Array.from({ length }, (_, component) => {
    let square = 0;
    for (let d = 0; d < directions; d++) square += all[d * length + component]! ** 2;
    return scale * Math.sqrt(square);
  });
}
