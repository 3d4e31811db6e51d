import type { LogState } from './log-reader.js';

interface Expected {
  arrived(state: LogState): void;
  failed(error: Error): void;
}

/** What this process has asked to be told in its inbox, and was not told yet. */
export class InboxNotes {
  readonly #expected = new Map<string, Expected>();
  #count = 0;

  constructor(readonly topic: string) {}

  /**
   * @param onArrival runs when it comes, before anything that comes after it
   * @returns what to have said, and a promise that rejects when the connection breaks
   */
  expect(onArrival: (state: LogState) => void): {
    readonly note: string;
    readonly arrival: Promise<LogState>;
    forget(): void;
  } {
    const note = String(++this.#count);
    const arrival = new Promise<LogState>((resolve, reject) => {
      const arrived = (state: LogState) => {
        onArrival(state);
        resolve(state);
      };
      this.#expected.set(note, { arrived, failed: reject });
    });
    // Whoever has given up before does not hear of it.
    arrival.catch(() => {});
    return { note, arrival, forget: () => this.#expected.delete(note) };
  }

  receive(payload: string): void {
    const [note, head, rupture, epoch] = payload.split(' ');
    const expected = this.#expected.get(note!);
    this.#expected.delete(note!);
    expected?.arrived({ epoch: epoch!, head: Number(head), rupture: Number(rupture) });
  }

  failAll(error: Error): void {
    const expected = [...this.#expected.values()];
    this.#expected.clear();
    for (const { failed } of expected) {
      failed(error);
    }
  }
}
