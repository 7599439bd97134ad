// i-PI messages out of streams that are cut anywhere, against bytes written down by hand (ipi-server.ts) in the order that the protocol gives.
import { describe, expect, test } from "vitest";
import { encodeForces, encodeStatus, MessageDecoder, type ServerMessage } from "../../../src/serve/ipi-messages.js";
import { float64, header, int32, posdata } from "./ipi-server.js";

const cell = [1, 2, 3, 4, 5, 6, 7, 8, 9];
const positions = [0.5, -1, 1e-300, 2, 3, -0];
const stream = Buffer.concat([
  header("STATUS"), header("INIT"), int32(3, 5), Buffer.from("a\0b\xffc", "latin1"), header("INIT"), int32(0, 0), posdata(cell, positions), header("STATUS"),
  header("GETFORCE"), header("EXIT"),
]);
const expected: ServerMessage[] = [
  { kind: "STATUS" }, { kind: "INIT", bead: 3, text: "a\0bÿc" }, { kind: "INIT", bead: 0, text: "" },
  { kind: "POSDATA", cell: Float64Array.from(cell), positions: Float64Array.from(positions) }, { kind: "STATUS" }, { kind: "GETFORCE" }, { kind: "EXIT" },
];

function decode(pieces: readonly Buffer[], atoms = 2): ServerMessage[] {
  const decoder = new MessageDecoder(atoms);
  const messages = pieces.flatMap((piece) => [...decoder.push(piece)]);
  decoder.finish();
  return messages;
}

describe("messages in a stream", () => {
  test("in one piece, and cut once at every place", () => {
    expect(decode([stream])).toEqual(expected);
    for (let cut = 0; cut <= stream.length; cut++) expect(decode([stream.subarray(0, cut), stream.subarray(cut)])).toEqual(expected);
  });

  test.each([1, 2, 7, 12, 13, 160])("in pieces of %d bytes of a buffer that is used again", (length) => {
    const decoder = new MessageDecoder(2);
    const reused = Buffer.alloc(length);
    const messages: ServerMessage[] = [];
    for (let at = 0; at < stream.length; at += length) {
      const piece = stream.subarray(at, at + length);
      reused.set(piece);
      messages.push(...decoder.push(reused.subarray(0, piece.length)));
    }
    expect(messages).toEqual(expected);
  });

  test("a structure of no atoms is complete with its number", () => {
    expect(decode([posdata(cell, [])], 0)).toEqual([{ kind: "POSDATA", cell: Float64Array.from(cell), positions: new Float64Array(0) }]);
  });

  test("half a message is no end, a whole one is", () => {
    const bytes = posdata(cell, positions);
    for (let cut = 1; cut < bytes.length; cut++) expect(() => decode([bytes.subarray(0, cut)]), `${cut} bytes`).toThrow("in the middle of a message");
    expect(() => decode([header("INIT"), int32(0, 1)])).toThrow("expected 1 bytes more of it, got 0");
    expect(decode([])).toEqual([]);
    expect(decode([bytes])).toHaveLength(1);
  });

  test.each([
    ["an unknown header", header("HELLO"), /not a message of i-PI: .*got "HELLO {7}"/],
    ["a header in lower case", header("status"), /not a message of i-PI/],
    ["bytes that are no text", Buffer.alloc(12, 0xff), /not a message of i-PI/],
    ["three atoms for two", posdata(cell, [...positions, 0, 0, 0]), /"POSDATA": wrong number of atoms: expected 2, as in the template, got 3/],
    ["2³¹ − 1 atoms", posdata(cell, [], 2 ** 31 - 1), /got 2147483647/],
    ["−1 atoms", posdata(cell, [], -1), /got -1/],
    ["a text of a gigabyte", Buffer.concat([header("INIT"), int32(0, 2 ** 30)]), /"INIT": impossible length/],
    ["a text of −1 bytes", Buffer.concat([header("INIT"), int32(0, -1)]), /"INIT": impossible length/],
  ])("%s is refused, and what came before it is not lost", (_, bytes, message) => {
    const messages: ServerMessage[] = [];
    expect(() => {
      for (const one of new MessageDecoder(2).push(Buffer.concat([header("STATUS"), bytes]))) messages.push(one);
    }).toThrow(message);
    expect(messages).toEqual([{ kind: "STATUS" }]);
  });
});

describe("what a driver sends", () => {
  test("a status has 12 bytes", () => {
    expect(["READY", "NEEDINIT", "HAVEDATA"].map((status) => Buffer.from(encodeStatus(status as "READY")).toString("ascii"))).toEqual(["READY       ", "NEEDINIT    ", "HAVEDATA    "]);
  });

  test("forces: header, energy, number of atoms, forces, virial with its columns as rows, length and bytes of the extras", () => {
    const bytes = encodeForces({ energy: -1.25, forces: Float64Array.from(positions), virial: Float64Array.from(cell), extras: '{"é": 1}' });
    const extras = Buffer.from('{"é": 1}');
    expect(extras.length).toBe(9);
    expect(Buffer.from(bytes)).toEqual(Buffer.concat([
      header("FORCEREADY"), float64(-1.25), int32(2), float64(...positions), float64(1, 4, 7, 2, 5, 8, 3, 6, 9), int32(9), extras,
    ]));
  });
});
