/**
 * The soap descriptor of QUIP as a term of Lather: the power spectrum, Eq. (12), of shifted Gaussians, Eq. (25), normalized.
 *
 * QUIP's vector of an environment, from descriptors.f95 of libAtoms/GAP: radial functions and elements make one index x = (species, n), species major
 * in the order of species_Z; then for every x, every y ≤ x, every l: (2l+1)^{−1/2} Σ_m c_xlm c_ylm, times √2 where x ≠ y, the whole divided by its
 * length, and one number σ₀ (covariance_sigma0) at the end. Lather has the same numbers in blocks of pairs of elements a ≤ b, [l][n][n'].
 * QUIP's c lack a factor 4π, which the length takes out. The same in both: exp(−r²/2σ²) with σ = atom_sigma, a center of weight central_weight,
 * f_c falling as a cosine over cutoff_transition_width before cutoff, and u(r) = rate/(rate + (r/cutoff_scale)^cutoff_dexp) with rate = cutoff_rate.
 * The energy of an environment is δ² Σ_m α_m (p · p_m)^ζ: x_m = δ² α_m in eV. Cutoffs of sparse points and f₀ do not enter, as in QUIP.
 *
 * An element that QUIP's vector does not know has weight 0 here. Lengths in Å.
 */
import type { RadialScaling } from "../basis/hyperparameters.js";
import { InputError } from "../errors.js";
import { featureLayout } from "../features/feature-layout.js";
import type { Hyperparameters } from "../features/hyperparameters.js";
import { validateHyperparameters } from "../features/validate-hyperparameters.js";
import { symbolOf } from "../structure/elements.js";
import type { GapCoordinates } from "./gap-xml-coordinates.js";
import { gapError, type Descriptor, type GapSource } from "./gap-xml-reader.js";
import type { CenterModel, Term } from "./potential.js";

/** What <descriptor> says of a soap; element 0 is any. */
export interface SoapSettings {
  readonly centers: readonly number[];
  readonly neighbors: readonly number[];
  readonly hyperparameters: Hyperparameters;
  /** A single density has the center's Gaussian whatever the center's element is. */
  readonly centerInEvery: boolean;
}

/** Versions from here on have (2l+1)^{−1/2} and the center's Gaussian in the density of its own element. */
const OLDEST = 1426512068;
/** Largest error of the tables: coefficients of QUIP reach 10³ to 10⁵, and what they multiply has to be that much better. */
const ACCURACY = 1e-11;

export function readSoap(descriptor: Descriptor, version: number): SoapSettings {
  const [radius, width] = [descriptor.number("cutoff"), descriptor.number("cutoff_transition_width", 0.5)];
  const scaling = readScaling(descriptor);
  const neighborCount = descriptor.count("n_species", 1, 1);
  const centers = descriptor.elements("z", descriptor.count("n_z", 1, 1));
  const neighbors = descriptor.elements("species_z", neighborCount);
  const everywhere = descriptor.logical("central_reference_all_species", neighborCount === 1);
  descriptor.refuse("gap_version", version >= OLDEST, `${OLDEST} or later`, String(version));
  descriptor.refuse("central_reference_all_species", !everywhere || neighborCount === 1, "F", "T");
  for (const [key, other] of [["average", "average"], ["diagonal_radial", "diagonal_radial"], ["z_mix", "z_mix"], ["r_mix", "r_mix"], ["sym_mix", "sym_mix"]] as const) {
    descriptor.refuse(key, !descriptor.logical(key, false, other), "F", "T");
  }
  descriptor.refuse("normalise", descriptor.logical("normalise", true, "normalize"), "T", "F");
  descriptor.refuse("coupling", descriptor.logical("coupling", true), "T", "F");
  for (const [key, known] of [["covariance_sigma0", 0], ["basis_error_exponent", 10], ["nu_r", 2], ["nu_s", 2], ["k", 0]] as const) {
    const value = descriptor.number(key, known);
    descriptor.refuse(key, value === known, String(known), String(value));
  }
  descriptor.refuse("species_z", neighborCount === 1 || !neighbors.includes(0), "elements, no 0 among them", neighbors.join(" "));
  const hyperparameters: Hyperparameters = {
    cutoff: { radius, width, function: "cosine" },
    density: { kind: "gaussian", width: descriptor.number("atom_sigma", undefined, "atom_gaussian_width"), centerWeight: descriptor.number("central_weight", 1), scaling },
    basis: { kind: "shifted-gaussians", nMax: descriptor.count("n_max", 1), lMax: descriptor.count("l_max", 0), accuracy: ACCURACY },
    features: { kind: "power-spectrum", normalize: true },
  };
  checkBounds(descriptor, hyperparameters);
  descriptor.text("xml_version");
  descriptor.finish();
  return { centers, neighbors, hyperparameters, centerInEvery: everywhere };
}

