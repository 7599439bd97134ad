import { ConeGeometry, CylinderGeometry, InstancedMesh, Matrix4, MeshLambertMaterial, Quaternion, Vector3 } from "three";
import { lengthsOf, LONGEST, longestArrow, type Arrows } from "./arrows.js";

const SHAFT_RADIUS = 0.07;
const HEAD_RADIUS = 0.17;
const HEAD_LENGTH = 0.4;
const COLOR = 0xd24a2a;
const UP = new Vector3(0, 1, 0);

/** Shafts and heads of arrows that begin at the surface of each atom; `radii` in Å [atom]. */
export function createArrows(positions: Float64Array, radii: Float64Array, arrows: Arrows): InstancedMesh[] {
  const { vectors } = arrows;
  const longest = longestArrow(arrows, radii.length);
  const { scale = longest > 0 ? LONGEST / longest : 0 } = arrows;
  const lengths = lengthsOf(vectors);
  const drawn = [...lengths.keys()].filter((atom) => lengths[atom]! * Math.abs(scale) > 1e-3);
  const material = (): MeshLambertMaterial => new MeshLambertMaterial({ color: COLOR });
  const shafts = new InstancedMesh(new CylinderGeometry(SHAFT_RADIUS, SHAFT_RADIUS, 1, 8), material(), drawn.length);
  const heads = new InstancedMesh(new ConeGeometry(HEAD_RADIUS, 1, 12), material(), drawn.length);
  const matrix = new Matrix4();
  const turn = new Quaternion();
  const size = new Vector3(1, 1, 1);
  const along = new Vector3();
  const from = new Vector3();
  const middle = new Vector3();
  drawn.forEach((atom, instance) => {
    const length = lengths[atom]! * Math.abs(scale);
    const head = Math.min(HEAD_LENGTH, 0.4 * length);
    along.fromArray(vectors, 3 * atom).multiplyScalar(Math.sign(scale) / lengths[atom]!);
    turn.setFromUnitVectors(UP, along);
    from.fromArray(positions, 3 * atom).addScaledVector(along, radii[atom]!);
    size.y = length - head;
    shafts.setMatrixAt(instance, matrix.compose(middle.copy(from).addScaledVector(along, size.y / 2), turn, size));
    size.y = head;
    heads.setMatrixAt(instance, matrix.compose(middle.copy(from).addScaledVector(along, length - head / 2), turn, size));
  });
  // The bounding sphere of the unit geometry says nothing about the instances.
  for (const mesh of [shafts, heads]) mesh.frustumCulled = false;
  return [shafts, heads];
}
