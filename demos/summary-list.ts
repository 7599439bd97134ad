// Lists of terms and texts, and of warnings.
export type SummaryLine = readonly [term: string, text: string];

export function fillSummary(list: HTMLElement, lines: readonly SummaryLine[]): void {
  list.replaceChildren(
    ...lines.flatMap(([term, text]) => {
      const [name, value] = [document.createElement("dt"), document.createElement("dd")];
      name.textContent = term;
      value.textContent = text;
      return [name, value];
    }),
  );
}

/** A list, each warning once; nothing when there are none. */
export function showWarnings(place: HTMLElement, warnings: readonly string[]): void {
  const list = document.createElement("ul");
  for (const text of new Set(warnings)) {
    const item = document.createElement("li");
    item.textContent = text;
    list.append(item);
  }
  place.replaceChildren(...(warnings.length > 0 ? [list] : []));
}
