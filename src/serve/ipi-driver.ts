/**
 * The driver's side of the i-PI protocol on one connection: cell and positions come in, energy, forces and virial go out
 * (ipi-messages.ts; doi:10.1016/j.cpc.2013.10.027). i-PI tells no elements: they, their order and the periodic axes are those of a template.
 */
import type { Duplex } from "node:stream";
import type { Prediction } from "../backend/backend.js";
import { InputError } from "../errors.js";
import { createStructure, type Structure } from "../structure/structure.js";
import { BOHR, HARTREE } from "./atomic-units.js";
import { encodeForces, encodeStatus, MessageDecoder, type ForceData, type ServerMessage } from "./ipi-messages.js";

/** How a conversation ended, and after how many evaluations. */
export interface Conversation {
  /** The server said EXIT, or only closed the connection. */
  readonly end: "EXIT" | "closed";
  readonly evaluations: number;
}

/** @throws InputError on positions that are not finite or a cell without volume along the template's periodic axes. */
function structureOf({ species, pbc }: Structure, { cell, positions }: Extract<ServerMessage, { kind: "POSDATA" }>): Structure {
  const angstrom = (values: Float64Array): Float64Array => values.map((value) => BOHR * value);
  // A molecule has some box or none in i-PI, and zeros in ASE.
  return createStructure({ species, positions: angstrom(positions), cell: pbc.some(Boolean) ? angstrom(cell) : null, pbc });
}

/** Extras where there is nothing to say: ASE 3.22 takes no more than one byte, and some servers wait for one. */
const NO_EXTRAS = " ";

/** A prediction in atomic units; the extras are {"local_energy_eV": [atom]} where they are asked for. */
function forceDataOf({ energy, forces, virial, localEnergies }: Prediction, withLocalEnergies: boolean): ForceData {
  return {
    energy: energy / HARTREE, forces: forces!.map((force) => (force * BOHR) / HARTREE), virial: virial!.map((value) => value / HARTREE),
    extras: withLocalEnergies ? JSON.stringify({ local_energy_eV: [...localEnergies] }) : NO_EXTRAS,
  };
}

export interface DriverOptions {
  /** Elements, their order and the periodic axes of what the server moves; positions and cell do not matter. */
  readonly template: Structure;
  readonly predict: (structure: Structure) => Promise<Prediction>;
  /** Send the energy of each atom as extras. */
  readonly localEnergies: boolean;
  readonly signal: AbortSignal;
}

/**
 * Answers a server until it says EXIT or closes the connection, which is closed in any case afterwards.
 * @throws InputError on what is no message, half a message, another number of atoms or GETFORCE before POSDATA; whatever `predict` throws; the
 * system's error where the connection breaks; the signal's reason.
 */
export async function driveIpi(stream: Duplex, { template, predict, localEnergies, signal }: DriverOptions): Promise<Conversation> {
  const decoder = new MessageDecoder(template.species.length);
  const hangUp = (): void => void stream.destroy();
  signal.addEventListener("abort", hangUp, { once: true });
  let prediction: Prediction | null = null;
  let evaluations = 0;
  try {
    signal.throwIfAborted();
    for await (const bytes of stream as AsyncIterable<Uint8Array>) {
      for (const message of decoder.push(bytes)) {
        if (message.kind === "EXIT") return { end: "EXIT", evaluations };
        // Never NEEDINIT: there is nothing that a server could tell; what INIT brings, a bead and a text, changes no energy.
        if (message.kind === "STATUS") await send(stream, encodeStatus(prediction ? "HAVEDATA" : "READY"));
        if (message.kind === "POSDATA") {
          prediction = await predict(structureOf(template, message));
          evaluations++;
        }
        if (message.kind === "GETFORCE") {
          if (!prediction) throw new InputError("GETFORCE without positions", { expected: "POSDATA before it" });
          await send(stream, encodeForces(forceDataOf(prediction, localEnergies)));
          prediction = null;
        }
      }
    }
    decoder.finish();
    return { end: "closed", evaluations };
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener("abort", hangUp);
    stream.destroy();
  }
}

/** Waits until the bytes are on their way, so that a peer that never reads gets no memory. */
function send(stream: Duplex, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => stream.write(bytes, (error) => (error ? reject(error) : resolve())));
}