/** Words of the descriptor for what Lather checks. */
const WORDS: Readonly<Record<string, string>> = {
  "cutoff.radius": "cutoff", "cutoff.width": "cutoff_transition_width", "density.width": "atom_sigma", "basis.nMax": "n_max", "basis.lMax": "l_max",
};

function checkBounds(descriptor: Descriptor, hyperparameters: Hyperparameters): void {
  try {
    validateHyperparameters(hyperparameters);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { key = "", expected = "", got = "" } = error.details;
    throw descriptor.error(error.what, WORDS[key] ?? key, expected, got);
  }
}

function readScaling(descriptor: Descriptor): RadialScaling | null {
  const exponent = descriptor.count("cutoff_dexp", 0, 0);
  const [scale, rate] = [descriptor.number("cutoff_scale", 1), descriptor.number("cutoff_rate", 1)];
  if (exponent === 0) return null;
  descriptor.refuse("cutoff_rate", rate > 0, "a number above 0", String(rate));
  descriptor.refuse("cutoff_scale", scale > 0, "a length above 0", String(scale));
  return { rate, scale, exponent };
}

/** @param species elements of the whole potential, ascending */
export function soapTerm(source: GapSource, coordinates: GapCoordinates, settings: SoapSettings, species: readonly number[]): Term {
  const { element, dimensions, kernel, descriptor, alpha, delta } = coordinates;
  if (kernel.kind !== "dot-product") throw gapError(source, element, "kernel not supported for soap", "covariance_type", "2 (dot product)", "1 (squared exponential)");
  const anyNeighbor = settings.neighbors.includes(0);
  // One density of all elements: the same as one of the only element.
  descriptor.refuse("species_z", !anyNeighbor || species.length === 1, "the elements by number, as there are several", "0");
  const neighbors = anyNeighbor ? species : settings.neighbors;
  const centers = settings.centers.includes(0) ? species : [...settings.centers].sort((a, b) => a - b);
  const strange = centers.find((z) => !neighbors.includes(z));
  descriptor.refuse("z", strange === undefined || !settings.centerInEvery, "an element of species_Z", String(strange));
  const { nMax, lMax } = settings.hyperparameters.basis;
  const channels = nMax * neighbors.length;
  const expected = ((lMax + 1) * channels * (channels + 1)) / 2 + 1;
  if (dimensions !== expected) {
    throw gapError(source, element, "dimensions do not belong to the descriptor", "dimensions", `${expected} for n_max ${nMax}, l_max ${lMax}, ${neighbors.length} species`, String(dimensions));
  }
  const absent = species.filter((z) => !neighbors.includes(z));
  const { density, ...others } = settings.hyperparameters;
  const weights = absent.length > 0 && { weights: Object.fromEntries(absent.map((z) => [symbolOf(z), 0])) };
  const hyperparameters = { ...others, density: { ...density, ...weights } };
  const places = placesOf(hyperparameters, neighbors, species);
  const { size } = featureLayout(hyperparameters, species);
  const sparsePoints = new Float64Array(size * alpha.length);
  for (let m = 0; m < alpha.length; m++) places.forEach((place, k) => (sparsePoints[m * size + place] = coordinates.sparsePoints[m * dimensions + k]!));
  const own: Omit<CenterModel, "species"> = { projection: null, size, sparsePoints, weights: alpha.map((value) => delta * delta * value) };
  return { hyperparameters, zeta: kernel.zeta, centers: centers.map((z) => ({ species: z, ...own })) };
}

/** Lather's place of each of QUIP's numbers, without the last one. */
export function placesOf(hyperparameters: Hyperparameters, neighbors: readonly number[], species: readonly number[]): Int32Array {
  const { nMax, lMax } = hyperparameters.basis;
  const { blocks } = featureLayout(hyperparameters, species);
  const places: number[] = [];
  const channels = neighbors.flatMap((z) => Array.from({ length: nMax }, (_, n): [number, number] => [species.indexOf(z), n]));
  channels.forEach((x, index) => {
    for (const y of channels.slice(0, index + 1)) {
      const inOrder = x[0] !== y[0] ? x[0] < y[0] : x[1] < y[1];
      const [[a, n], [b, k]] = inOrder ? [x, y] : [y, x];
      const { offset } = blocks.find((block) => block.a === a && block.b === b)!;
      const perDegree = a === b ? (nMax * (nMax + 1)) / 2 : nMax * nMax;
      const within = a === b ? n * nMax - (n * (n - 1)) / 2 + (k - n) : n * nMax + k;
      for (let l = 0; l <= lMax; l++) places.push(offset + l * perDegree + within);
    }
  });
  return Int32Array.from(places);
}
