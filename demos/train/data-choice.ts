// Which data to train on: the embedded set, or files that were chosen or dropped anywhere on the page.
import type { Source } from "./training-job.js";

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

function sizeOf({ size }: File): string {
  if (size < 1000) return `${size} bytes`;
  return size < 1e6 ? `${(size / 1e3).toFixed(1)} kB` : `${(size / 1e6).toFixed(1)} MB`;
}

export function createDataChoice(): DataChoice {
  const radios = [...document.querySelectorAll<HTMLInputElement>('input[name="source"]')];
  const files = element("#files");
  const inputs = { train: element<HTMLInputElement>("#train-file"), test: element<HTMLInputElement>("#test-file") };
  const notes = { train: element("#train-name"), test: element("#test-name") };
  const empty = { train: notes.train.textContent ?? "", test: notes.test.textContent ?? "" };
  const clearTest = element<HTMLButtonElement>("#clear-test");
  const chosen: { train: File | null; test: File | null } = { train: null, test: null };

  const ownFiles = (): boolean => radios.some((radio) => radio.checked && radio.value === "file");
  const update = (): void => {
    files.hidden = !ownFiles();
    for (const name of ["train", "test"] as const) notes[name].textContent = chosen[name] ? sizeOf(chosen[name]) : empty[name];
    clearTest.hidden = chosen.test === null;
  };
  const choose = (name: "train" | "test", file: File | null): void => {
    chosen[name] = file;
    // The browser writes the name of a dropped file beside the button, too.
    const list = new DataTransfer();
    if (file) list.items.add(file);
    inputs[name].files = list.files;
    for (const radio of radios) radio.checked = radio.value === "file";
    update();
  };
  /** Two files at once: the one that calls itself a test set is one. */
  const drop = (dropped: readonly File[], target: "train" | "test"): void => {
    const [first, second] = dropped;
    if (!first) return;
    if (!second) return choose(target, first);
    const firstIsTest = /test|valid/i.test(first.name) && !/test|valid/i.test(second.name);
    choose("train", firstIsTest ? second : first);
    choose("test", firstIsTest ? first : second);
  };

  for (const radio of radios) radio.addEventListener("change", update);
  for (const name of ["train", "test"] as const) {
    inputs[name].addEventListener("change", () => choose(name, inputs[name].files?.[0] ?? null));
  }
  clearTest.addEventListener("click", () => choose("test", null));

  const zoneOf = ({ target }: DragEvent): HTMLElement | null => (target instanceof Element ? target.closest<HTMLElement>("[data-drop]") : null);
  const mark = (zone: HTMLElement | null): void => {
    for (const other of document.querySelectorAll("[data-drop]")) other.classList.toggle("over", other === zone);
  };
  document.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    mark(zoneOf(event));
  });
  document.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) mark(null);
  });
  document.addEventListener("drop", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    mark(null);
    drop([...event.dataTransfer.files], zoneOf(event)?.dataset["drop"] === "test" ? "test" : "train");
  });
  // After a reload the browser may have kept the radio button but not the files.
  update();

  const nameGiven = (label: string): string | null => element<HTMLInputElement>(`#key-${label}`).value.trim() || null;
  return {
    read() {
      const found = { energy: null, forces: null, virial: null };
      if (!ownFiles()) return { train: embedded("silicon-sw-train.xyz.gz"), test: embedded("silicon-sw-test.xyz.gz"), keys: found };
      if (!chosen.train) return "Choose a training set first, or take the embedded data.";
      return {
        train: { kind: "file", file: chosen.train },
        test: chosen.test ? { kind: "file", file: chosen.test } : null,
        keys: { energy: nameGiven("energy"), forces: nameGiven("forces"), virial: nameGiven("virial") },
      };
    },
  };
}
