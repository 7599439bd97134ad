/**
 * Messages of the i-PI protocol as bytes: a header of 12 ASCII characters, blanks at its end, and what belongs to it as little-endian float64
 * and int32 (Ceriotti, More and Manolopoulos, doi:10.1016/j.cpc.2013.10.027; https://docs.ipi-code.org/distributed.html).
 *
 *   to the driver    STATUS | GETFORCE | EXIT | INIT bead:i4 n:i4 text[n] | POSDATA hᵀ[9]:f8 h⁻ᵀ[9]:f8 N:i4 r[3N]:f8
 *   to the server    READY | NEEDINIT | HAVEDATA | FORCEREADY E:f8 N:i4 f[3N]:f8 virialᵀ[9]:f8 n:i4 extras[n]
 *
 * Atomic units throughout. Matrices are transposed: the lattice vectors are columns on the wire and rows here.
 */
import { InputError } from "../errors.js";

/** Bytes of a header. */
const HEADER = 12;
/** Bytes of what INIT brings: i-PI's parameters are a line of text. */
const LONGEST_TEXT = 1 << 20;

/** What a server sends to a driver. */
export type ServerMessage =
  | { readonly kind: "STATUS" | "GETFORCE" | "EXIT" }
  | { readonly kind: "INIT"; readonly bead: number; readonly text: string }
  | {
    readonly kind: "POSDATA";
    /** Lattice vectors as rows, bohr, [3][3]. */
    readonly cell: Float64Array;
    /** bohr, [atom][xyz]. */
    readonly positions: Float64Array;
  };

/** What FORCEREADY brings. */
export interface ForceData {
  /** hartree */
  readonly energy: number;
  /** hartree/bohr, [atom][xyz]. */
  readonly forces: Float64Array;
  /** −dE/dε in hartree, [3][3]. */
  readonly virial: Float64Array;
  /** Free text; i-PI takes a JSON object, and no key "raw". */
  readonly extras: string;
}

/** Takes a message apart: asks for the bytes that it needs next, and ends with the message. */
type Reading = Generator<number, ServerMessage, DataView>;

function* readMessage(atoms: number): Reading {
  const header = characters(yield HEADER);
  switch (header.trimEnd()) {
    case "STATUS": return { kind: "STATUS" };
    case "GETFORCE": return { kind: "GETFORCE" };
    case "EXIT": return { kind: "EXIT" };
    case "INIT": {
      const head = yield 8;
      const length = head.getInt32(4, true);
      if (length < 0 || length > LONGEST_TEXT) throw new InputError("impossible length", { key: "INIT", expected: `at most ${LONGEST_TEXT} bytes`, got: String(length) });
      return { kind: "INIT", bead: head.getInt32(0, true), text: characters(yield length) };
    }
    case "POSDATA": {
      const head = yield 148;
      const count = head.getInt32(144, true);
      // Before any of them is waited for: a peer that announces 2³¹ atoms gets no memory.
      if (count !== atoms) throw new InputError("wrong number of atoms", { key: "POSDATA", expected: `${atoms}, as in the template`, got: String(count) });
      const cell = transposed(Float64Array.from({ length: 9 }, (_, k) => head.getFloat64(8 * k, true)));
      const body = yield 24 * count;
      const positions = new Float64Array(3 * count);
      for (let k = 0; k < positions.length; k++) positions[k] = body.getFloat64(8 * k, true);
      return { kind: "POSDATA", cell, positions };
    }
    default:
      throw new InputError("not a message of i-PI", { expected: "STATUS, INIT, POSDATA, GETFORCE or EXIT", got: JSON.stringify(header) });
  }
}

/** The messages in a stream of bytes, which may be cut anywhere. Memory: one message. */
export class MessageDecoder {
  readonly #atoms: number;
  #reading: Reading;
  #wanted = new Uint8Array(HEADER);
  #filled = 0;
  #begun = false;

  /** @param atoms that POSDATA has to have */
  constructor(atoms: number) {
    this.#atoms = atoms;
    this.#reading = readMessage(atoms);
    this.#reading.next();
  }

  /**
   * The messages that these bytes complete, in order; each is given before what follows it is looked at.
   * @throws InputError on an unknown header, another number of atoms, or an impossible length; the rest of the stream means nothing then.
   */
  *push(bytes: Uint8Array): Generator<ServerMessage, void, undefined> {
    for (let at = 0; at < bytes.length; ) {
      const taken = Math.min(bytes.length - at, this.#wanted.length - this.#filled);
      this.#wanted.set(bytes.subarray(at, at + taken), this.#filled);
      this.#filled += taken;
      this.#begun = true;
      at += taken;
      // Again where nothing is wanted: a text of no bytes, a structure of no atoms.
      while (this.#filled === this.#wanted.length) {
        const { done, value } = this.#reading.next(new DataView(this.#wanted.buffer));
        if (done) this.#reading = readMessage(this.#atoms);
        this.#wanted = new Uint8Array(done ? (this.#reading.next().value as number) : (value as number));
        this.#filled = 0;
        this.#begun = !done;
        if (done) yield value as ServerMessage;
      }
    }
  }

  /** To be called where the stream ends. @throws InputError in the middle of a message. */
  finish(): void {
    if (!this.#begun) return;
    throw new InputError("the connection ended in the middle of a message", { expected: `${this.#wanted.length} bytes more of it`, got: String(this.#filled) });
  }
}

/** READY, NEEDINIT or HAVEDATA: what a driver answers to STATUS. */
export function encodeStatus(status: "READY" | "NEEDINIT" | "HAVEDATA"): Uint8Array {
  return new TextEncoder().encode(status.padEnd(HEADER));
}

/** FORCEREADY with what belongs to it: what a driver answers to GETFORCE. */
export function encodeForces({ energy, forces, virial, extras }: ForceData): Uint8Array {
  const text = new TextEncoder().encode(extras);
  const bytes = new Uint8Array(HEADER + 8 + 4 + 8 * forces.length + 72 + 4 + text.length);
  bytes.set(new TextEncoder().encode("FORCEREADY".padEnd(HEADER)));
  const view = new DataView(bytes.buffer);
  let at = HEADER;
  const numbers = (values: ArrayLike<number>): void => {
    for (let k = 0; k < values.length; k++, at += 8) view.setFloat64(at, values[k]!, true);
  };
  const count = (value: number): void => {
    view.setInt32(at, value, true);
    at += 4;
  };
  numbers([energy]);
  count(forces.length / 3);
  numbers(forces);
  numbers(transposed(virial));
  count(text.length);
  bytes.set(text, at);
  return bytes;
}

function transposed(matrix: Float64Array): Float64Array {
  return matrix.map((_, k) => matrix[3 * (k % 3) + Math.floor(k / 3)]!);
}

/** A character for each byte, whatever it is: headers are ASCII, and a wrong one is shown as it came. */
function characters(bytes: DataView): string {
  return new TextDecoder("latin1").decode(bytes);
}
