// Settings and the σ that the rows of a fit took, in words: what the command and the pages print of them.
import type { FitConfiguration } from "./configuration.js";
import type { FitDiagnostics } from "./fit-result.js";
import { isCore } from "./term-settings.js";

const SCOPES: Readonly<Record<string, string>> = {
  all: "noise", "config type": "noise.byConfigType", frame: "σ of the structure", atom: "σ of the atom", component: "σ of the component", weighted: "a weight besides",
};

/** "energies: 12 with σ of the structure; force components: 288 with σ of the atom". */
export function describeNoise(noise: FitDiagnostics["noise"]): string {
  const kinds = [["energies", noise.energy], ["force components", noise.forces], ["virial components", noise.virial]] as const;
  const of = (counts: Readonly<Partial<Record<string, number>>>): string =>
    Object.entries(counts).map(([scope, rows]) => `${rows} with ${SCOPES[scope]}`).join(", ");
  return kinds.filter(([, counts]) => Object.keys(counts).length > 0).map(([kind, counts]) => `${kind}: ${of(counts)}`).join("; ");
}

/** { kind: "gto", nMax: 8 } as "gto, nMax 8"; what is null or empty is left out. */
function inWords(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value ?? "none");
  if (Array.isArray(value)) return value.length > 8 ? `${value.length} ${typeof value[0] === "number" ? "numbers" : "entries"}` : value.map((inner) => (typeof inner === "object" ? `(${inWords(inner)})` : String(inner))).join(" ");
  const entries = Object.entries(value).filter(([, inner]) => inner !== null && !(typeof inner === "object" && Object.keys(inner).length === 0));
  const text = (inner: unknown): string => (typeof inner === "object" ? `(${inWords(inner)})` : String(inner));
  return entries.map(([key, inner]) => (key === "kind" ? text(inner) : `${key} ${text(inner)}`)).join(", ");
}

/** What every term says for itself stands under its number; without terms, the configuration. */
function ofTerms({ terms, ...configuration }: Partial<FitConfiguration>): Record<string, unknown> {
  if (!terms) return configuration;
  const shared = Object.entries(configuration).filter(([group]) => !(group in (terms.find((term) => !isCore(term)) ?? {})));
  return { ...Object.fromEntries(terms.map((term, index) => [`term ${index + 1}`, term])), ...Object.fromEntries(shared) };
}

/** The groups of a configuration, or of a part of one, by name, each in one line of words; what is null or empty is left out. */
export function describeConfiguration(configuration: Partial<FitConfiguration>): [group: string, words: string][] {
  return Object.entries(ofTerms(configuration)).map(([group, value]) => [group, inWords(value)]);
}
