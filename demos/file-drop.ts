// Files dropped anywhere on the page; elements with `data-drop` are zones and light up.
/** @param take is given the files and the `data-drop` of the zone; "" outside of all zones */
export function acceptDrops(take: (files: readonly File[], zone: string) => void): void {
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
    take([...event.dataTransfer.files], zoneOf(event)?.dataset["drop"] ?? "");
  });
}

/** "Not used: c.xyz, d.xyz; this page takes two files at once." */
export function unusedWords(files: readonly File[], takes: string): string {
  return files.length === 0 ? "" : `Not used: ${files.map(({ name }) => name).join(", ")}. ${takes}`;
}
