// Labels beyond what any atom has: a fit would carry them to its end and give a model of nothing.
import { InputError } from "../errors.js";
import { originOf } from "../structure/origin.js";
import type { LabeledStructure } from "../structure/structure.js";

/** eV per atom, eV/Å, and eV per atom: ten thousand times the energy of the heaviest atom with all of its electrons. */
const LIMIT = 1e10;

/** @throws InputError naming file, line, structure and atom of an energy, a force or a virial that is infinite or absurdly large. */
export function checkLabels(data: readonly LabeledStructure[]): void {
  data.forEach(({ structure, labels: { energy, forces, virial } }, index) => {
    const atoms = Math.max(1, structure.species.length);
    const refuse = (what: string, unit: string, got: number, atom?: number): never => {
      const place = { ...originOf(structure, index), ...(atom !== undefined && { atom }) };
      throw new InputError(`${what} beyond what a fit can carry`, { ...place, expected: `at most ${LIMIT} ${unit}`, got: String(got) });
    };
    if (energy !== null && Math.abs(energy) > LIMIT * atoms) refuse("energy", "eV per atom", energy);
    const force = forces?.findIndex((value) => Math.abs(value) > LIMIT) ?? -1;
    if (force >= 0) refuse("force", "eV/Å", forces![force]!, Math.floor(force / 3));
    const component = virial?.findIndex((value) => Math.abs(value) > LIMIT * atoms) ?? -1;
    if (component >= 0) refuse("virial", "eV per atom", virial![component]!);
  });
}
