/** What the process tells the thread of its command when it starts it. */
export interface ThreadStart {
  readonly argv: readonly string[];
  readonly isTTY: boolean;
  /** Columns of the terminal. */
  readonly columns: number | undefined;
}

/** The one request to the thread: to end early. */
export interface StopRequest {
  readonly signal: string;
  readonly exitCode: number;
}

/** What the thread tells: text for people or programs, the temporary file that it is about to make or has done with, its end. */
export type ThreadReport =
  | { readonly kind: "stdout" | "stderr"; readonly text: string }
  | { readonly kind: "temporary"; readonly path: string | null }
  | { readonly kind: "end"; readonly exitCode: number };
