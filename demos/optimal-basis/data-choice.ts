// Which structures the basis is made for: embedded silicon, the gallery's molecules, or a file that was chosen or dropped anywhere on the page.
import { acceptDrops, unusedWords } from "../file-drop.js";
import { createFileSlot } from "../file-slot.js";
import type { BasisSource } from "./basis-job.js";

export interface DataChoice {
  /** The chosen source, or what is missing, as a sentence. */
  read(): BasisSource | string;
}

function element<Kind extends HTMLElement>(selector: string): Kind {
  return document.querySelector<Kind>(selector)!;
}

/** Files of public/ lie one folder above the page, in development and in the build. */
function besidePage(name: string): string {
  return new URL(`../${name}`, document.baseURI).href;
}

export function createDataChoice(): DataChoice {
  const radios = [...document.querySelectorAll<HTMLInputElement>('input[name="source"]')];
  const [zone, unused] = [element("#files"), element("#unused-files")];
  const selected = (): string => radios.find(({ checked }) => checked)?.value ?? "silicon";
  const update = (): void => void (zone.hidden = selected() !== "file");
  const slot = createFileSlot(element<HTMLInputElement>("#data-file"), element("#data-name"), {
    wanted: ["structures"],
    onChange() {
      unused.textContent = "";
      for (const radio of radios) radio.checked = radio.value === "file";
      update();
    },
  });
  for (const radio of radios) radio.addEventListener("change", update);
  acceptDrops(([file, ...more]) => {
    if (!file) return;
    slot.choose(file);
    unused.textContent = unusedWords(more, "This page takes one file.");
  });
  // After a reload the browser may have kept the radio button but not the file.
  update();
  return {
    read() {
      switch (selected()) {
        case "file":
          return slot.file ? { kind: "file", file: slot.file } : "Choose a file first, or take one of the embedded sets.";
        case "molecules":
          return { kind: "molecules", address: besidePage("gallery.json"), name: "molecules of the gallery" };
        default:
          return { kind: "address", address: besidePage("silicon-sw-train.xyz.gz"), name: "silicon-sw-train.xyz.gz" };
      }
    },
  };
}
