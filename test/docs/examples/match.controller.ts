import { Controller, type OnModuleInit } from '@nestjs/common';
import { SseChannels, SseStream } from 'nestjs-event-stream';

@Controller('match')
export class MatchController implements OnModuleInit {
  #score = { home: 0, away: 0 };
  #position = '';

  constructor(private readonly channels: SseChannels) {}

  async onModuleInit() {
    this.#position = await this.channels.publish('match', { event: 'opened' }); // so that there is a position
  }

  async goal(team: 'home' | 'away') {
    const position = await this.channels.publish('match', { event: 'goal', data: team });
    // The state and the position of its newest change, with no `await` between them.
    this.#score = { ...this.#score, [team]: this.#score[team] + 1 };
    this.#position = position;
  }

  @SseStream()
  follow() {
    return this.channels.subscribe('match', {
      snapshot: () => ({ message: { event: 'score', data: this.#score }, position: this.#position }),
    });
  }
}
