import {
  BufferAttribute, BufferGeometry, Color, CylinderGeometry, type Group, InstancedMesh, LineBasicMaterial, LineSegments, Matrix4, Mesh,
  MeshLambertMaterial, Quaternion, SphereGeometry, SRGBColorSpace, Vector3,
} from "three";
import { vec3d } from "wgpu-matrix";
import type { Structure } from "../index.js";
import type { Bonds } from "./bonds.js";
import { latticeMatrix } from "./lattice-matrix.js";

/** Radius of a bond's cylinder in Å. */
const BOND_RADIUS = 0.09;
const UP = new Vector3(0, 1, 0);

/** Segments round a sphere: one mesh for all atoms, coarser the more there are, so that 10,000 atoms stay near 3 million triangles. */
function sphereFor(atoms: number): SphereGeometry {
  if (atoms <= 1000) return new SphereGeometry(1, 32, 20);
  if (atoms <= 20000) return new SphereGeometry(1, 16, 10);
  return new SphereGeometry(1, 10, 6);
}

/** One sphere per atom: `radii` in Å [atom], `colors` sRGB [atom][rgb]. */
export function createAtoms(positions: Float64Array, radii: Float64Array, colors: Float32Array): InstancedMesh {
  const mesh = new InstancedMesh(sphereFor(radii.length), new MeshLambertMaterial(), radii.length);
  // The bounding sphere of the unit sphere says nothing about the instances.
  mesh.frustumCulled = false;
  placeAtoms(mesh, positions, radii);
  paintAtoms(mesh, colors);
  return mesh;
}

export function placeAtoms(mesh: InstancedMesh, positions: Float64Array, radii: Float64Array): void {
  const matrix = new Matrix4();
  for (let atom = 0; atom < radii.length; atom++) {
    const radius = radii[atom]!;
    matrix.makeScale(radius, radius, radius).setPosition(positions[3 * atom]!, positions[3 * atom + 1]!, positions[3 * atom + 2]!);
    mesh.setMatrixAt(atom, matrix);
  }
  mesh.instanceMatrix.needsUpdate = true;
}

export function paintAtoms(mesh: InstancedMesh, colors: Float32Array): void {
  const color = new Color();
  for (let atom = 0; atom < mesh.count; atom++) {
    mesh.setColorAt(atom, color.setRGB(colors[3 * atom]!, colors[3 * atom + 1]!, colors[3 * atom + 2]!, SRGBColorSpace));
  }
  if (mesh.instanceColor) mesh.instanceColor.needsUpdate = true;
}

/** Gray cylinders; a bond that leaves the cell is drawn as a half at either end. */
export function createBonds(positions: Float64Array, bonds: Bonds): InstancedMesh {
  const count = bonds.crossing.reduce((sum, crossing) => sum + 1 + crossing, 0);
  const cylinder = new CylinderGeometry(BOND_RADIUS, BOND_RADIUS, 1, count > 5000 ? 5 : 8, 1, true);
  const mesh = new InstancedMesh(cylinder, new MeshLambertMaterial({ color: 0x9aa0a8 }), count);
  mesh.frustumCulled = false;
  const matrix = new Matrix4();
  const turn = new Quaternion();
  const scale = new Vector3(1, 1, 1);
  const start = new Vector3();
  const along = new Vector3();
  let instance = 0;
  const add = (atom: number, share: number): void => {
    const length = along.length();
    turn.setFromUnitVectors(UP, along.clone().divideScalar(length));
    scale.y = Math.abs(share) * length;
    start.fromArray(positions, 3 * atom).addScaledVector(along, share / 2);
    mesh.setMatrixAt(instance++, matrix.compose(start, turn, scale));
  };
  for (let bond = 0; bond < bonds.crossing.length; bond++) {
    along.fromArray(bonds.vectors, 3 * bond);
    if (bonds.crossing[bond] === 0) {
      add(bonds.atoms[2 * bond]!, 1);
    } else {
      add(bonds.atoms[2 * bond]!, 0.5);
      add(bonds.atoms[2 * bond + 1]!, -0.5);
    }
  }
  return mesh;
}

/** The eight corners of the cell, [corner][xyz], in Å. */
export function cellCorners(cell: Float64Array): Float64Array {
  const lattice = latticeMatrix(cell);
  const corners = new Float64Array(24);
  for (let corner = 0; corner < 8; corner++) {
    const fraction = [corner & 1, (corner >> 1) & 1, (corner >> 2) & 1];
    vec3d.transformMat3(fraction, lattice, corners.subarray(3 * corner, 3 * corner + 3));
  }
  return corners;
}

/** The twelve edges of the cell. */
export function createCellBox(cell: Float64Array): LineSegments {
  const corners = cellCorners(cell);
  const points: number[] = [];
  for (let corner = 0; corner < 8; corner++) {
    for (const axis of [1, 2, 4]) {
      if (corner & axis) continue;
      for (const end of [corner, corner | axis]) points.push(corners[3 * end]!, corners[3 * end + 1]!, corners[3 * end + 2]!);
    }
  }
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(Float32Array.from(points), 3));
  return new LineSegments(geometry, new LineBasicMaterial({ transparent: true, opacity: 0.55 }));
}

/** Center and radius in Å of a sphere round atoms and cell. */
export function enclosingSphere({ positions, cell }: Structure): { center: Vector3; radius: number } {
  const points = cell ? [...cellCorners(cell)] : [];
  const center = new Vector3();
  const low = new Vector3(Infinity, Infinity, Infinity);
  const high = new Vector3(-Infinity, -Infinity, -Infinity);
  const point = new Vector3();
  const each = (visit: () => void): void => {
    for (const source of [positions, points]) {
      for (let k = 0; k < source.length; k += 3) {
        point.set(source[k]!, source[k + 1]!, source[k + 2]!);
        visit();
      }
    }
  };
  each(() => void (low.min(point), high.max(point)));
  if (low.x > high.x) return { center, radius: 1 };
  center.addVectors(low, high).multiplyScalar(0.5);
  let radius = 0;
  each(() => void (radius = Math.max(radius, point.distanceTo(center))));
  return { center, radius: radius + 0.8 };
}

/** Frees the GPU buffers and programs of everything in the group and empties it. */
export function disposeGroup(group: Group): void {
  for (const child of group.children) {
    if (child instanceof Mesh || child instanceof LineSegments) {
      child.geometry.dispose();
      (child.material as MeshLambertMaterial | LineBasicMaterial).dispose();
    }
    if (child instanceof InstancedMesh) child.dispose();
  }
  group.clear();
}
