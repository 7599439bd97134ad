// Files of `lather features`, as other commands read them.
import { readFile } from "node:fs/promises";
import { InputError, parseNpz, type NpyArray } from "../index.js";
import { reasonOf } from "./files.js";

/** Feature vectors [row][feature], and the elements of the centers where the file has them. */
export interface FeatureFile {
  readonly values: Float64Array;
  readonly size: number;
  readonly rows: number;
  readonly centers: NpyArray["data"] | null;
  /** All arrays of the file by name. */
  readonly arrays: Readonly<Record<string, NpyArray>>;
}

/** @throws InputError when the file cannot be read or has no matrix of features. */
export async function readFeatures(path: string): Promise<FeatureFile> {
  const bytes = await readFile(path).catch((error: unknown) => {
    const reason = reasonOf(error);
    if (reason === undefined) throw error;
    throw new InputError(`cannot read the features: ${reason}`, { file: path });
  });
  const arrays = parseNpz(bytes, path);
  const { features, centers } = arrays;
  if (!features || features.shape.length !== 2 || !(features.data instanceof Float64Array)) {
    const got = features ? `${features.shape.join(" × ")} of ${features.data.constructor.name}` : "no such array";
    throw new InputError("not a file of features", { file: path, key: "features", expected: "float64 [atom][feature]", got });
  }
  const [rows, size] = features.shape as [number, number];
  return { values: features.data, size, rows, centers: centers?.data ?? null, arrays };
}
