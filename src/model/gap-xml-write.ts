/**
 * A potential of Lather as a GAP in XML that QUIP predicts with: the inverse of gap-xml.ts, conventions as in gap-xml-soap.ts and gap-xml-pairs.ts.
 *
 * Every element of centers of every term is a <gpCoordinates> of its own, with δ = 1 and α_m = x_m. Components z = Vᵀp (Eq. (14)) go back to features:
 * z · z_m = p · V z_m. Functions of pairs become a Glue core with <potential_pair> of 2001 points from 0.05 Å on, whose spline differs from a core of Eq. (71)
 * by less than 1e-6 eV beyond half an ångström, and goes straight on below 0.05 Å. Lengths in Å, energies in eV.
 */
import { isPairTerm, pairSums } from "../backend/pair-terms.js";
import { InputError } from "../errors.js";
import type { Hyperparameters } from "../features/hyperparameters.js";
import { evaluatePairFunction } from "../pairs/pair-function.js";
import { atomicNumberOf } from "../structure/elements.js";
import { placesOf } from "./gap-xml-soap.js";
import { md5 } from "./md5.js";
import type { CenterModel, Potential, Term } from "./potential.js";

/** The oldest version of gap_fit with these conventions, so that no QUIP refuses the file as too new. */
const VERSION = 1426512068;
const LABEL = "GAP_lather";
const POINTS = 2001;
const FIRST = 0.05;

/** The XML and its files of sparse points, by name. */
export interface GapFiles {
  readonly xml: string;
  readonly files: ReadonlyMap<string, string>;
}

/** A number as the nearest float64 has it, as C and Fortran read it. */
const digits = (value: number): string => value.toExponential(16);

/**
 * @param name of the XML, for those of its files
 * @throws InputError naming the key of what a GAP cannot say: other features than normalized power spectra of shifted Gaussians, other cutoffs than cosines, …
 */
export function formatGapXml(potential: Potential, name = "gap.xml"): GapFiles {
  const { species, baseline, terms } = potential;
  const files = new Map<string, string>();
  const soaps = terms.filter((term) => !isPairTerm(term));
  const parts = soaps.flatMap((term) => {
    const neighbors = checkTerm(term, terms.indexOf(term), species);
    return term.centers.filter(({ weights }) => weights.length > 0).map((center) => ({ term, center, neighbors }));
  });
  if (parts.length === 0) throw new InputError("a GAP has a descriptor", { key: "terms", expected: "a power spectrum with sparse points", got: "functions of pairs alone" });
  const coordinates = parts.map(({ term, center, neighbors }, index) => {
    const label = `${LABEL}${index + 1}`;
    const file = `${name}.sparseX.${label}`;
    const { text, dimensions } = sparseText(term.hyperparameters, center, neighbors, species);
    files.set(file, text);
    const rows = Array.from(center.weights, (weight, m) => `      <sparseX i="${m + 1}" alpha="${digits(weight)}" sparseCutoff="1.0000000000000000"/>\n`);
    return `    <gpCoordinates label="${label}" dimensions="${dimensions}" signal_variance="1.0000000000000000" signal_mean="0.0000000000000000" sparsified="T" ` +
      `n_permutations="1" covariance_type="2" zeta="${digits(term.zeta)}" n_sparseX="${center.weights.length}" sparseX_filename="${escaped(file)}" sparseX_md5sum="${md5(new TextEncoder().encode(text))}">
      <descriptor>${descriptorOf(term, center.species, neighbors)}</descriptor>
      <permutation i="1">1  </permutation>
${rows.join("")}    </gpCoordinates>\n`;
  });
  const core = coreText(potential);
  const own = `IP GAP label=${LABEL}`;
  const xml = `<${LABEL}>
<Potential label="${LABEL}" init_args="${core === "" ? own : `Sum init_args_pot1={IP Glue} init_args_pot2={${own}}`}"/>
${core}<GAP_params label="${LABEL}" gap_version="${VERSION}">
  <GAP_data do_core="${core === "" ? "F" : "T"}">
${species.map((z) => `    <e0 Z="${z}" value="${digits(baseline.get(z) ?? 0)}"/>\n`).join("")}  </GAP_data>
  <gpSparse label="${LABEL}" n_coordinate="${coordinates.length}" fitted="T">
${coordinates.join("")}  </gpSparse>
</GAP_params>
</${LABEL}>
`;
  return { xml, files };
}

