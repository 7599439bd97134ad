// What is wrong with a GAP in XML, or not supported, is named: file, line, element, attribute.
import { describe, expect, test } from "vitest";
import { createHash } from "node:crypto";
import { InputError } from "../../../src/errors.js";
import { parseXml } from "../../../src/formats/xml.js";
import { md5 } from "../../../src/model/md5.js";
import { parseModel } from "../../../src/model/model-file.js";
import { gapText, glueText, readGap, type Coordinates, type GapText } from "./gap-files.js";

const distance: Coordinates = { kernel: "distance", delta: 1, theta: 0.5, points: [[1], [2]], alpha: [0.1, 0.2], descriptor: "distance_2b cutoff=3.0 Z1=6 Z2=14" };
const soap: Coordinates = {
  kernel: "soap", delta: 1, zeta: 2, points: [[0.6, 0.8, 0, 0]], alpha: [0.5], descriptor: "soap l_max=0 n_max=2 atom_sigma=0.5 cutoff=3 n_species=1 Z=14 species_Z={14}",
};
const glue = glueText([6, 14], [{ types: [1, 2], slopes: 'y1="0" yn="0"', points: [[0.5, 9], [1, 3], [1.5, 0]] }]);
const text = (): GapText => gapText({ 6: -1, 14: -2 }, [distance, soap], glue, "T");

