// Which data to train on: the embedded set, or files that were chosen or dropped anywhere on the page.
import { acceptDrops, unusedWords } from "../file-drop.js";
import type { FileKind } from "../file-kind.js";
import { createFileSlot } from "../file-slot.js";
import { openPrediction } from "../model-handover.js";
import type { Source } from "../read-structures.js";

export interface ChosenData {
  readonly train: Source;
  readonly test: Source | null;
  /** Names of the labels in own files, as the configuration takes them; null is found. */
  readonly keys: Readonly<Record<"energy" | "forces" | "virial", string | null>>;
}

export interface DataChoice {
  /** The chosen sources, or what is missing, as a sentence. */
  read(): ChosenData | string;
}

function element<Kind extends HTMLElement>(selector: string): Kind {
  return document.querySelector<Kind>(selector)!;
}

/** Files of public/ lie one folder above the page, in development and in the build. */
function embedded(name: string): Source {
  return { kind: "address", address: new URL(`../${name}`, document.baseURI).href, name };
}

/** Two files at once: the one that calls itself a test set is one. */
function inRoles(first: File, second: File): { train: File; test: File } {
  const isTest = ({ name }: File): boolean => /test|valid/i.test(name);
  return isTest(first) && !isTest(second) ? { train: second, test: first } : { train: first, test: second };
}

/** @param onSource hears whether own files are the data, at once and whenever that may have changed */
export function createDataChoice(onSource: (ownFiles: boolean) => void): DataChoice {
  const radios = [...document.querySelectorAll<HTMLInputElement>('input[name="source"]')];
  const zone = element("#files");
  const clearTest = element<HTMLButtonElement>("#clear-test");
  const [unused, offer] = [element("#unused-files"), element<HTMLButtonElement>("#open-model")];
  let model: File | null = null;
  const ownFiles = (): boolean => radios.some((radio) => radio.checked && radio.value === "file");
  const update = (): void => {
    zone.hidden = !ownFiles();
    clearTest.hidden = slots.test.file === null;
    onSource(ownFiles());
  };
  const takeOwnFiles = (): void => {
    for (const radio of radios) radio.checked = radio.value === "file";
    update();
  };
  const onChange = (): void => {
    unused.textContent = "";
    offer.hidden = true;
    takeOwnFiles();
  };
  /** A model belongs on another page, which it can be taken to. */
  const onKind = (file: File, { kind }: FileKind): void => {
    if (kind !== "model" && kind !== "property-model") return;
    model = file;
    offer.textContent = `Predict with ${file.name}`;
    offer.hidden = false;
  };
  const slot = (name: "train" | "test") =>
    createFileSlot(element<HTMLInputElement>(`#${name}-file`), element(`#${name}-name`), { wanted: ["structures"], onChange, onKind });
  const slots = { train: slot("train"), test: slot("test") };

  for (const radio of radios) radio.addEventListener("change", update);
  clearTest.addEventListener("click", () => slots.test.choose(null));
  offer.addEventListener("click", () => model && openPrediction(model));
  acceptDrops((files, target) => {
    const [first, second, ...more] = files;
    if (!first) return;
    if (!second) return slots[target === "test" ? "test" : "train"].choose(first);
    const roles = inRoles(first, second);
    slots.train.choose(roles.train);
    slots.test.choose(roles.test);
    unused.textContent = unusedWords(more, "This page takes two files at once, a training and a test set.");
  });
  // After a reload the browser may have kept the radio button but not the files.
  update();

  const nameGiven = (label: string): string | null => element<HTMLInputElement>(`#key-${label}`).value.trim() || null;
  return {
    read() {
      const found = { energy: null, forces: null, virial: null };
      if (!ownFiles()) return { train: embedded("silicon-sw-train.xyz.gz"), test: embedded("silicon-sw-test.xyz.gz"), keys: found };
      const { train, test } = slots;
      if (!train.file) return "Choose a training set first, or take the embedded data.";
      return {
        train: { kind: "file", file: train.file },
        test: test.file ? { kind: "file", file: test.file } : null,
        keys: { energy: nameGiven("energy"), forces: nameGiven("forces"), virial: nameGiven("virial") },
      };
    },
  };
}
