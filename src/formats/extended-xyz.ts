/** Extended XYZ (src/structure/extxyz.ts) as one of the formats. */
import { formatExtxyz, readExtxyz } from "../structure/extxyz.js";
import type { StructureFormat } from "./format.js";

export const extendedXyz: StructureFormat = {
  name: "extended XYZ",
  keepsData: true,
  recognizes: (file, head) => /^\s*\d+[ \t]*\r?(?:\n|$)/.test(head) || /\.(?:ext)?xyz$/i.test(file),
  read: readExtxyz,
  async *write(structures) {
    for await (const structure of structures) yield formatExtxyz(structure);
  },
};
