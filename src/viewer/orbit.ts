import { PerspectiveCamera, Spherical, Vector3 } from "three";
import { OrbitControls } from "three/addons/controls/OrbitControls.js";

/** A camera that looks at a sphere and is turned round it by mouse, touch and keys. */
export interface Orbit {
  readonly camera: PerspectiveCamera;
  /** Looks at the whole sphere from the standard direction. */
  frame(center: Vector3, radius: number): void;
  setAspect(aspect: number): void;
  destroy(): void;
}

const FIELD_OF_VIEW = 30;
/** From the front, a little from the right and from above; z is up, as in slabs and wires. */
const STANDARD_DIRECTION = new Vector3(0.55, -1, 0.38).normalize();
const KEY_ANGLE = Math.PI / 36;
const KEY_ZOOM = 1.12;

/** @param onChange called after every movement; the caller renders. */
export function createOrbit(element: HTMLElement, onChange: () => void): Orbit {
  const camera = new PerspectiveCamera(FIELD_OF_VIEW, 1, 0.1, 1000);
  camera.up.set(0, 0, 1);
  const controls = new OrbitControls(camera, element);
  const sphere = { center: new Vector3(), radius: 1 };

  /** Near and far planes hug the sphere: the depth buffer has 24 bits for cells of 5 Å and of 500 Å. */
  const fitPlanes = (): void => {
    const distance = camera.position.distanceTo(sphere.center);
    camera.near = Math.max(distance - 1.2 * sphere.radius, distance / 1000, 0.01);
    camera.far = distance + 1.2 * sphere.radius;
    camera.updateProjectionMatrix();
  };

  const frame = (center: Vector3, radius: number): void => {
    sphere.center.copy(center);
    sphere.radius = radius;
    const halfAngle = ((FIELD_OF_VIEW / 2) * Math.PI) / 180;
    const narrow = Math.min(halfAngle, Math.atan(Math.tan(halfAngle) * camera.aspect));
    const distance = radius / Math.sin(narrow);
    controls.minDistance = 1;
    controls.maxDistance = 6 * distance;
    controls.target.copy(center);
    camera.position.copy(STANDARD_DIRECTION).multiplyScalar(distance).add(center);
    controls.update();
    fitPlanes();
    onChange();
  };

  const turn = (azimuth: number, polar: number, zoom: number): void => {
    const offset = camera.position.clone().sub(controls.target);
    // Spherical measures from +y: swap y and z to measure from the vertical axis z.
    const spherical = new Spherical().setFromCartesianCoords(offset.x, offset.z, -offset.y);
    spherical.theta += azimuth;
    spherical.phi += polar;
    spherical.radius = Math.min(controls.maxDistance, Math.max(controls.minDistance, spherical.radius / zoom));
    spherical.makeSafe();
    const turned = new Vector3().setFromSpherical(spherical);
    camera.position.set(turned.x, -turned.z, turned.y).add(controls.target);
    controls.update();
    fitPlanes();
    onChange();
  };

  const keys: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => turn(-KEY_ANGLE, 0, 1),
    ArrowRight: () => turn(KEY_ANGLE, 0, 1),
    ArrowUp: () => turn(0, -KEY_ANGLE, 1),
    ArrowDown: () => turn(0, KEY_ANGLE, 1),
    "+": () => turn(0, 0, KEY_ZOOM),
    "=": () => turn(0, 0, KEY_ZOOM),
    "-": () => turn(0, 0, 1 / KEY_ZOOM),
    "0": () => frame(sphere.center.clone(), sphere.radius),
    Home: () => frame(sphere.center.clone(), sphere.radius),
  };
  const onKey = (event: KeyboardEvent): void => {
    const action = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  };
  const onControls = (): void => {
    fitPlanes();
    onChange();
  };
  element.addEventListener("keydown", onKey);
  controls.addEventListener("change", onControls);

  return {
    camera,
    frame,
    setAspect(aspect) {
      camera.aspect = aspect;
      camera.updateProjectionMatrix();
    },
    destroy() {
      element.removeEventListener("keydown", onKey);
      controls.removeEventListener("change", onControls);
      controls.dispose();
    },
  };
}
