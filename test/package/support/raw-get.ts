import { get, type IncomingMessage } from 'node:http';

/** A GET on a connection of its own, answered by what came over the wire: no client library reads along. */
export async function rawGet(url: string): Promise<RawResponse> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { agent: false }, resolve).once('error', reject);
  });
  return new RawResponse(response);
}

class RawResponse {
  readonly ended: Promise<void>;
  private text = '';
  private waiting: (() => void) | undefined;

  constructor(private readonly response: IncomingMessage) {
    this.ended = new Promise((resolve) => response.once('close', resolve));
    response.on('data', (chunk: Buffer) => {
      this.text += chunk.toString();
      this.waiting?.();
    });
    response.once('close', () => this.waiting?.());
    // A connection that was cut is an end like any other here; `ended` and `complete` tell about it.
    response.on('error', () => {});
  }

  get status(): number | undefined {
    return this.response.statusCode;
  }

  get contentType(): string | undefined {
    return this.response.headers['content-type'];
  }

  /** Whether the body came to its proper end. */
  get complete(): boolean {
    return this.response.complete;
  }

  leave(): void {
    this.response.destroy();
  }

  /** The whole body, once it has ended. */
  async body(): Promise<string> {
    await this.ended;
    return this.text;
  }

  /** The first frames that carry data, without the blank line that ends them. */
  async dataFrames(count: number): Promise<string[]> {
    for (;;) {
      const frames = this.text
        .split('\n\n')
        .slice(0, -1)
        .filter((frame) => /^data:/m.test(frame));
      if (frames.length >= count) return frames.slice(0, count);
      if (this.response.closed) throw new Error(`the stream ended after ${frames.length} messages:\n${this.text}`);
      await new Promise<void>((resolve) => {
        this.waiting = resolve;
      });
    }
  }
}
