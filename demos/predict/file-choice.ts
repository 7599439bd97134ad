// The two files of the page, chosen or dropped anywhere: which is the model and which the structures, their content says.
import { acceptDrops, unusedWords } from "../file-drop.js";
import { recognizeFile } from "../file-kind.js";
import { createFileSlot } from "../file-slot.js";

export interface FileChoice {
  readonly model: File | null;
  readonly structures: File | null;
  /** Takes a model from elsewhere. */
  takeModel(file: File): void;
}

function find<Kind extends HTMLElement>(id: string): Kind {
  return document.querySelector<Kind>(`#${id}`)!;
}

/** The files in their roles: the first model, the first other file, and the rest. */
async function sort(files: readonly File[]): Promise<{ model: File | null; structures: File | null; rest: File[] }> {
  const kinds = await Promise.all(files.map(recognizeFile));
  const isModel = (file: File): boolean => ["model", "property-model"].includes(kinds[files.indexOf(file)]!.kind);
  const [model = null] = files.filter(isModel);
  const [structures = null] = files.filter((file) => !isModel(file));
  return { model, structures, rest: files.filter((file) => file !== model && file !== structures) };
}

/** @param onModel called with every other model, null where there is none any more */
export function createFileChoice(onModel: (file: File | null) => void, onError: (error: unknown) => void): FileChoice {
  const unused = find("unused-files");
  const clear = (): void => void (unused.textContent = "");
  const model = createFileSlot(find<HTMLInputElement>("model-file"), find("model-name"), {
    wanted: ["model", "property-model"],
    onChange(file) {
      clear();
      onModel(file);
    },
  });
  const structures = createFileSlot(find<HTMLInputElement>("structures-file"), find("structures-name"), { wanted: ["structures"], onChange: clear });
  acceptDrops((files, zone) => {
    // One file on a zone is meant for it; it says itself what is wrong with that.
    if (files.length === 1 && zone !== "") return (zone === "model" ? model : structures).choose(files[0]!);
    sort(files).then((sorted) => {
      if (sorted.model) model.choose(sorted.model);
      if (sorted.structures) structures.choose(sorted.structures);
      unused.textContent = unusedWords(sorted.rest, "This page takes one model and one file of structures.");
    }, onError);
  });
  return {
    get model() {
      return model.file;
    },
    get structures() {
      return structures.file;
    },
    takeModel: (file) => model.choose(file),
  };
}