async function messageOf(job: () => unknown): Promise<string> {
  try {
    await job();
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  throw new Error("expected an InputError");
}

/** The message for the XML with one piece replaced; the piece must be there. */
function changed(from: string | RegExp, to: string): Promise<string> {
  const { xml, files } = text();
  const other = xml.replace(from, to);
  expect(other).not.toBe(xml);
  return messageOf(() => readGap({ xml: other, files }));
}

test("the text itself is fine", async () => {
  const { species, terms, pairs } = await readGap(text());
  expect([species, terms.length, pairs!.length]).toEqual([[6, 14], 1, 1]);
});

test("words of a descriptor as gap_fit and people leave them", async () => {
  const { xml, files } = text();
  const plain = await readGap({ xml, files });
  const words = "average=F add_species SOAP L_MAX = 0 n_max=2     =T atom_gaussian_width=0.5 config_type_n_sparse={dia:10:liq:20} cutoff=3\n n_species=1 Z=14 species_Z={{14}} print_sparse_index=\"a b\"";
  const other = xml.replace(/<descriptor>soap [^<]*/, `<descriptor>${words}`);
  expect(other).not.toBe(xml);
  expect(await readGap({ xml: other, files })).toEqual(plain);
});

describe("refused, with file, line, element and attribute:", () => {
  test.each<[string, string | RegExp, string, ...string[]]>([
    ["an unknown descriptor", "distance_2b cutoff=3.0 Z1=6 Z2=14", "angle_3b cutoff=3.0 Z=6 Z1=14 Z2=14", "<descriptor>", "descriptor not supported: expected soap or distance_2b, got angle_3b"],
    ["a descriptor without a name", "<descriptor>soap ", "<descriptor>", "expected one name and words key=value"],
    ["a setting that nobody knows", "n_max=2", "n_max=2 radial_basis=GTO", '"<descriptor> radial_basis"', "expected no such key, got GTO"],
    ["compressed soap", "n_max=2", "n_max=2 R_mix=T", '"<descriptor> r_mix"', "expected F, got T"],
    ["averaged soap", "n_max=2", "n_max=2 average=T", '"<descriptor> average"'],
    ["σ₀", "n_max=2", "n_max=2 covariance_sigma0=0.1", '"<descriptor> covariance_sigma0"', "expected 0, got 0.1"],
    ["soap that is not normalized", "n_max=2", "n_max=2 normalise=F", '"<descriptor> normalise"'],
    ["soap without l_max", "l_max=0 ", "", '"<descriptor> l_max"', "expected a number, got none"],
    ["a key given twice", "n_max=2", "n_max=2 N_MAX=3", "a key is given twice"],
    ["any element among several", "Z=14 species_Z={14}", "Z=14 species_Z={0}", '"<descriptor> species_z"', "expected the elements by number, as there are several, got 0"],
    ["fewer elements than promised", "n_species=1 Z=14 species_Z={14}", "n_species=2 Z=14 species_Z={14}", '"<descriptor> species_z"', "expected 2 different atomic numbers (0: any), got 14"],
    ["a center that the only density does not know", "Z=14 species_Z={14}", "Z=6 species_Z={14}", '"<descriptor> z"', "expected an element of species_Z, got 6"],
    ["a center's Gaussian in every density", "n_species=1 Z=14 species_Z={14}", "n_species=2 Z=14 species_Z={14 6} central_reference_all_species=T", '"<descriptor> central_reference_all_species"', "expected F, got T"],
    ["other dimensions", "n_max=2", "n_max=3", '"<gpCoordinates> dimensions"', "expected 7 for n_max 3, l_max 0, 1 species, got 4"],
    ["ζ that is no whole number", 'zeta="2"', 'zeta="2.5"', '"<gpCoordinates> zeta"', "expected a whole number from 1 to 64, got 2.5"],
    ["another kernel", 'covariance_type="1"', 'covariance_type="4"', '"<gpCoordinates> covariance_type"', "got 4 (piecewise polynomial)"],
    ["the kernel of the other", 'covariance_type="1"', 'covariance_type="2" zeta="1"', '"<gpCoordinates> covariance_type"', "expected 1 (squared exponential), got 2 (dot product)"],
    ["permutations", 'n_permutations="1"', 'n_permutations="2"', '"<gpCoordinates> n_permutations"'],
    ["no δ", / signal_variance="1"/, "", '"<gpCoordinates> signal_variance"', "attribute is missing: expected a value, got none"],
    ["δ that is no number", 'signal_variance="1"', 'signal_variance="one"', "expected a number, got one"],
    ["α that is not finite", 'alpha="0.2"', 'alpha="NaN"', '"<sparseX> alpha"', "expected a number, got NaN"],
    ["a sparse point twice", '<sparseX i="2"', '<sparseX i="1"', '"<sparseX> i"', "every number once"],
    ["a sparse point beyond the last", '<sparseX i="2"', '<sparseX i="3"', '"<sparseX> i"', "expected a whole number from 1 to 2, got 3"],
    ["fewer sparse points than promised", 'n_sparseX="2"', 'n_sparseX="3"', '"<gpCoordinates> n_sparseX"', "expected 3 elements <sparseX>, got 2"],
    ["a length scale of zero", /<theta>[^<]*/, "<theta>0.0", '"<gpCoordinates>"', "expected 1 lengths above 0, got 0"],
    ["sparse points elsewhere", /sparseX_filename="/, 'sparseX_filename="../', '"<gpCoordinates> sparseX_filename"', "expected a file beside the XML, got ../gap"],
    ["the file of another fit", /sparseX_md5sum="./, 'sparseX_md5sum="x', "gap.xml.sparseX.GAP_11", "MD5 sum differs"],
    ["fewer descriptors than promised", 'n_coordinate="2"', 'n_coordinate="3"', '"<gpSparse> n_coordinate"', "got 2"],
    ["an older version", 'gap_version="1686220958"', 'gap_version="1"', '"<descriptor> gap_version"', "expected 1426512068 or later, got 1"],
    ["no single-atom energies' place", /<GAP_data[^]*<\/GAP_data>/, "", '"<GAP_params>"', "expected one <GAP_data>, got 0"],
    ["an element that there is not", '<e0 Z="6"', '<e0 Z="119"', '"<e0> Z"', "from 1 to 118, got 119"],
    ["an unknown part", "<command_line>", "<local_property/><command_line>", '"<local_property>"', "element not supported here"],
    ["another core", "{IP Glue}", "{IP ZBL}", '"<Potential> init_args"', "expected IP GAP and IP Glue, got IP ZBL"],
    ["no core where there should be one", glue, "", "the core is missing, or not supported"],
    ["an embedding", 'rho="2.0" E="0.0"', 'rho="2.0" E="0.1"', '"<potential_density>"', "a Glue potential with an embedding is not supported"],
    ["points of a core at one distance", '<point r="1"', '<point r="0.5"', "expected different distances from 0 to 50 Å, got 0.5"],
    ["fewer points of a core than promised", 'num_points="3"', 'num_points="4"', '"<potential_pair> num_points"', "expected 4 elements <point>, got 3"],
    ["a type that there is not", 'type2="2"', 'type2="3"', '"<per_pair_data> type2"'],
    ["bonds alone", "Z1=6 Z2=14", "Z1=6 Z2=14 only_intra=T resid_name=mol", '"<descriptor> only_intra"'],
    ["powers of distances", "Z1=6 Z2=14", "Z1=6 Z2=14 n_exponents=2 exponents={-6 -12}", '"<descriptor> n_exponents"', "expected 1, got 2"],
    ["a cutoff of zero", "cutoff=3.0", "cutoff=0", "expected a length above 0 Å, at most 50 Å, got 0"],
    ["a density without a width", "atom_sigma=0.5", "atom_sigma=0", '"<descriptor> atom_sigma"', "expected σ above 0 Å, got 0"],
    ["more radial functions than there are", "n_max=2", "n_max=1000000000", '"<descriptor> n_max"', "an integer from 1 to 32"],
    ["a cutoff that falls before it begins", "cutoff=3 ", "cutoff=3 cutoff_transition_width=3.5 ", '"<descriptor> cutoff_transition_width"'],
  ])("%s", async (_, from, to, ...expected) => {
    const message = await changed(from, to);
    for (const part of expected) expect(message).toContain(part);
    expect(message).toMatch(/^gap\.xml(:\d+|\.sparseX)/);
  });

  test("the line is that of the element", async () => {
    const line = text().xml.split("\n").findIndex((row) => row.includes("<descriptor>soap")) + 1;
    expect(await changed("n_max=2", "n_max=2 average=T")).toContain(`gap.xml:${line}, `);
  });
});

describe("files of sparse points", () => {
  const withFile = (change: (content: string) => string): Promise<string> => {
    const { xml, files } = text();
    const [[name, content], ...others] = [...files] as [[string, string], ...[string, string][]];
    return messageOf(() => readGap({ xml: xml.replaceAll(/sparseX_md5sum="[^"]*"/g, ""), files: new Map([[name, change(content)], ...others]) }));
  };
  test.each<[string, (content: string) => string, string]>([
    ["truncated", (content) => content.split("\n")[0]!, "gap.xml.sparseX.GAP_11: the file of sparse points is truncated, or not that of this XML: expected 2 points of 1 numbers, 2 lines, got 1 numbers"],
    ["empty", () => "", "got 0 characters"],
    ["with empty lines in place of numbers", () => "1.0\n\n\n\n", "got 1 numbers"],
    ["too long", (content) => `${content}3\n`, "gap.xml.sparseX.GAP_11:3: the file of sparse points is too long"],
    ["with a word", (content) => content.replace("2.", "two."), "gap.xml.sparseX.GAP_11:2: wrong line of the sparse points: expected a number"],
    ["with infinity", () => "1\nInfinity\n", "gap.xml.sparseX.GAP_11:2: wrong line"],
  ])("%s", async (_, change, expected) => {
    expect(await withFile(change)).toContain(expected);
  });

  test("nothing is set aside for dimensions that nobody can have", async () => {
    expect(await changed('dimensions="4"', 'dimensions="999999999999"')).toContain("expected 1 points of 999999999999 numbers");
    const inline = text().xml.replaceAll(/sparseX_filename="[^"]*" sparseX_md5sum="[^"]*"/g, "").replace('dimensions="1"', 'dimensions="999999999999"').replace(/<theta>.*<\/theta>/, "").replace('covariance_type="1"', 'covariance_type="2" zeta="1"');
    expect(await messageOf(() => readGap({ xml: inline, files: new Map() }))).toContain("wrong sparse point: expected 999999999999 numbers");
  });

  test("what the reader of files throws passes", async () => {
    await expect(readGap({ ...text(), files: new Map() })).rejects.toThrow("no file gap.xml.sparseX.GAP_11");
  });
});

describe("XML", () => {
  test("truncated anywhere it is refused, never taken for the whole", async () => {
    const { xml, files } = text();
    const whole = xml.trimEnd().length;
    for (let end = 0; end < whole; end += 37) await messageOf(() => readGap({ xml: xml.slice(0, end), files }));
    expect(await messageOf(() => readGap({ xml: xml.slice(0, whole - 3), files }))).toContain("gap.xml:");
  });

  test("entities, CDATA, comments, both quotes, blanks", () => {
    const root = parseXml("\uFEFF<?xml version='1.0'?>\n<!-- <no> -->\n<a  b = '1 &lt; \"2\"'\n c=\"&#65;&#x42;\" >x<![CDATA[<&>]]>y<d/><e>z&amp;</e ></a>\n");
    expect([root.name, root.line, root.text, [...root.attributes]]).toEqual(["a", 3, "x<&>y", [["b", "1 < \"2\""], ["c", "AB"]]]);
    expect(root.children.map(({ name, text: inside, line }) => [name, inside, line])).toEqual([["d", "", 4], ["e", "z&", 4]]);
  });

  test.each([
    ["", "expected an element, <name …>, got none"], ["text", "not XML"], ["<a>", "2: file is truncated: expected </a> of line 1"], ["<a></b>", "wrong closing tag: expected </a> of line 1, got </b>"],
    ["<a/><b/>", "expected one outermost element"], ["<a b=1/>", "expected a value in quotes"], ["<a b='1' b='2'/>", "given twice"], ["<a b='1'c='2'/>", "expected a blank, > or />"],
    ["<a>&nbsp;</a>", "unknown entity"], ["<a>& b</a>", "unknown entity"], ["<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", "no <!DOCTYPE"], ["<a b='<'/>", "a value without <"], ["<a><!-- </a>", "file is truncated: expected -->"],
    ["<1/>", "expected a name"], ["</a>", "expected an element first"], [`${"<a>".repeat(70)}`, "XML nested too deeply"],
  ])("%j is refused", async (xml, expected) => {
    expect(await messageOf(() => parseXml(`${xml}\n`, "F.xml"))).toContain(expected);
  });

  test("where a model file is asked for, the way to one is named", async () => {
    expect(await messageOf(() => parseModel(text().xml, "gap.xml"))).toContain("gap.xml: a GAP of QUIP, not a Lather model: expected what `lather import-gap` makes of it");
  });
});

test.each([0, 1, 55, 56, 63, 64, 65, 1000])("MD5 of %d bytes is Node's", (length) => {
  const bytes = Uint8Array.from({ length }, (_, k) => (k * 89 + 7) & 255);
  expect(md5(bytes)).toBe(createHash("md5").update(bytes).digest("hex"));
});
