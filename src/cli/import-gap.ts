import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Command } from "commander";
import { formatModel, InputError, parseGapXml, symbolOf, type Potential } from "../index.js";
import { writeAtomically } from "../node/index.js";
import { reportingBeside, writeJson, type CommandIo } from "./command-io.js";
import { checkFiles, LONGEST_TEXT, readBytes } from "./files.js";

interface Options {
  readonly out: string;
  readonly json?: boolean;
}

/** lather import-gap: a GAP of QUIP in, a model file out. */
export function addImportGapCommand(program: Command, io: CommandIo): void {
  program
    .command("import-gap")
    .summary("make a model file of a GAP of QUIP")
    .description("Makes a model file of a Gaussian approximation potential in XML, as gap_fit of QUIP writes it; every other command then works with it.")
    .argument("<xml>", "the XML; the files of sparse points that it names lie beside it; all plain or gzipped")
    .requiredOption("--out <file>", "model file to write")
    .option("--json", "report as one JSON object on standard output")
    .addHelpText("after", `
Understood are the descriptors soap and distance_2b, their kernels, the energies of single atoms, and a Glue potential of pairs as the core. What is
not is named and refused: angle_3b and other descriptors, averaged or compressed soap, covariance_sigma0, exponents ζ that are no whole numbers.
Checked against QUIP with a soap of silicon, on the CPU: 2e-10 eV/atom, 6e-9 eV/Å. A file of sparse points may have 500 MB.

Example:
  lather import-gap gap.xml --out gap.json
  lather predict gap.json structures.xyz --out predicted.xyz`)
    .action((xml: string, options: Options) => runImport(xml, options, io));
}

/** @throws InputError when the file cannot be read, or is no text in UTF-8, plain or gzipped. */
async function readPlain(path: string, what: string): Promise<string> {
  const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;
  const bytes = await readBytes(path, what, LONGEST_TEXT, (first) => (isGzip(first) || !first.includes(0) ? null : "a text in UTF-8, plain or gzipped"));
  let plain: Uint8Array = bytes;
  try {
    if (isGzip(bytes)) plain = gunzipSync(bytes, { maxOutputLength: LONGEST_TEXT });
  } catch (error) {
    throw new InputError("compressed file is damaged, truncated or too long", { file: path, expected: "gzip", got: (error as Error).message });
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(plain);
  } catch {
    throw new InputError(`cannot read the ${what}`, { file: path, expected: "a text in UTF-8", got: "other bytes" });
  }
}

async function runImport(xml: string, options: Options, terminal: CommandIo): Promise<void> {
  const io = reportingBeside(terminal, [options.out]);
  await checkFiles({ inputs: { xml }, outputs: { "--out": options.out } });
  const readFile = async (name: string): Promise<string> => {
    const path = join(dirname(xml), name);
    const gzipped = `${path}.gz`;
    const found = !existsSync(path) && existsSync(gzipped) ? gzipped : path;
    await checkFiles({ inputs: { "sparse points": found }, outputs: { "--out": options.out } });
    return readPlain(found, "sparse points");
  };
  const potential = await parseGapXml(await readPlain(xml, "XML"), readFile, xml);
  await writeAtomically(options.out, (sink) => sink.write(formatModel(potential)), io);
  const report = describe(potential);
  if (options.json) writeJson(io, { ...report, model: options.out });
  else {
    const parts = [...report.terms.map(({ cutoff, zeta, sparsePoints }) => `soap to ${cutoff} Å, ζ ${zeta}, ${sparsePoints} sparse points`), ...(report.pairs.length > 0 ? [`functions of the pairs ${report.pairs.join(", ")}`] : [])];
    io.stdout.write(`${xml}: a GAP of ${report.elements.join(", ")}: ${parts.join("; ")}\n${options.out}\n`);
  }
}

function describe({ species, baseline, terms, pairs = [] }: Potential) {
  const names = pairs.flatMap((term) => term.pairs.map((pair) => pair.species.map(symbolOf).join("–")));
  return {
    elements: species.map(symbolOf),
    baseline: Object.fromEntries([...baseline].map(([z, energy]) => [symbolOf(z), energy])),
    terms: terms.map(({ hyperparameters: { cutoff }, zeta, centers }) => ({
      cutoff: cutoff.radius, zeta, sparsePoints: centers.reduce((sum, { weights }) => sum + weights.length, 0),
    })),
    pairs: [...new Set(names)],
  };
}
