/** A subject of a benchmark, in a process of its own, as its parent sees it: it tells a port, and answers what it is asked. */
import { fork } from 'node:child_process';
import { once } from 'node:events';

export class SubjectProcess {
  #child;
  #program;
  #port = 0;

  /** @param {URL} program @param {(string | number)[]} [args] */
  constructor(program, args = []) {
    this.#program = [program.pathname.split('/').at(-1), ...args].join(' ');
    this.#child = fork(program, args.map(String), { execArgv: [...process.execArgv, '--expose-gc'] });
  }

  get port() {
    return this.#port;
  }

  /** Resolves once the subject takes connections. */
  async start() {
    this.#port = await this.#answer();
    return this;
  }

  /** @param {string} what @param {unknown} [of] @returns {Promise<any>} */
  ask(what, of) {
    this.#child.send({ ask: what, of });
    return this.#answer();
  }

  /** @param {object} message what has no answer */
  tell(message) {
    this.#child.send(message);
  }

  stop() {
    if (this.#child.connected) this.#child.disconnect();
  }

  async #answer() {
    const settled = new AbortController();
    const exited = once(this.#child, 'exit', { signal: settled.signal }).then(([code]) => {
      throw new Error(`${this.#program} has ended with ${code}`);
    });
    try {
      return (await Promise.race([once(this.#child, 'message', { signal: settled.signal }), exited]))[0].answer;
    } finally {
      exited.catch(() => {});
      settled.abort();
    }
  }
}
