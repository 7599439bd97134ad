// Says when the result on the page is not that of the form as it stands: a field was changed, a file chosen, or another job runs.
/** The choice of the processor changes who computes, not what. */
const NO_MATTER = ["processor-kind"];

function fileWords({ name, size, lastModified }: File): string {
  return `${name} ${size} ${lastModified}`;
}

/** What every field of a form holds, as one text. */
export function formState(form: HTMLFormElement): string {
  return JSON.stringify([...form.elements].flatMap((field): unknown[] => {
    if (NO_MATTER.includes(field.id)) return [];
    if (field instanceof HTMLSelectElement) return [field.value];
    if (!(field instanceof HTMLInputElement)) return [];
    if (field.type === "file") return [[...(field.files ?? [])].map(fileWords)];
    return [field.type === "radio" || field.type === "checkbox" ? field.checked : field.value];
  }));
}

export interface StaleNote {
  /** A job has begun, with the form as it is. */
  begin(): void;
  /** It ended; what is shown now is its result, or still the one before. */
  end(shown: boolean): void;
}

/** @param words what to say while another job runs, and when the form was changed */
export function createStaleNote(form: HTMLFormElement, note: HTMLElement, words: { readonly running: string; readonly changed: string }): StaleNote {
  let begun = "";
  let shown: string | null = null;
  let running = false;
  const update = (): void => {
    const changed = shown !== null && formState(form) !== shown;
    const text = shown === null ? "" : running ? words.running : changed ? words.changed : "";
    note.hidden = text === "";
    if (note.textContent !== text) note.textContent = text;
  };
  form.addEventListener("input", update);
  form.addEventListener("change", update);
  // A button may put all fields back.
  form.addEventListener("click", () => setTimeout(update));
  return {
    begin() {
      begun = formState(form);
      running = true;
      update();
    },
    end(own) {
      running = false;
      if (own) shown = begun;
      update();
    },
  };
}
