import { Controller } from '@nestjs/common';
import { type PublishedMessage, SseChannels, SseStream } from 'nestjs-event-stream';

/** Defined once: everybody who follows with it shares the work. */
const byTile = ({ key }: PublishedMessage) => key;

@Controller('dashboard')
export class DashboardController {
  readonly #tiles = new Map<string, number>();

  constructor(private readonly channels: SseChannels) {}

  @SseStream()
  follow() {
    return this.channels.subscribe('dashboard', {
      snapshot: () => ({ event: 'tiles', data: Object.fromEntries(this.#tiles) }),
      conflateBy: byTile,
    });
  }

  /** Values, not differences: who is slow gets the newest of each tile, and never the ones between. */
  async show(tile: string, value: number): Promise<void> {
    this.#tiles.set(tile, value);
    await this.channels.publish('dashboard', { event: 'tile', data: { tile, value } }, { key: tile });
  }
}
