// Hands a file to the user.
export function download(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser reads the blob after this task; a minute is enough for any disk.
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}
