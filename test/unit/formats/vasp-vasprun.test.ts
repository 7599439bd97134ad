// vasprun.xml in the layout that VASP 5 and 6 write (https://www.vasp.at/wiki/Vasprun.xml; the tags that are read, with two steps of invented numbers).
import { expect, test } from "vitest";
import { findLabelKeys } from "../../../src/structure/label-survey.js";
import { readLabels } from "../../../src/structure/labels.js";
import { failureOf, readText } from "./files.js";

const varray = (name: string, rows: readonly string[]): string => `  <varray name="${name}" >\n${rows.map((row) => `   <v> ${row} </v>\n`).join("")}  </varray>\n`;
const energies = (free: string, without: string, zero: string): string =>
  ` <energy>\n  <i name="e_fr_energy"> ${free} </i>\n  <i name="e_wo_entrp"> ${without} </i>\n  <i name="e_0_energy"> ${zero} </i>\n </energy>\n`;
const crystal = (a: string): string => `  <crystal>\n${varray("basis", [`${a} 0.0 0.0`, "0.0 8.0 0.0", "0.0 2.0 10.0"])}  <i name="volume"> 800.0 </i>\n${varray("rec_basis", ["0.1 0 0", "0 0.1 0", "0 0 0.1"])}  </crystal>\n`;
const positions = varray("positions", ["0.0 0.0 0.5", "0.25 0.5 0.0", "0.5 0.5 0.5"]);
const step = (a: string, free: string, force: string): string => ` <calculation>
  <scstep>
 <energy>
   <i name="e_fr_energy">   -575.24128006 </i>
   <i name="e_wo_entrp">   -575.23597954 </i>
   <i name="e_0_energy">   -575.23862980 </i>
  </energy>
  </scstep>
  <scstep>
${energies("-19.0", "-19.57", "-19.6")}  </scstep>
  <structure>
${crystal(a)}${positions}  </structure>
${varray("forces", ["0.5 0.0 0.0", `${force}-6163.613158-93186.317939`, "0.5 0.0 0.0"])}${varray("stress", ["-16.02177 -1.60218 -4.80653", "-1.60218 32.04353 3.20435", "-4.80653 3.20435 48.06530"])}${energies(free, "-0.1", "-0.2")} </calculation>
`;
const HEAD = `<?xml version="1.0" encoding="ISO-8859-1"?>
<modeling>
 <atominfo>
  <atoms>       3 </atoms>
  <array name="atoms" >
   <dimension dim="1">ion</dimension>
   <set>
    <rc><c>Si</c><c>   1</c></rc>
    <rc><c>O </c><c>   2</c></rc>
    <rc><c>O </c><c>   2</c></rc>
   </set>
  </array>
  <array name="atomtypes" >
   <set>
    <rc><c>   1</c><c>Si</c><c>     28.0</c></rc>
   </set>
  </array>
 </atominfo>
 <structure name="initialpos" >
${crystal("9.0")}${positions} </structure>
`;
const TEXT = `${HEAD}${step("10.0", "-19.70000000", "473254.270891")}${step("11.0", "-20.7", "1.500000")} <structure name="finalpos" >\n${crystal("9.0")}${positions} </structure>\n</modeling>\n`;

test("steps with free energy, forces and stress in Lather's sign and unit", async () => {
  const structures = await readText(TEXT, "data.txt", undefined, 7);
  expect(structures.length).toBe(2);
  const [first, second] = structures;
  expect([...first!.species]).toEqual([14, 8, 8]);
  expect([...first!.cell!]).toEqual([10, 0, 0, 0, 8, 0, 0, 2, 10]);
  expect([...first!.positions]).toEqual([0, 1, 5, 2.5, 4, 0, 5, 5, 5]);
  expect([...(first!.arrays.get("forces")!.values as Float64Array).subarray(3, 6)]).toEqual([473254.270891, -6163.613158, -93186.317939]);
  // F of the step; the others of its last electronic step.
  expect([first!.info.get("energy"), first!.info.get("e_0_energy"), first!.info.get("e_wo_entrp")]).toEqual([-19.7, -19.6, -19.57]);
  expect(second!.info.get("energy")).toBe(-20.7);
  expect(second!.origin).toEqual({ file: "data.txt", line: TEXT.split("\n").findLastIndex((line) => line.includes("<calculation>")) + 1, structure: 1 });
  const { virial } = readLabels(second!, findLabelKeys(structures));
  // W = p V with 880 Å³, and 1 eV/Å³ are 1602.1766 kbar.
  [-8.8, -0.88, -2.64, -0.88, 17.6, 1.76, -2.64, 1.76, 26.4].forEach((wanted, index) => expect(virial![index]!).toBeCloseTo(wanted, 3));
});

test("a run that was stopped between two electronic steps has its complete steps; calculations without forces are read", async () => {
  const stopped = TEXT.slice(0, TEXT.lastIndexOf("  <scstep>"));
  expect((await readText(stopped, "vasprun.xml")).length).toBe(1);
  const bare = `${HEAD}${step("10.0", "-1.5", "0").replace(/ {2}<varray name="forces"[\s\S]*?<\/varray>\n/, "")}</modeling>\n`;
  const [only] = await readText(bare, "vasprun.xml");
  expect([only!.info.get("energy"), only!.arrays.size]).toEqual([-1.5, 0]);
});

test.each([
  ["a file that ends within a step", TEXT.slice(0, TEXT.lastIndexOf(" <energy>")), /truncated/],
  ["one that ends within the forces", TEXT.slice(0, TEXT.lastIndexOf("1.500000")), /./],
  ["no calculation", `${HEAD}</modeling>\n`, /no structures/],
  ["fewer forces than atoms", TEXT.replace("   <v> 0.5 0.0 0.0 </v>\n  </varray>", "  </varray>"), /force on atom 2 of 3: <v> with 3 numbers/],
  ["more forces than atoms", TEXT.replace("   <v> 0.5 0.0 0.0 </v>\n  </varray>", "   <v> 0.5 0.0 0.0 </v>\n   <v> 0 0 0 </v>\n  </varray>"), /3 rows and <\/varray>/],
  ["stars for a number", TEXT.replaceAll("0.25 0.5 0.0", "*********** 0.5 0.0"), /position of atom 1 of 3/],
  ["an energy that is not a number", TEXT.replace("-19.70000000", "**********"), /an energy/],
  ["no energy", TEXT.replaceAll("e_fr_energy", "e_xx_energy"), /lacks something.*no e_fr_energy/],
  ["an unknown element", TEXT.replace("<c>Si</c><c>   1", "<c>Sj</c><c>   1"), /unknown element/],
  ["a flat cell", TEXT.replaceAll("0.0 2.0 10.0", "0.0 8.0 0.0"), /./],
])("%s is an error with its line", async (_, text, message) => {
  const error = await failureOf(readText(text, "vasprun.xml"));
  expect(error.message).toMatch(message);
  expect(error.details.line).toBeGreaterThan(0);
});
