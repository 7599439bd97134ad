// The choice of the processor: what the user wants, what this machine has, and the badge that says who computes. Nothing is remembered.
import { findAdapter, GpuError, type BackendKind } from "lather";
import { cpuInWords, gpuInWords } from "./open-backend.js";

export interface ProcessorChoice {
  readonly kind: BackendKind;
  /** No choice while a job runs. */
  setEnabled(enabled: boolean): void;
  /** Who computes the job that has begun, in words. */
  showUsed(words: string): void;
}

type Found =
  | { readonly kind: "gpu"; readonly name: string }
  | { readonly kind: "software"; readonly name: string }
  | { readonly kind: "none"; readonly reason: string };

/** @throws Error when the search itself breaks down. */
async function search(): Promise<Found> {
  try {
    const { name, software } = await findAdapter();
    return { kind: software ? "software" : "gpu", name };
  } catch (error) {
    if (error instanceof GpuError) return { kind: "none", reason: error.what };
    throw error;
  }
}

function sentence(found: Found): string {
  if (found.kind === "gpu") return `GPU: ${found.name}.`;
  if (found.kind === "software") return `Only a software GPU here (${found.name}): slow; the CPU is faster.`;
  return `${found.reason[0]!.toUpperCase()}${found.reason.slice(1)}: the CPU computes.`;
}

/** Fills the card `#processor` and keeps the badge `#backend` true. */
export function createProcessorChoice(): ProcessorChoice {
  const [card, badge] = [document.querySelector<HTMLElement>("#processor")!, document.querySelector<HTMLElement>("#backend")!];
  card.innerHTML = `<h2><label for="processor-kind">Processor</label></h2>
    <select id="processor-kind" autocomplete="off" aria-describedby="processor-note">
      <option value="auto">Automatic</option><option value="cpu">CPU</option><option value="gpu">GPU (WebGPU)</option>
    </select>
    <p class="muted small" id="processor-note" role="status">Looking for a GPU …</p>
    <button type="button" class="plain" id="processor-offer" hidden>Compute on the CPU</button>`;
  const select = card.querySelector("select")!;
  const [note, offer] = [card.querySelector("p")!, card.querySelector("button")!];
  let found: Found | null = null;
  const update = (): void => {
    offer.hidden = !(found?.kind === "software" && select.value === "gpu");
    const wanted = select.value === "gpu" || (select.value === "auto" && found?.kind === "gpu");
    badge.textContent = wanted && found && found.kind !== "none" ? gpuInWords(found) : cpuInWords(navigator.hardwareConcurrency || 1);
  };
  select.addEventListener("change", update);
  offer.addEventListener("click", () => {
    select.value = "cpu";
    update();
    select.focus();
  });
  update();
  void search().then(
    (result) => {
      found = result;
      note.textContent = sentence(result);
      select.querySelector<HTMLOptionElement>('[value="gpu"]')!.disabled = result.kind === "none";
      update();
    },
    (error: Error) => void (note.textContent = `The search for a GPU failed: ${error.message}`),
  );
  return {
    get kind() {
      return select.value as BackendKind;
    },
    setEnabled(enabled) {
      select.disabled = offer.disabled = !enabled;
    },
    showUsed(words) {
      badge.textContent = words;
    },
  };
}
