// The gallery: one card per page, built from the `meta.ts` beside each page.

/** What a page says of itself: `export const meta: PageMeta = { … }` in demos/<name>/meta.ts. */
export interface PageMeta {
  title: string;
  /** One or two sentences for the card. */
  summary: string;
  /** Cards are sorted by it; ties by title. */
  order: number;
}

const modules = import.meta.glob<{ meta: PageMeta }>("./*/meta.ts", { eager: true });
const pages = Object.entries(modules)
  .map(([path, { meta }]) => ({ ...meta, address: path.replace("meta.ts", "index.html") }))
  .sort((a, b) => a.order - b.order || a.title.localeCompare(b.title));

const list = document.querySelector("#pages")!;
for (const { title, summary, address } of pages) {
  const link = document.createElement("a");
  link.href = address;
  link.textContent = title;
  const heading = document.createElement("h2");
  heading.append(link);
  const text = document.createElement("p");
  text.textContent = summary;
  const item = document.createElement("li");
  item.className = "card";
  item.append(heading, text);
  list.append(item);
}
