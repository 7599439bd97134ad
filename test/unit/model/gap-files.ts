// XML of a GAP as gap_fit writes it, made in the tests, with its files of sparse points.
import { createHash } from "node:crypto";
import { parseGapXml } from "../../../src/model/gap-xml.js";
import type { Potential } from "../../../src/model/potential.js";

export interface Coordinates {
  readonly descriptor: string;
  readonly kernel: "soap" | "distance";
  readonly delta: number;
  /** f₀ */
  readonly offset?: number;
  readonly zeta?: number;
  readonly theta?: number;
  readonly points: readonly ArrayLike<number>[];
  readonly alpha: readonly number[];
  readonly sparseCutoff?: readonly number[];
}

export interface GapText {
  readonly xml: string;
  readonly files: ReadonlyMap<string, string>;
}

/** @param core elements that stand before <GAP_params> */
export function gapText(e0: Readonly<Record<number, number>>, all: readonly Coordinates[], core = "", doCore = "F"): GapText {
  const files = new Map<string, string>();
  const parts = all.map(({ descriptor, kernel, delta, offset = 0, zeta, theta, points, alpha, sparseCutoff }, k) => {
    const name = `gap.xml.sparseX.GAP_1${k + 1}`;
    const text = points.map((point) => Array.from(point, (value) => `${value.toExponential(20)}\n`).join("")).join("");
    files.set(name, text);
    const sum = createHash("md5").update(text).digest("hex");
    return `    <gpCoordinates label="GAP_1${k + 1}" dimensions="${points[0]!.length}" signal_variance="${delta}" signal_mean="${offset}" sparsified="T" n_permutations="1" ` +
      `covariance_type="${kernel === "soap" ? 2 : 1}" ${zeta === undefined ? "" : `zeta="${zeta}"`} n_sparseX="${points.length}" sparseX_filename="${name}" sparseX_md5sum="${sum}">
      ${theta === undefined ? "" : `<theta>${theta.toExponential(17)} </theta>`}
      <descriptor>${descriptor}</descriptor>
      <permutation i="1">1  </permutation>
${alpha.map((value, m) => `      <sparseX i="${m + 1}" alpha="${value}" sparseCutoff="${sparseCutoff?.[m] ?? 1}"/>\n`).join("")}    </gpCoordinates>\n`;
  });
  const potential = core === "" ? "IP GAP label=GAP_1" : "Sum init_args_pot1={IP Glue} init_args_pot2={IP GAP label=GAP_1}";
  const xml = `<GAP_1>
<Potential label="GAP_1" init_args="${potential}"/>
${core}<GAP_params label="GAP_1" gap_version="1686220958">
  <GAP_data do_core="${doCore}">
${Object.entries(e0).map(([z, energy]) => `    <e0 Z="${z}" value="${energy}"/>\n`).join("")}  </GAP_data>
  <gpSparse label="GAP_1" n_coordinate="${all.length}" fitted="T">
${parts.join("")}  </gpSparse>
  <command_line><![CDATA[ at_file=a.xyz gap={soap & more < all} ]]></command_line>
</GAP_params>
</GAP_1>
`;
  return { xml, files };
}

export function readGap({ xml, files }: GapText): Promise<Potential> {
  return parseGapXml(xml, (name) => {
    const text = files.get(name);
    if (text === undefined) throw new Error(`no file ${name}`);
    return text;
  }, "gap.xml");
}

/** <Glue_params> of functions of pairs: types 1, 2, … are these elements; the embedding is zero. */
export function glueText(elements: readonly number[], pairs: readonly { readonly types: readonly [number, number]; readonly slopes: string; readonly points: readonly (readonly [number, number])[] }[]): string {
  const types = elements.map((z, k) => `  <per_type_data atomic_num="${z}" type="${k + 1}">
    <density num_points="2" density_y1="-1.0" density_yn="0.0"> <point a="1.0" rho="1.0"/> <point a="2.0" rho="2.0"/> </density>
    <potential_density num_points="2"> <point rho="1.0" E="0.0"/> <point rho="2.0" E="0.0"/> </potential_density>
  </per_type_data>\n`);
  const functions = pairs.map(({ types: [a, b], slopes, points }) => `  <per_pair_data type1="${a}" type2="${b}">
    <!-- a pair -->
    <potential_pair num_points="${points.length}" ${slopes}>
${points.map(([r, energy]) => `      <point r="${r}" E="${energy}"/>\n`).join("")}    </potential_pair>
  </per_pair_data>\n`);
  return `<Glue_params n_types="${elements.length}">\n${types.join("")}${functions.join("")}</Glue_params>\n`;
}
