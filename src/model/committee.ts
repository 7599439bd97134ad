// The members of a committee as potentials of their own.
import { InputError } from "../errors.js";
import type { CenterModel, Potential } from "./potential.js";

/**
 * The potential of one member, without the others.
 * @param member from 0 on
 * @throws InputError when there is no such member
 */
export function memberPotential({ committee, ...potential }: Potential, member: number): Potential {
  const count = committee?.members ?? 0;
  if (!(Number.isInteger(member) && member >= 0 && member < count)) {
    const expected = count === 0 ? "a potential with a committee" : `a whole number from 0 to ${count - 1}`;
    throw new InputError("no such member of the committee", { key: "member", expected, got: String(member) });
  }
  const of = ({ members, ...center }: CenterModel): CenterModel => {
    const points = center.weights.length;
    return { ...center, weights: members!.slice(member * points, (member + 1) * points) };
  };
  return { ...potential, terms: potential.terms.map((term) => ({ ...term, centers: term.centers.map(of) })) };
}
