import type { ServerResponse } from 'node:http';
import { eventually } from '../../pusher/support/eventually.js';
import { numbered, ScriptedServer } from '../../receiver/support/scripted-server.js';

/** A stream of numbered messages that can be resumed; it sees how many follow it at once. */
export class NumbersSource {
  mostAtOnce = 0;
  private readonly open = new Set<ServerResponse>();
  private newest = 0;
  private server!: ScriptedServer;

  static async start(): Promise<NumbersSource> {
    const source = new NumbersSource();
    source.server = await ScriptedServer.start((response, { headers }) => {
      source.open.add(response);
      source.mostAtOnce = Math.max(source.mostAtOnce, source.open.size);
      response.once('close', () => source.open.delete(response));
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const next = Number(headers['last-event-id'] ?? 0) + 1;
      const missed = Array.from({ length: source.newest + 1 - next }, (_, n) => next + n);
      response.write(numbered(...missed) || ':\n');
    });
    return source;
  }

  get url(): string {
    return this.server.url;
  }

  /** What those who have connected had received before, in order. */
  get resumedAfter(): string[] {
    return this.server.requests.map(({ headers }) => String(headers['last-event-id'] ?? ''));
  }

  /** Sends so many more. */
  send(count = 1): void {
    for (let n = 0; n < count; n++) {
      this.newest += 1;
      for (const response of this.open) response.write(numbered(this.newest));
    }
  }

  async untilDeserted(): Promise<void> {
    await eventually(() => this.open.size === 0);
  }

  async close(): Promise<void> {
    await this.server.close();
  }
}
