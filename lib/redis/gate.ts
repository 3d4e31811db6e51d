/** Something to wait for that opens and closes. */
export class Gate {
  #opened!: Promise<void>;
  #open!: () => void;
  #fail!: (error: Error) => void;
  isOpen = true;

  constructor() {
    this.close();
  }

  /** Resolves when it is open, and rejects when it will never be again. */
  get opened(): Promise<void> {
    return this.#opened;
  }

  open(): void {
    this.isOpen = true;
    this.#open();
  }

  close(): void {
    if (this.isOpen) {
      this.isOpen = false;
      this.#opened = new Promise((resolve, reject) => {
        this.#open = resolve;
        this.#fail = reject;
      });
      // Nobody need be waiting.
      this.#opened.catch(() => {});
    }
  }

  /** It stays closed. */
  lock(error: Error): void {
    this.close();
    this.#fail(error);
  }
}
