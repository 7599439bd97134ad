/**
 * Writes the embedded silicon data, public/silicon-sw-train.xyz.gz and public/silicon-sw-test.xyz.gz:
 *   node scripts/run.mjs scripts/make-silicon-dataset.ts
 * Crystals, strained cells, dense phases, surfaces, vacancies, liquids and amorphous silicon, from molecular dynamics with the
 * Stillinger–Weber potential, Eq. (24), and labelled by it. Labels belong to the positions as written (6 decimals). Training and test
 * frames come from separate trajectories with separate seeds; the same command writes the same bytes
 * (a folder named after it receives them instead of public/).
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { gzipSync } from "fflate";
import { computeStillingerWeber } from "../src/dynamics/stillinger-weber.js";
import { applyLangevin, thermalizeVelocities } from "./langevin-thermostat.js";
import { createPhaseState, stepVelocityVerlet, type PhaseState } from "./velocity-verlet.js";
import { createRandom, type Random } from "../src/selection/random.js";
import { createStructure, type Structure } from "../src/structure/structure.js";
import { diamond, repeat, supercell, turned, type Atoms, type Crystal, type Triple } from "./lattice.js";

const SEED = 1985;
const MASS = 28.0855;
const LATTICE_CONSTANT = 5.431;
const TIME_STEP = 2;
const FRICTION = 0.01;

interface Frame {
  readonly configType: string;
  readonly structure: Structure;
}

const silicon = diamond("Si", LATTICE_CONSTANT);

function toStructure({ positions, cell }: Atoms, pbc = true): Structure {
  return createStructure({ species: new Array<number>(positions.length / 3).fill(14), positions, cell, pbc });
}

/** Applies r → F r, F rows flattened, to cell and positions. */
function deform({ positions, cell, symbols }: Atoms, F: readonly number[]): Atoms {
  const apply = (vectors: readonly number[]): number[] =>
    vectors.map((_, k) => [0, 1, 2].reduce((sum, l) => sum + F[3 * (k % 3) + l] * vectors[k - (k % 3) + l], 0));
  return { symbols, positions: apply(positions), cell: apply(cell!) };
}

const scaled = (atoms: Atoms, factor: number): Atoms => deform(atoms, [factor, 0, 0, 0, factor, 0, 0, 0, factor]);
const displaced = (atoms: Atoms, width: number, random: Random): Atoms => ({ ...atoms, positions: atoms.positions.map((x) => x + width * random.normal()) });
const between = (random: Random, low: number, high: number): number => low + (high - low) * random.uniform();

/** Molecular dynamics of one cell: `run` for a time at a temperature that goes from `from` to `to`, `snapshot` as often as wanted. */
class Trajectory {
  private readonly start: Structure;
  private readonly random: Random;
  private readonly state: PhaseState;
  private readonly computeForces = (positions: Float64Array): Float64Array => computeStillingerWeber({ ...this.start, positions }).forces;

  constructor(atoms: Atoms, kelvin: number, random: Random) {
    this.start = toStructure(atoms);
    this.random = random;
    this.state = createPhaseState({ positions: atoms.positions, masses: new Float64Array(this.start.species.length).fill(MASS) }, this.computeForces);
    thermalizeVelocities(this.state, kelvin, random);
  }

  run(picoseconds: number, from: number, to = from): void {
    const steps = Math.round((1000 * picoseconds) / TIME_STEP);
    for (let step = 0; step < steps; step++) {
      stepVelocityVerlet(this.state, TIME_STEP, this.computeForces);
      applyLangevin(this.state, { kelvin: from + ((to - from) * step) / steps, friction: FRICTION, time: TIME_STEP }, this.random);
    }
  }

  snapshot(): Structure {
    return { ...this.start, positions: this.state.positions.slice() };
  }
}

/** Solids at each temperature: 1 ps to settle, then `count` snapshots 0.5 ps apart. */
function heated(configType: string, makeAtoms: () => Atoms, temperatures: readonly number[], count: number, random: Random): Frame[] {
  return temperatures.flatMap((kelvin) => {
    const trajectory = new Trajectory(makeAtoms(), kelvin, random);
    trajectory.run(1, kelvin);
    return Array.from({ length: count }, () => {
      trajectory.run(0.5, kelvin);
      return { configType, structure: trajectory.snapshot() };
    });
  });
}

function crystals(count: number, small: number, random: Random): Frame[] {
  const frames = heated("crystal", () => scaled(repeat(silicon, 2, 2, 2), between(random, 0.99, 1.015)), [300, 600, 900, 1200], count, random);
  for (let k = 0; k < small; k++) {
    const atoms = displaced(scaled(repeat(silicon, 1, 1, 1), between(random, 0.98, 1.02)), between(random, 0, 0.15), random);
    frames.push({ configType: "crystal", structure: toStructure(atoms) });
  }
  return frames;
}

