import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect, type IncomingHttpHeaders } from 'node:http2';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** One response on an HTTP/2 connection. */
export class Http2Stream {
  text = '';
  ended = false;
  closed = false;
  readonly #changed = new Set<() => void>();

  constructor(
    readonly stream: ClientHttp2Stream,
    readonly headers: IncomingHttpHeaders & { ':status'?: number },
  ) {
    stream.setEncoding('utf8');
    const note = (change: () => void) => () => {
      change();
      this.#look();
    };
    stream.on('data', (chunk: string) => note(() => (this.text += chunk))());
    stream.on(
      'end',
      note(() => (this.ended = true)),
    );
    stream.on(
      'close',
      note(() => (this.closed = true)),
    );
    stream.on('error', () => {});
  }

  /**
   * Resolves in a turn of its own. Within the one in which something was received, node frees a stream that is reset, or whose
   * session is destroyed, while it still reads from it: the process is then aborted, sooner or later.
   */
  async until(condition: () => boolean): Promise<string> {
    await this.#met(condition);
    await nextTurn();
    return this.text;
  }
  untilText(part: string): Promise<string> {
    return this.until(() => this.text.includes(part));
  }

  untilEnd(): Promise<string> {
    return this.until(() => this.ended);
  }

  #met(condition: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (condition()) {
          this.#changed.delete(look);
          resolve();
        } else if (this.closed) {
          reject(new Error(`The stream was over after ${JSON.stringify(this.text)}`));
        }
      };
      this.#changed.add(look);
      look();
    });
  }

  #look(): void {
    for (const look of [...this.#changed]) {
      look();
    }
  }
}

/** An HTTP/2 connection of its own to a local server. */
export class Http2Client {
  private constructor(readonly session: ClientHttp2Session) {
    session.on('error', () => {});
  }

  static async connect(origin: string, ca?: string): Promise<Http2Client> {
    const session = connect(origin, ca ? { ca } : {});
    await once(session, 'connect');
    return new Http2Client(session);
  }

  /** Resolves when the head of the response has arrived. */
  async open(path: string, headers: Record<string, string> = {}): Promise<Http2Stream> {
    const stream = this.session.request({ ':path': path, ...headers });
    const [head] = await once(stream, 'response');
    const opened = new Http2Stream(stream, head);
    await nextTurn();
    return opened;
  }

  async untilClosed(): Promise<void> {
    if (!this.session.closed || !this.session.destroyed) {
      await once(this.session, 'close');
    }
  }

  leave(): void {
    this.session.destroy();
  }
}
