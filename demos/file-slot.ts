// A place for one file: its button, what is said of the file, and what it turns out to be.
import { recognizeFile, type FileKind } from "./file-kind.js";

export interface FileSlot {
  readonly file: File | null;
  choose(file: File | null): void;
}

export interface FileSlotOptions {
  /** Another file was chosen, by hand or by `choose`. */
  onChange?(file: File | null): void;
  /** What the file is, once that is known; the last file chosen only. */
  onKind?(file: File, kind: FileKind): void;
  /** The kinds of file that belong here. */
  readonly wanted: readonly FileKind["kind"][];
}

function sizeOf({ size }: File): string {
  if (size < 1000) return `${size} bytes`;
  return size < 1e6 ? `${(size / 1e3).toFixed(1)} kB` : `${(size / 1e6).toFixed(1)} MB`;
}

/** @param note says the size of the file, or what it is where it does not belong here */
export function createFileSlot(input: HTMLInputElement, note: HTMLElement, { onChange, onKind, wanted }: FileSlotOptions): FileSlot {
  const empty = note.textContent ?? "";
  let file: File | null = null;
  const look = async (chosen: File): Promise<void> => {
    const kind = await recognizeFile(chosen);
    if (file !== chosen) return;
    const misfit = !wanted.includes(kind.kind);
    note.classList.toggle("misfit", misfit);
    if (misfit) note.textContent = `This is ${kind.words}; it cannot be used here.`;
    onKind?.(chosen, kind);
  };
  const set = (chosen: File | null): void => {
    file = chosen;
    note.classList.remove("misfit");
    note.textContent = chosen ? sizeOf(chosen) : empty;
    onChange?.(chosen);
    // A file that cannot be read is told by the job.
    if (chosen) void look(chosen).catch(() => undefined);
  };
  input.addEventListener("change", () => set(input.files?.[0] ?? null));
  return {
    get file() {
      return file;
    },
    choose(chosen) {
      // The browser writes the name of a dropped file beside the button, too.
      const list = new DataTransfer();
      if (chosen) list.items.add(chosen);
      input.files = list.files;
      set(chosen);
      // For whoever watches the form; it is no "change", which would come back here.
      input.dispatchEvent(new Event("input", { bubbles: true }));
    },
  };
}