/** Up to 10 % of volume either way and 6 % of shear, with small displacements. */
function strained(count: number, random: Random): Frame[] {
  return Array.from({ length: count }, (_, k) => {
    const stretch = between(random, -0.04, 0.035);
    const [xx, yy, xy, xz, yz] = Array.from({ length: 5 }, () => between(random, -0.03, 0.03));
    const F = [1 + stretch + xx, xy, xz, xy, 1 + stretch + yy, yz, xz, yz, 1 + stretch - xx - yy];
    const atoms = displaced(deform(repeat(silicon, 1, 1, k % 2 === 0 ? 1 : 2), F), between(random, 0, 0.06), random);
    return { configType: "strained", structure: toStructure(atoms) };
  });
}

/** β-tin, simple hexagonal and simple cubic silicon, 9 % less to 12 % more than the volumes of least Stillinger–Weber energy. */
function dense(count: number, random: Random): Frame[] {
  const betaTin: Crystal = { cell: [[4.98, 0, 0], [0, 4.98, 0], [0, 0, 2.78]], sites: [["Si", 0, 0, 0], ["Si", 0.5, 0.5, 0.5], ["Si", 0, 0.5, 0.25], ["Si", 0.5, 0, 0.75]] };
  const hexagonal: Crystal = { cell: turned([[2.84, 0, 0], [-1.42, 1.42 * Math.sqrt(3), 0], [0, 0, 2.6]]), sites: [["Si", 0, 0, 0]] };
  const cubic: Crystal = { cell: [[2.61, 0, 0], [0, 2.61, 0], [0, 0, 2.61]], sites: [["Si", 0, 0, 0]] };
  const cells = [repeat(betaTin, 1, 1, 2), repeat(hexagonal, 2, 2, 2), repeat(cubic, 2, 2, 2)];
  return Array.from({ length: count }, (_, k) => {
    const atoms = displaced(scaled(cells[k % 3], between(random, 0.97, 1.04)), between(random, 0.02, 0.12), random);
    return { configType: "dense", structure: toStructure(atoms) };
  });
}

/** A slab with 12 Å of vacuum along z, cut from the crystal. */
function slab(vectors: Triple<Triple>, origin: Triple): Atoms {
  const { symbols, positions, cell } = supercell(silicon, vectors, origin);
  const vacuum = 12;
  const raised = positions.map((x, k) => (k % 3 === 2 ? x + vacuum / 2 : x));
  return { symbols, positions: raised, cell: cell!.map((x, k) => (k === 8 ? x + vacuum : x)) };
}

/** (100), 2×2 with 8 layers, and (111), 2×2 with 3 and 6 double layers, cut between these. Ideal at first: (100) finds its dimers by itself. */
function surfaces(count: number, random: Random): Frame[] {
  const across = (layers: number): Triple<Triple> => [[1, -1, 0], [0, 1, -1], [layers / 3, layers / 3, layers / 3]];
  const hundred = slab([[1, -1, 0], [1, 1, 0], [0, 0, 2]], [0, 0, 1 / 16]);
  const thin = slab(across(3), [0, 0, -1 / 8]);
  const thick = slab(across(6), [0, 0, -1 / 16]);
  return [
    ...heated("surface", () => hundred, [300, 600, 900], count, random),
    ...heated("surface", () => thin, [300, 900], count, random),
    ...heated("surface", () => thick, [600], count, random),
  ];
}

function vacancies(count: number, random: Random): Frame[] {
  const makeAtoms = (): Atoms => {
    const { symbols, positions, cell } = scaled(repeat(silicon, 2, 2, 2), between(random, 0.995, 1.01));
    const missing = random.integer(symbols.length);
    return { symbols: symbols.slice(1), positions: positions.filter((_, k) => Math.floor(k / 3) !== missing), cell };
  };
  return heated("vacancy", makeAtoms, [300, 700, 1100], count, random);
}

/** A snapshot with its atoms, which may have diffused anywhere, back in their cubic cell. */
function wrappedSnapshot(configType: string, trajectory: Trajectory): Frame {
  const structure = trajectory.snapshot();
  const edge = structure.cell![0];
  return { configType, structure: { ...structure, positions: structure.positions.map((x) => x - edge * Math.floor(x / edge)) } };
}

