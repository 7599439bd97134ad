/** Control characters but line ends and tabs, and the marks that turn the direction of text: a terminal would obey them. */
const UNPRINTABLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/** Text as it may go to a terminal: what would act on it is shown as \u001b and so on, which in a string of JSON means the same. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
