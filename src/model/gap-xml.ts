/**
 * Gaussian approximation potentials of QUIP in XML, as gap_fit writes them (libAtoms/GAP, doi:10.1103/PhysRevLett.104.136403):
 *
 *   <GAP_…> <Potential init_args="…"/> <Glue_params> … </Glue_params> <GAP_params gap_version="…"> <GAP_data do_core="F"> <e0 Z="14" value="…"/> … </GAP_data>
 *   <gpSparse n_coordinate="…"> <gpCoordinates …> <theta> <descriptor> <permutation> <sparseX i alpha sparseCutoff/> … </gpCoordinates> … </gpSparse>
 *   <command_line> <XYZ_data> </GAP_params> </GAP_…>
 *
 * The energy is Σ_i e0(Z_i) plus what every <gpCoordinates> gives (gap-xml-soap.ts, gap-xml-pairs.ts), plus, with do_core, the Glue potential. Lengths in Å,
 * energies in eV. The numbers of the sparse points are in files beside the XML, known by their MD5 sums, or in <sparseX>.
 */
import { parseXml, type XmlElement } from "../formats/xml.js";
import type { TabulatedPair } from "../pairs/tabulated-pairs.js";
import { readCoordinates, type GapCoordinates, type ReadFile } from "./gap-xml-coordinates.js";
import { distanceTables, glueTables, readDistance, type DistanceSettings } from "./gap-xml-pairs.js";
import { atomicNumberOf, childrenOf, countOf, descendants, gapError, knownChildren, logicalOf, numberOf, onlyChild, type GapSource } from "./gap-xml-reader.js";
import { readSoap, soapTerm, type SoapSettings } from "./gap-xml-soap.js";
import type { Potential, Term } from "./potential.js";

type Part = { readonly coordinates: GapCoordinates } & ({ readonly soap: SoapSettings } | { readonly distance: DistanceSettings });

/**
 * A GAP as a potential that both backends predict with. Its elements are those that the descriptors name.
 * @param text the XML
 * @param readFile the text of a file of sparse points that the XML names; what it throws passes
 * @param file name of the XML, for messages
 * @throws InputError naming file, line, element and attribute when the XML or a file of it is wrong or truncated, or needs what is not supported:
 *   descriptors other than soap and distance_2b, other kernels, other cores than Glue.
 */
export async function parseGapXml(text: string, readFile: ReadFile, file?: string): Promise<Potential> {
  const source: GapSource = { file };
  const root = parseXml(text, file);
  const params = root.name === "GAP_params" ? root : onlyChild(source, root, "GAP_params");
  knownChildren(source, params, ["GAP_data", "gpSparse", "command_line", "XYZ_data"]);
  const data = onlyChild(source, params, "GAP_data");
  const sparse = onlyChild(source, params, "gpSparse");
  knownChildren(source, sparse, ["gpCoordinates"]);
  if (logicalOf(source, data, "do_pca", false)) throw gapError(source, data, "principal components are not supported", "do_pca", "F", "T");
  const elements = childrenOf(sparse, "gpCoordinates");
  const count = countOf(source, sparse, "n_coordinate", 1);
  if (elements.length !== count) throw gapError(source, sparse, "descriptors and n_coordinate do not agree", "n_coordinate", `${count} elements <gpCoordinates>`, String(elements.length));
  const version = numberOf(source, params, "gap_version", 0);
  const parts: Part[] = [];
  for (const element of elements) {
    const coordinates = await readCoordinates(source, element, readFile);
    const { descriptor } = coordinates;
    parts.push(descriptor.kind === "soap" ? { coordinates, soap: readSoap(descriptor, version) } : { coordinates, distance: readDistance(descriptor) });
  }
  const species = elementsOf(parts);
  if (species.length === 0) throw gapError(source, sparse, "no descriptor names an element", null, "Z, species_Z, Z1 or Z2 above 0 in one of them", "0 in all");
  const terms = parts.flatMap((part) => ("soap" in part ? [soapTerm(source, part.coordinates, part.soap, species)] : []));
  const tables = parts.flatMap((part) => ("distance" in part ? distanceTables(source, part.coordinates, part.distance, species) : []));
  tables.push(...coreTables(source, root, data, species));
  return {
    species, baseline: readBaseline(source, data, species), terms: joined(terms),
    ...(tables.length > 0 && { pairs: [{ kind: "tabulated", pairs: tables }] }),
    provenance: { source: "GAP of QUIP", gap_label: params.attributes.get("label") ?? "", gap_version: version },
  };
}

function elementsOf(parts: readonly Part[]): number[] {
  const named = parts.flatMap((part) => ("soap" in part ? [...part.soap.centers, ...part.soap.neighbors] : part.distance.elements));
  return [...new Set(named)].filter((z) => z > 0).sort((a, b) => a - b);
}

/** The energies of single atoms: of every element by itself, or one for all. An element without has 0, as in QUIP. */
function readBaseline(source: GapSource, data: XmlElement, species: readonly number[]): Map<number, number> {
  knownChildren(source, data, ["e0"]);
  const common = numberOf(source, data, "e0", 0);
  const energies = new Map(childrenOf(data, "e0").map((element) => [atomicNumberOf(source, element, "Z"), numberOf(source, element, "value")]));
  return new Map(species.map((z) => [z, energies.get(z) ?? common]));
}

/** The core, which <Potential> adds to the GAP: init_args="Sum init_args_pot1={IP Glue} init_args_pot2={IP GAP label=…}". */
function coreTables(source: GapSource, root: XmlElement, data: XmlElement, species: readonly number[]): TabulatedPair[] {
  const potentials = childrenOf(root, "Potential");
  const others = potentials.flatMap(({ attributes }) => [...(attributes.get("init_args") ?? "").matchAll(/\bIP\s+(\w+)/g)].map(([, name]) => name!)).filter((name) => name !== "GAP");
  const other = others.find((name) => name !== "Glue");
  if (other !== undefined) throw gapError(source, potentials[0]!, "potential not supported beside the GAP", "init_args", "IP GAP and IP Glue", `IP ${other}`);
  const glues = descendants(root, "Glue_params");
  const wanted = logicalOf(source, data, "do_core", others.length > 0) || others.length > 0;
  if (!wanted && glues.length === 0) return [];
  if (!wanted) throw gapError(source, glues[0]!, "a Glue potential that is not used", null, "do_core=\"T\" in <GAP_data>, or IP Glue in <Potential>", "neither");
  if (glues.length !== 1) throw gapError(source, root, "the core is missing, or not supported", null, "one <Glue_params> in this file", `${glues.length}`);
  return glueTables(source, glues[0]!, species);
}

/** Terms of the same features and kernel, for centers of different elements, as one: features are then computed once. */
function joined(terms: readonly Term[]): Term[] {
  const groups: Term[] = [];
  for (const term of terms) {
    const key = JSON.stringify([term.hyperparameters, term.zeta]);
    const known = new Set(term.centers.map(({ species }) => species));
    const at = groups.findIndex(({ hyperparameters, zeta, centers }) => JSON.stringify([hyperparameters, zeta]) === key && !centers.some(({ species }) => known.has(species)));
    if (at < 0) groups.push(term);
    else groups[at] = { ...term, centers: [...groups[at]!.centers, ...term.centers].sort((a, b) => a.species - b.species) };
  }
  return groups;
}
