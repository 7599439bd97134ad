import { Option, type Command } from "commander";
import { InputError, parseModel, symbolOf, type Potential, type Structure } from "../index.js";
import { readStructures } from "../node/index.js";
import type { HttpAddress, SocketAddress } from "../serve/index.js";
import { StoppedRun, type CommandIo } from "./command-io.js";
import { checkFiles, readText } from "./files.js";
import { addBackendOptions, addSpeciesOption, formatBackend, wholeNumber, withBackend, type BackendOptions, type SpeciesOption } from "./options.js";
import { warnOnce } from "./warnings.js";

interface Options extends BackendOptions, SpeciesOption {
  readonly socket?: readonly string[];
  readonly template?: string;
  readonly localEnergies?: boolean;
  readonly once?: boolean;
  readonly http?: string;
  readonly token?: string;
  readonly maxBytes: number;
}

/** lather serve: a model that answers other programs, over i-PI sockets and over HTTP. */
export function addServeCommand(program: Command, io: CommandIo): void {
  const command = program
    .command("serve")
    .summary("answer other programs: ASE and i-PI over sockets, anything over HTTP")
    .description("Predicts energies, forces and virials for other programs, with a model of `lather fit`, until it is stopped.")
    .argument("<model>", "model file of `lather fit`")
    .option("--socket <address>", "i-PI server to work for: unix:/path, unix:name (/tmp/ipi_name) or tcp:host:port; may be repeated", (text: string, previous: readonly string[] = []) => [...previous, text])
    .option("--template <file>", "structure with the elements, their order and the periodic axes of what the sockets bring")
    .option("--local-energies", "send sockets the energy of each atom as well, as extras in JSON; not for ASE 3.22, which fails on extras")
    .option("--once", "end when the server of the socket is not there or goes away, in place of waiting for it")
    .option("--http <address>", "address to listen on: 127.0.0.1:8080, or the port alone")
    .addOption(new Option("--token <token>", "what clients have to say in `Authorization: Bearer …`; needed for other hosts than 127.0.0.1").env("LATHER_TOKEN"))
    .option("--max-bytes <n>", "longest body of a request over HTTP", wholeNumber, 32 * 2 ** 20);
  addSpeciesOption(command);
  addBackendOptions(command)
    .addHelpText("after", `
Sockets speak the protocol of i-PI: this command is the driver, and ASE's SocketIOCalculator, i-PI and LAMMPS-like programs are servers that have
the address. It tells no elements, so --template does. Each socket is a driver of its own, as for the beads of a path integral.
Over HTTP, GET / tells the elements, the cutoff and the units, and POST /predict takes extended XYZ or JSON, one structure or many, and gives JSON.

Examples:
  lather serve silicon.json --socket unix:silicon --template start.xyz     # ASE: SocketIOCalculator(unixsocket="silicon")
  lather serve silicon.json --http 8080                                   # curl --data-binary @start.xyz http://127.0.0.1:8080/predict`)
    .action((model: string, options: Options) => runServe(model, options, io));
}

/** @throws InputError where the template has elements that the model does not know, before any server waits for it. */
async function readTemplate(path: string, potential: Potential, options: Options, io: CommandIo): Promise<Structure> {
  const reader = readStructures(path, { species: options.species, onWarning: warnOnce(io) });
  const template = (await reader.next()).value!;
  await reader.return();
  const atom = template.species.findIndex((z) => !potential.species.includes(z));
  if (atom < 0) return template;
  throw new InputError("the model does not know this element", { ...template.origin, atom, expected: potential.species.map(symbolOf).join(", "), got: symbolOf(template.species[atom]!) });
}

interface Plan {
  readonly sockets: readonly SocketAddress[];
  readonly http: HttpAddress | null;
  readonly token: string | null;
}

/** Node's HTTP takes 10 ms to load, which the other commands do without. */
const loadServices = () => import("../serve/index.js");

/** @throws InputError on options that do not fit together. */
async function planOf({ socket = [], template, once, http, token }: Options): Promise<Plan> {
  const { checkExposure, parseHttpAddress, parseSocketAddress } = await loadServices();
  if (socket.length === 0 && http === undefined) throw new InputError("nothing to serve", { key: "--socket", expected: "--socket, --http or both", got: "neither" });
  if (socket.length > 0 && template === undefined) {
    throw new InputError("a socket brings no elements", { key: "--template", expected: "a file with one structure of what the server moves", got: "none" });
  }
  if (once && (socket.length === 0 || http !== undefined)) throw new InputError("there is no end to wait for", { key: "--once", expected: "--socket, and no --http" });
  const address = http === undefined ? null : parseHttpAddress(http);
  if (address) checkExposure(address, token ?? null);
  return { sockets: socket.map(parseSocketAddress), http: address, token: token ?? null };
}

async function runServe(modelPath: string, options: Options, io: CommandIo): Promise<void> {
  const { PredictionQueue, serveHttp, serveIpi } = await loadServices();
  const { sockets, http, token } = await planOf(options);
  await checkFiles({ inputs: { model: modelPath, template: options.template }, outputs: {} });
  const potential = parseModel(await readText(modelPath, "model"), modelPath);
  const template = options.template === undefined ? null : await readTemplate(options.template, potential, options, io);
  const log = (text: string): void => void io.stderr.write(`lather: ${text}\n`);
  // What comes over HTTP may be of any size.
  const atoms = http ? Infinity : template!.species.length * sockets.length;
  await withBackend(options, atoms, async (backend, used) => {
    const evaluator = await backend.createEvaluator(potential);
    // One that fails ends the others.
    const failure = new AbortController();
    const signal = AbortSignal.any([io.signal, failure.signal]);
    try {
      const queue = new PredictionQueue(evaluator, backend.kind === "cpu" ? backend.threads : 1);
      const services: Promise<void>[] = [];
      if (http) {
        const { url, ended } = await serveHttp({ address: http, token, maxBytes: options.maxBytes, potential, queue, signal, log });
        io.stdout.write(`${url}\n`);
        services.push(ended);
      }
      log(`serving ${modelPath} (${potential.species.map(symbolOf).join(", ")}): ${formatBackend(used, options)}`);
      const predict = async (structure: Structure) => (await queue.predict([structure], signal))[0]!;
      const { once = false, localEnergies = false } = options;
      for (const address of sockets) services.push(serveIpi(address, { template: template!, predict, localEnergies, once, signal, log }));
      await Promise.all(services.map((service) => service.catch((error: unknown) => {
        failure.abort(error);
        throw error;
      })));
      io.signal.throwIfAborted();
    } catch (error) {
      throw io.signal.aborted ? new StoppedRun("stopped serving") : error;
    } finally {
      evaluator.destroy();
    }
  });
}