function escaped(text: string): string {
  return text.replace(/[<>&"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Elements that the densities of a term resolve: all but those of weight 0. */
function checkTerm({ hyperparameters: { cutoff, density, basis, features } }: Term, index: number, species: readonly number[]): number[] {
  const check = (holds: boolean, key: string, expected: string, got: unknown): void => {
    if (!holds) throw new InputError("a GAP of QUIP has no such term", { key: `terms.${index}.hyperparameters.${key}`, expected, got: String(got) });
  };
  check(features.kind === "power-spectrum", "features.kind", "\"power-spectrum\"", features.kind);
  check(features.normalize, "features.normalize", "true", features.normalize);
  check(basis.kind === "shifted-gaussians", "basis.kind", "\"shifted-gaussians\"", basis.kind);
  check(!basis.contraction, "basis.contraction", "none: the primitive basis", "an optimal basis");
  check(cutoff.function === "cosine", "cutoff.function", "\"cosine\"", cutoff.function);
  check(density.kind === "gaussian", "density.kind", "\"gaussian\"", density.kind);
  check(density.widths === undefined, "density.widths", "one width for all elements", "several");
  check(density.scaling === null || Number.isInteger(density.scaling.exponent), "density.scaling.exponent", "a whole number", density.scaling?.exponent);
  const weights = new Map(Object.entries(density.weights ?? {}).map(([symbol, weight]) => [atomicNumberOf(symbol), weight]));
  for (const [z, weight] of weights) check(weight === 0 || weight === 1, "density.weights", "0 or 1", `${weight} of element ${z}`);
  const neighbors = species.filter((z) => weights.get(z) !== 0);
  check(neighbors.length > 0, "density.weights", "an element of weight 1", "none");
  return neighbors;
}

function descriptorOf({ hyperparameters: { cutoff, density, basis }, zeta }: Term, center: number, neighbors: readonly number[]): string {
  const { scaling } = density;
  const decay = scaling && scaling.exponent > 0 ? ` cutoff_dexp=${scaling.exponent} cutoff_scale=${scaling.scale} cutoff_rate=${scaling.rate}` : "";
  return `soap l_max=${basis.lMax} n_max=${basis.nMax} atom_sigma=${density.width} zeta=${zeta} cutoff=${cutoff.radius} cutoff_transition_width=${cutoff.width} ` +
    `central_weight=${density.centerWeight} central_reference_all_species=F${decay} covariance_type=dot_product n_species=${neighbors.length} Z=${center} species_Z={${neighbors.join(" ")} }`;
}

function sparseText(hyperparameters: Hyperparameters, center: CenterModel, neighbors: readonly number[], species: readonly number[]): { text: string; dimensions: number } {
  const { projection, size, sparsePoints, weights } = center;
  const places = placesOf(hyperparameters, neighbors, species);
  const lines: string[] = [];
  for (let m = 0; m < weights.length; m++) {
    const point = sparsePoints.subarray(m * size, (m + 1) * size);
    for (const place of places) {
      const value = projection === null ? point[place]! : point.reduce((sum, component, q) => sum + projection[place * size + q]! * component, 0);
      lines.push(digits(value));
    }
    // σ₀
    lines.push(digits(0));
  }
  return { text: `${lines.join("\n")}\n`, dimensions: places.length + 1 };
}

/** <Glue_params> of all functions of pairs; empty where there are none. The densities have to be there and mean nothing. */
function coreText(potential: Potential): string {
  const sums = pairSums(potential);
  if (sums === null || sums.cutoff === 0) return "";
  if (sums.constants.some((value) => value !== 0)) throw new InputError("a GAP of QUIP has no such term", { key: "terms", expected: "radial spectra without a Gaussian of the center", got: "density.centerWeight above 0" });
  const { species, functions } = sums;
  const out = new Float64Array(2);
  const types = species.map((z, type) => `  <per_type_data type="${type + 1}" atomic_num="${z}">
    <density num_points="2" density_y1="0.0" density_yn="0.0"> <point a="1.0" rho="1.0"/> <point a="2.0" rho="1.0"/> </density>
    <potential_density num_points="2"> <point rho="0.0" E="0.0"/> <point rho="1.0" E="0.0"/> </potential_density>
  </per_type_data>\n`);
  const pairs = species.flatMap((_, a) => species.slice(a).map((__, k): [number, number] => [a, a + k])).flatMap(([a, b]) => {
    const [there, back] = [functions[a]![b]!, functions[b]![a]!];
    const radius = [...there, ...back].reduce((largest, one) => Math.max(largest, one.radius), 0);
    if (radius <= FIRST) return [];
    /** φ and its slope: what both atoms have of it. */
    const at = (r: number): [number, number] => [...there, ...back].reduce<[number, number]>(([value, slope], one) => {
      evaluatePairFunction(one, r, out);
      return [value + out[0]!, slope + out[1]!];
    }, [0, 0]);
    const points = Array.from({ length: POINTS }, (__, k) => FIRST + ((radius - FIRST) * k) / (POINTS - 1));
    return [`  <per_pair_data type1="${a + 1}" type2="${b + 1}">
    <potential_pair num_points="${POINTS}" y1="${digits(at(FIRST)[1])}" yn="0.0">
${points.map((r) => `      <point r="${digits(r)}" E="${digits(at(r)[0])}"/>\n`).join("")}    </potential_pair>
  </per_pair_data>\n`];
  });
  return `<Glue_params n_types="${species.length}">\n${types.join("")}${pairs.join("")}</Glue_params>\n`;
}
