import { Agent, type ClientRequest, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';

export interface RequestParts {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly agent?: Agent;
}

/** One response that is read as it comes. */
export class RawStream {
  text = '';
  ended = false;
  closed = false;
  readonly #waiting = new Set<() => void>();

  constructor(
    readonly request: ClientRequest,
    readonly response: IncomingMessage,
  ) {
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => {
      this.text += chunk;
      this.#look();
    });
    response.on('end', () => {
      this.ended = true;
      this.#look();
    });
    response.on('close', () => {
      this.closed = true;
      this.#look();
    });
    response.on('error', () => {});
  }

  get status(): number {
    return this.response.statusCode!;
  }

  get headers(): IncomingHttpHeaders {
    return this.response.headers;
  }

  get json(): any {
    return JSON.parse(this.text);
  }

  /** Resolves when what has arrived so far satisfies the condition. */
  until(condition: (text: string) => boolean): Promise<string> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (condition(this.text)) {
          this.#waiting.delete(look);
          resolve(this.text);
        } else if (this.closed) {
          reject(new Error(`The stream was over before what was waited for came: ${JSON.stringify(this.text)}`));
        }
      };
      this.#waiting.add(look);
      look();
    });
  }

  untilText(part: string): Promise<string> {
    return this.until((text) => text.includes(part));
  }

  /** Resolves with everything when the server has ended the response, rejects when it was cut. */
  async untilEnd(): Promise<string> {
    await this.until(() => this.closed || this.ended);
    if (!this.ended) {
      throw new Error(`The response was cut after ${JSON.stringify(this.text)}`);
    }
    return this.text;
  }

  /** Resolves when the response is over, ended or cut. */
  async untilClosed(): Promise<void> {
    await this.until(() => this.closed || this.ended);
  }

  leave(): void {
    this.request.destroy();
  }

  #look(): void {
    for (const look of [...this.#waiting]) {
      look();
    }
  }
}

/** Resolves when the response's head has arrived. */
export function openRaw(port: number, path: string, parts: RequestParts = {}): Promise<RawStream> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers = {}, body, agent = false } = parts;
    const outgoing = request({ host: '127.0.0.1', port, path, method, headers, agent: agent as Agent });
    outgoing.on('response', (response) => resolve(new RawStream(outgoing, response)));
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Resolves with the whole response, when the server has ended it. */
export async function readRaw(port: number, path: string, parts: RequestParts = {}): Promise<RawStream> {
  const stream = await openRaw(port, path, parts);
  await stream.untilEnd();
  return stream;
}