/** 64 atoms at a density in g/cm³, molten at 5000 K. */
function melt(density: number, random: Random): Trajectory {
  const crystal = repeat(silicon, 2, 2, 2);
  const edge = Math.cbrt((64 * MASS * 1.6605390666) / density);
  const trajectory = new Trajectory(scaled(crystal, edge / (2 * LATTICE_CONSTANT)), 5000, random);
  trajectory.run(3, 5000);
  return trajectory;
}

function liquids(temperatures: readonly number[], count: number, random: Random): Frame[] {
  return temperatures.flatMap((kelvin) => {
    const trajectory = melt(between(random, 2.3, 2.65), random);
    trajectory.run(2, 5000, kelvin);
    return Array.from({ length: count }, () => {
      trajectory.run(1.5, kelvin);
      return wrappedSnapshot("liquid", trajectory);
    });
  });
}

/** Melts cooled from 2500 K to 300 K in 44 ps (50 K/ps), then sampled at 300 K and on the way up. */
function amorphous(quenches: number, temperatures: readonly number[], random: Random): Frame[] {
  return Array.from({ length: quenches }, () => {
    const trajectory = melt(between(random, 2.25, 2.35), random);
    trajectory.run(2, 5000, 2500);
    trajectory.run(44, 2500, 300);
    return temperatures.map((kelvin) => {
      trajectory.run(1, kelvin);
      return wrappedSnapshot("amorphous", trajectory);
    });
  }).flat();
}

const digits = (x: number, decimals: number): string => x.toFixed(decimals).replace(/^-(0\.0*)$/, "$1");
const rounded = (values: Float64Array, decimals: number): Float64Array => values.map((x) => Number(digits(x, decimals)));
const list = (values: Float64Array, decimals: number): string => Array.from(values, (x) => digits(x, decimals)).join(" ");

function format({ configType, structure }: Frame): string {
  const { cell, pbc, species } = structure;
  const positions = rounded(structure.positions, 6);
  const written = { ...structure, positions, cell: rounded(cell!, 6) };
  const { energy, forces, virial } = computeStillingerWeber(written);
  const lines = [
    `${species.length}`,
    `Lattice="${list(written.cell, 6)}" Properties=species:S:1:pos:R:3:forces:R:3 energy=${digits(energy, 8)} virial="${list(virial, 6)}" ` +
      `config_type=${configType} method="Stillinger-Weber silicon (1985), not DFT" pbc="${pbc.map((periodic) => (periodic ? "T" : "F")).join(" ")}"`,
  ];
  for (let k = 0; k < positions.length; k += 3) lines.push(`Si ${list(positions.subarray(k, k + 3), 6)} ${list(forces.subarray(k, k + 3), 6)}`);
  return `${lines.join("\n")}\n`;
}

function write(name: string, frames: readonly Frame[]): void {
  const bytes = gzipSync(new TextEncoder().encode(frames.map(format).join("")), { level: 9, mtime: 0 });
  writeFileSync(resolve(folder, name), bytes);
  const counts = new Map<string, [number, number]>();
  for (const { configType, structure } of frames) {
    const [structures, atoms] = counts.get(configType) ?? [0, 0];
    counts.set(configType, [structures + 1, atoms + structure.species.length]);
  }
  const atoms = frames.reduce((sum, { structure }) => sum + structure.species.length, 0);
  console.log(`${name}: ${frames.length} structures, ${atoms} atoms, ${bytes.length} bytes`);
  for (const [configType, [structures, size]] of counts) console.log(`  ${configType}: ${structures} structures, ${size} atoms`);
}

// scripts/run.mjs bundles this file elsewhere and leaves its own path in argv[1]; another folder may be named after it.
const folder = resolve(process.argv[2] ?? resolve(dirname(process.argv[1]), "../public"));
mkdirSync(folder, { recursive: true });
let stream = SEED;
const next = (): Random => createRandom(stream++);

const isolated: Frame = { configType: "isolated_atom", structure: toStructure({ symbols: ["Si"], positions: [10, 10, 10], cell: [20, 0, 0, 0, 20, 0, 0, 0, 20] }, false) };
write("silicon-sw-train.xyz.gz", [
  isolated,
  ...crystals(4, 8, next()),
  ...strained(24, next()),
  ...dense(15, next()),
  ...surfaces(3, next()),
  ...vacancies(4, next()),
  ...liquids([1800, 2200, 2600, 3000, 3500], 4, next()),
  ...amorphous(4, [300, 300, 600, 900], next()),
]);
write("silicon-sw-test.xyz.gz", [
  ...crystals(1, 2, next()),
  ...strained(7, next()),
  ...dense(4, next()),
  ...surfaces(1, next()),
  ...vacancies(1, next()),
  ...liquids([2000, 2400, 2800, 3200], 1, next()),
  ...amorphous(2, [300, 600], next()),
]);
