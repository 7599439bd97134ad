// Files dropped on a page, as a mouse would.
import type { Page } from "playwright-core";

export interface DroppedFile {
  readonly name: string;
  readonly content: string | Buffer;
}

/** Drops files on what the selector finds, or where that is hidden, anywhere on the page. */
export async function dropFiles(page: Page, selector: string, files: readonly DroppedFile[]): Promise<void> {
  const packed = files.map(({ name, content }) => [name, Buffer.from(content).toString("base64")] as const);
  const transfer = await page.evaluateHandle((list) => {
    const data = new DataTransfer();
    for (const [name, base64] of list) data.items.add(new File([Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0))], name));
    return data;
  }, packed);
  const target = (await page.locator(selector).isVisible()) ? page.locator(selector) : page.locator("body");
  await target.dispatchEvent("dragover", { dataTransfer: transfer });
  await target.dispatchEvent("drop", { dataTransfer: transfer });
}
