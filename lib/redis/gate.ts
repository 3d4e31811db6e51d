/** Something to wait for that opens and closes. */
export class Gate {
  #opened!: Promise<void>;
  #open!: () => void;
  isOpen = true;

  constructor() {
    this.close();
  }

  /** Resolves when it is open. */
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
      this.#opened = new Promise((resolve) => {
        this.#open = resolve;
      });
    }
  }
}
