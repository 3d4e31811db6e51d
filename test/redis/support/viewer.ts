import type { RawStream } from '../../pusher/support/raw-client.js';

interface Gap {
  readonly lastEventId: string | null;
  readonly reason: string;
}

/** Whoever watches a stream, and what it was told. */
export class Viewer {
  constructor(readonly stream: RawStream) {}

  /** The data of its messages, without gaps, in their order. */
  get data(): string[] {
    return this.#blocks.filter(({ event }) => event !== 'gap').flatMap(({ data }) => data ?? []);
  }

  get gaps(): string[] {
    return this.#blocks.filter(({ event }) => event === 'gap').map(({ data }) => (JSON.parse(data!) as Gap).reason);
  }

  /** Data and `gap:<reason>`, in the order in which they came. */
  get told(): string[] {
    return this.#blocks.flatMap(({ event, data }) =>
      event === 'gap' ? `gap:${(JSON.parse(data!) as Gap).reason}` : (data ?? []),
    );
  }

  get lastId(): string {
    return [...this.stream.text.matchAll(/^id: (.*)$/gm)].at(-1)?.[1] ?? '';
  }

  async got(data: string): Promise<void> {
    await this.stream.until(() => this.data.includes(data));
  }

  async gotGap(): Promise<void> {
    await this.stream.until(() => this.gaps.length > 0);
  }

  /** Resolves when two more pings have come: the stream is open, and looked after. */
  async pinged(): Promise<void> {
    const before = this.#pings;
    await this.stream.until(() => this.#pings >= before + 2);
  }

  get #pings(): number {
    return [...this.stream.text.matchAll(/^: ?ping$/gm)].length;
  }

  get #blocks(): { readonly event: string | undefined; readonly data: string | undefined }[] {
    const whole = this.stream.text.slice(0, this.stream.text.lastIndexOf('\n\n') + 1);
    return whole.split('\n\n').map((block) => ({
      event: /^event: (.*)$/m.exec(block)?.[1],
      data: /^data: (.*)$/m.exec(block)?.[1],
    }));
  }
}
