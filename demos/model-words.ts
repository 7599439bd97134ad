// A potential in words: elements, terms, baseline, and what its file says of errors and data.
import { describeConfiguration, symbolOf, type Potential } from "lather";
import type { SummaryLine } from "./summary-list.js";

export function perElement(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts).map(([symbol, count]) => `${symbol} ${count.toLocaleString("en")}`).join(", ");
}

const BASELINES: Readonly<Record<string, string>> = { isolated: "isolated atoms", "least-squares": "least squares over the training set", given: "given" };

/** "isolated atoms: Si −158.5450 eV". */
export function baselineWords(kind: string, energies: Readonly<Record<string, number>>): string {
  const words = BASELINES[kind] ?? kind;
  const list = Object.entries(energies).map(([symbol, energy]) => `${symbol} ${energy.toFixed(4).replace("-", "−")} eV`).join(", ");
  return words === "" ? list : `${words}: ${list}`;
}

/** One line per term: cutoff, features, basis, kernel and sparse points. */
export function termLines({ terms }: Potential): SummaryLine[] {
  return terms.map(({ hyperparameters: { cutoff, density, basis, features }, zeta, centers }, index) => {
    const groups = describeConfiguration({ cutoff, density, basis, features } as Parameters<typeof describeConfiguration>[0]);
    const points = perElement(Object.fromEntries(centers.map(({ species, weights }) => [symbolOf(species), weights.length])));
    const components = perElement(Object.fromEntries(centers.map(({ species, size }) => [symbolOf(species), size])));
    const text = [...groups.map(([group, words]) => `${group}: ${words}`), `kernel: ζ ${zeta}`, `components: ${components}`, `sparse points: ${points}`].join("; ");
    return [terms.length === 1 ? "Term" : `Term ${index + 1}`, text];
  });
}

function number(value: string | number | undefined): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** "energy RMSE 1.23 meV/atom, force RMSE 0.0710 eV/Å"; empty where the file has none. */
function errorWords(provenance: Potential["provenance"], set: "train" | "test"): string {
  const [energy, force, virial] = ["energy", "force", "virial"].map((quantity) => number(provenance[`${set}_${quantity}_rmse`]));
  return [
    energy == null ? "" : `energy ${(1000 * energy).toFixed(2)} meV/atom`,
    force == null ? "" : `force ${force.toFixed(4)} eV/Å`,
    virial == null ? "" : `virial ${(1000 * virial).toFixed(1)} meV/atom`,
  ].filter((words) => words !== "").join(", ");
}

/** All that a model's file tells. */
export function modelLines(potential: Potential): SummaryLine[] {
  const { species, baseline, terms, provenance } = potential;
  const energies = Object.fromEntries([...baseline].map(([z, energy]) => [symbolOf(z), energy]));
  const radii = terms.map(({ hyperparameters: { cutoff } }) => cutoff.radius);
  const data = (["train", "test"] as const).flatMap((set): SummaryLine[] => {
    const [file, errors] = [provenance[set], errorWords(provenance, set)];
    if (file === undefined && errors === "") return [];
    const structures = number(provenance[`${set}_structures`]);
    const name = [file ?? "a set without a name", ...(structures === null ? [] : [`${structures} structures`])].join(", ");
    return [[set === "train" ? "Trained on" : "Tested on", errors === "" ? name : `${name}; RMSE: ${errors}`]];
  });
  return [
    ["Elements", species.map(symbolOf).join(", ")],
    ["Cutoff", `${[...new Set(radii)].join(", ")} Å`],
    ["Baseline", baselineWords(String(provenance["baseline"] ?? ""), energies)],
    ...data,
    ...(data.some(([, text]) => text.includes("RMSE")) ? [] : [["Errors", "the file tells none"] as const]),
    ...termLines(potential),
    ...(provenance["lather"] === undefined ? [] : [["Written by", `Lather ${provenance["lather"]}`] as const]),
  ];
}
