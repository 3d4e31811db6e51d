import { fork } from 'node:child_process';
import { once } from 'node:events';

/** A process of a benchmark, which answers what it is asked, and ends when it is left alone. */
export class Child {
  #child;
  #name;

  /** @param {URL} program @param {(string | number)[]} args @param {import('node:child_process').ForkOptions} [options] */
  constructor(program, args, options) {
    this.#child = fork(program, args.map(String), options);
    this.#name = args.join(' ');
  }

  /** @param {import('node:child_process').Serializable} message */
  send(message) {
    this.#child.send(message);
  }

  /** @param {import('node:child_process').Serializable} message @returns {Promise<any>} */
  ask(message) {
    this.#child.send(message);
    return this.heard();
  }

  /** The next that it says. @returns {Promise<any>} @throws if it ends instead */
  async heard() {
    const settled = new AbortController();
    const ended = once(this.#child, 'exit', { signal: settled.signal }).then(() => {
      throw new Error(`the process of ${this.#name} has ended`);
    });
    ended.catch(() => {});
    try {
      return (await Promise.race([once(this.#child, 'message', { signal: settled.signal }), ended]))[0];
    } finally {
      settled.abort();
    }
  }

  stop() {
    if (this.#child.connected) this.#child.disconnect();
  }
}
