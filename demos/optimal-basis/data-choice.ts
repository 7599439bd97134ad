// Which structures the basis is made for: embedded silicon, the gallery's molecules, or a file that was chosen or dropped anywhere on the page.
import type { Source } from "./basis-job.js";

export interface DataChoice {
  /** The chosen source, or what is missing, as a sentence. */
  read(): Source | string;
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
  const zone = element("#files");
  const input = element<HTMLInputElement>("#data-file");
  let file: File | null = null;
  const selected = (): string => radios.find(({ checked }) => checked)?.value ?? "silicon";
  const update = (): void => void (zone.hidden = selected() !== "file");
  const choose = (chosen: File | null): void => {
    file = chosen;
    // The browser writes the name of a dropped file beside the button, too.
    const list = new DataTransfer();
    if (chosen) list.items.add(chosen);
    input.files = list.files;
    for (const radio of radios) radio.checked = radio.value === "file";
    update();
  };
  for (const radio of radios) radio.addEventListener("change", update);
  input.addEventListener("change", () => choose(input.files?.[0] ?? null));

  const drop = element("[data-drop]");
  document.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    drop.classList.add("over");
  });
  document.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) drop.classList.remove("over");
  });
  document.addEventListener("drop", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    drop.classList.remove("over");
    const [dropped] = event.dataTransfer.files;
    if (dropped) choose(dropped);
  });
  // After a reload the browser may have kept the radio button but not the file.
  update();
  return {
    read() {
      switch (selected()) {
        case "file":
          return file ? { kind: "file", file } : "Choose a file first, or take one of the embedded sets.";
        case "molecules":
          return { kind: "molecules", address: besidePage("gallery.json"), name: "molecules of the gallery" };
        default:
          return { kind: "address", address: besidePage("silicon-sw-train.xyz.gz"), name: "silicon-sw-train.xyz.gz" };
      }
    },
  };
}
