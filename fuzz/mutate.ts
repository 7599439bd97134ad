/**
 * Damaged inputs from good ones: one to six changes each (mostly one or two), of bytes (flips, cuts, repeats, insertions) and of words (numbers that are too large,
 * words of other inputs, lines in another order). The same random numbers give the same bytes.
 */
import type { Random } from "../src/selection/random.js";

/** What breaks readers: limits of number types, words with a meaning, brackets, quotes, control characters, broken UTF-8. */
const AWKWARD = [
  "0", "-0", "-1", "1e309", "-1e308", "1e-400", "NaN", "nan", "inf", "-Infinity", "4294967296", "9007199254740993", "99999999999999999999", "0x10", "1_0",
  "007", "1e", ".", "+", "-", "true", "T", "F", "null", "\"\"", "\"", "'", "[[", "]]", "{", "}", "[", "]", "=", "==", ":", ",", "\\", "\\u0000", "\0", "\u001b[2J",
  "\r", "\r\n", "\n\n", "\t", " ", "\u00a0", "\ufeff", "é", "β", "𝟙", "__proto__", "constructor", "toString", "Lattice", "Properties=species:S:1:pos:R:3", "pbc",
  "energy", "_JSON", "<", ">", "</a>", "<!--", "<![CDATA[", "&amp;", "&#0;", "loop_", "data_", ";", "#", "$", "%", "//", "/*", "ITEM:", "Direct", "H", "Xx",
];
const encoder = new TextEncoder();
const awkward = [...AWKWARD.map((word) => encoder.encode(word)), Uint8Array.of(0xff, 0xfe), Uint8Array.of(0xc3), Uint8Array.of(0xed, 0xa0, 0x80)];

/** Largest input that is made, bytes; repeats would grow without it. */
const LARGEST = 1 << 16;

function splice(bytes: Uint8Array, start: number, end: number, inserted: Uint8Array): Uint8Array {
  const result = new Uint8Array(start + inserted.length + bytes.length - end);
  result.set(bytes.subarray(0, start));
  result.set(inserted, start);
  result.set(bytes.subarray(end), start + inserted.length);
  return result;
}

const isWord = (byte: number): boolean => byte > 32 && byte !== 34 && byte !== 44 && byte !== 58 && byte !== 61;

/** A word (or number) around a random place: [start, end). */
function wordAt(bytes: Uint8Array, place: number): [number, number] {
  let start = place;
  let end = place;
  while (start > 0 && isWord(bytes[start - 1])) start--;
  while (end < bytes.length && isWord(bytes[end])) end++;
  return [start, end];
}

function lineAt(bytes: Uint8Array, place: number): [number, number] {
  const end = bytes.indexOf(10, place);
  return [bytes.lastIndexOf(10, Math.max(0, place - 1)) + 1, end < 0 ? bytes.length : end + 1];
}

function change(bytes: Uint8Array, random: Random, corpus: readonly Uint8Array[]): Uint8Array {
  const place = random.integer(bytes.length + 1);
  const pick = (): Uint8Array => awkward[random.integer(awkward.length)];
  switch (random.integer(10)) {
    case 0: {
      const flipped = bytes.slice();
      if (flipped.length > 0) flipped[place % flipped.length] ^= 1 << random.integer(8);
      return flipped;
    }
    case 1:
      return splice(bytes, place, place, Uint8Array.of(random.integer(256)));
    case 2:
      return splice(bytes, place, Math.min(bytes.length, place + 1 + random.integer(16)), new Uint8Array(0));
    case 3:
      return splice(bytes, place, place, pick());
    case 4:
    case 5:
      return splice(bytes, ...wordAt(bytes, place), pick());
    case 6: {
      const other = corpus[random.integer(corpus.length)];
      return splice(bytes, ...wordAt(bytes, place), other.subarray(...wordAt(other, random.integer(other.length + 1))));
    }
    case 7: {
      const [start, end] = lineAt(bytes, place);
      return random.integer(2) === 0 ? splice(bytes, start, end, new Uint8Array(0)) : splice(bytes, end, end, bytes.subarray(start, end));
    }
    case 8:
      return bytes.slice(0, place);
    default: {
      const length = 1 + random.integer(Math.min(64, bytes.length + 1));
      const piece = bytes.subarray(place, place + length);
      const repeated = new Uint8Array(piece.length * (1 + random.integer(40)));
      for (let offset = 0; offset < repeated.length; offset += piece.length) repeated.set(piece, offset);
      return splice(bytes, place, place, repeated);
    }
  }
}

/** One damaged input. */
export function mutate(corpus: readonly Uint8Array[], random: Random): Uint8Array {
  let bytes = corpus[random.integer(corpus.length)];
  for (let left = 1 + Math.floor(6 * random.uniform() ** 3); left > 0; left--) bytes = change(bytes, random, corpus);
  return bytes.length > LARGEST ? bytes.slice(0, LARGEST) : bytes;
}
