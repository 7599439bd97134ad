import { basename, dirname, join } from "node:path";
import type { Command } from "commander";
import { formatGapXml, parseModel } from "../index.js";
import { writeAtomically } from "../node/index.js";
import type { CommandIo } from "./command-io.js";
import { checkFiles, readText } from "./files.js";

/** lather export-gap: a model file in, a GAP that QUIP reads out. */
export function addExportGapCommand(program: Command, io: CommandIo): void {
  program
    .command("export-gap")
    .summary("write a model as a GAP that QUIP reads")
    .description("Writes a model as a Gaussian approximation potential in XML, with files of sparse points beside it, for QUIP and what predicts with it.")
    .argument("<model>", "model file of `lather fit`")
    .requiredOption("--out <file>", "XML to write; the files of sparse points get its name with .sparseX.GAP_lather1 and so on behind it")
    .addHelpText("after", `
A GAP has normalized power spectra in the basis of shifted Gaussians with a cosine cutoff, and cores of pairs; what a model has beyond that is named
and refused. Fit with --set basis.kind=shifted-gaussians to have one that can be written. Cores become splines of 2001 points from 0.05 Å on.

Example:
  lather export-gap silicon.json --out gap.xml`)
    .action((model: string, { out }: { readonly out: string }) => runExport(model, out, io));
}

async function runExport(modelPath: string, out: string, io: CommandIo): Promise<void> {
  await checkFiles({ inputs: { model: modelPath }, outputs: { "--out": out } });
  const { xml, files } = formatGapXml(parseModel(await readText(modelPath, "model"), modelPath), basename(out));
  const beside = [...files].map(([name, text]) => [join(dirname(out), name), text] as const);
  await checkFiles({ inputs: { model: modelPath }, outputs: Object.fromEntries(beside.map(([path], k) => [`sparse points ${k + 1}`, path])) });
  // The XML last: where it is, its files are complete.
  for (const [path, text] of [...beside, [out, xml] as const]) await writeAtomically(path, (sink) => sink.write(text), io);
  io.stdout.write(`${[out, ...beside.map(([path]) => path)].join("\n")}\n`);
}
