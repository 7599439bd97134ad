/** What Lather offers in Node only: files, read as streams and written so that nothing is ever half-written. */
export { readAllStructures, readStructures, writeAtomically, writeStructures, type ReadOptions } from "./files.js";
export { GrowingFile } from "./growing-file.js";
