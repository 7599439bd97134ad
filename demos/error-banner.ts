// The banner that says what went wrong.

/** Shows a heading and a text, and brings them into view. */
export function showBanner(banner: HTMLElement, heading: string, text: string): void {
  const [strong, paragraph] = [document.createElement("strong"), document.createElement("p")];
  strong.textContent = heading;
  paragraph.textContent = text;
  banner.replaceChildren(strong, paragraph);
  banner.hidden = false;
  banner.scrollIntoView({ block: "nearest" });
}

/** InputErrors already say file, line, expectation and finding; others say what they can. `work` is what the numbers may not allow: "fit". */
export function showError(banner: HTMLElement, work: string, error: unknown): void {
  const { name, message } = error instanceof Error ? error : { name: "Error", message: String(error) };
  const headings: Readonly<Record<string, string>> = {
    InputError: "This input cannot be used",
    NumericalError: `The numbers do not allow this ${work}`,
    CapacityError: "This is too large",
    GpuError: "The GPU failed",
  };
  const advice = name === "GpuError" ? "Try again, or choose the CPU as processor. What happened: " : "";
  showBanner(banner, headings[name] ?? "Something went wrong", `${advice}${message || name}`);
}
