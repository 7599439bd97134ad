/** Keeps what was asked for last: a page or a loop asks for the same features again and again, and making them ready costs milliseconds. */
export class RecentlyUsed<T> {
  readonly #limit: number;
  readonly #drop: (value: T) => void;
  /** Oldest first. */
  readonly #values = new Map<string, T>();

  constructor(limit: number, drop: (value: T) => void) {
    this.#limit = limit;
    this.#drop = drop;
  }

  get(key: string, create: () => T): T {
    const value = this.#values.get(key) ?? create();
    this.#values.delete(key);
    this.#values.set(key, value);
    for (const [oldest, old] of this.#values) {
      if (this.#values.size <= this.#limit) break;
      this.#values.delete(oldest);
      this.#drop(old);
    }
    return value;
  }

  /** Forgets a value without dropping it. */
  forget(key: string): void {
    this.#values.delete(key);
  }

  clear(): void {
    this.#values.clear();
  }
}
