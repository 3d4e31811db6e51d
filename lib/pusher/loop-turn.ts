/** Something that has collected writes in this turn of the event loop. */
export interface Flushable {
  flush(): void;
}

/**
 * Flushes at the end of the current turn of the event loop whatever has asked for it during the turn, so that all
 * pushes of one turn become one write per stream.
 */
export class LoopTurn {
  #waiting: Flushable[] = [];

  /** The caller asks once per turn; it keeps note itself of having asked. */
  flushAtEnd(target: Flushable): void {
    if (this.#waiting.push(target) === 1) {
      setImmediate(() => {
        const targets = this.#waiting;
        this.#waiting = [];
        for (const each of targets) {
          each.flush();
        }
      });
    }
  }
}
