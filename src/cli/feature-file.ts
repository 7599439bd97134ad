// Files of `lather features`, as other commands read them.
import { InputError, NumericalError, parseNpz, type NpyArray } from "../index.js";
import { readBytes } from "./files.js";

/** Feature vectors [row][feature], and the elements of the centers where the file has them. */
export interface FeatureFile {
  readonly path: string;
  readonly values: Float64Array;
  readonly size: number;
  readonly rows: number;
  readonly centers: NpyArray["data"] | null;
  /** All arrays of the file by name. */
  readonly arrays: Readonly<Record<string, NpyArray>>;
}

/** Does something with feature files; an error about one, which the library knows by a key alone, names its file. */
export function namingFiles<Result>(files: Readonly<Record<string, string>>, job: () => Result): Result {
  try {
    return job();
  } catch (error) {
    const file = error instanceof InputError || error instanceof NumericalError ? files[error.details.key ?? ""] : undefined;
    if (file === undefined) throw error;
    const { what, details } = error as InputError;
    const { key: _, ...rest } = details;
    throw new (error instanceof InputError ? InputError : NumericalError)(what, { ...rest, file });
  }
}

/** @throws InputError when the file cannot be read or has no matrix of features. */
export async function readFeatures(path: string): Promise<FeatureFile> {
  const bytes = await readBytes(path, "features", 2 ** 32, (first) => (first[0] === 0x50 ? null : "an .npz file as `lather features` writes it"));
  const arrays = parseNpz(bytes, path);
  const { features, centers } = arrays;
  if (!features || features.shape.length !== 2 || !(features.data instanceof Float64Array)) {
    const got = features ? `${features.shape.join(" × ")} of ${features.data.constructor.name}` : "no such array";
    throw new InputError("not a file of features", { file: path, key: "features", expected: "float64 [atom][feature]", got });
  }
  const [rows, size] = features.shape as [number, number];
  return { path, values: features.data, size, rows, centers: centers?.data ?? null, arrays };
}
