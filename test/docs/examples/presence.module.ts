import { Controller, Injectable, Module, Param } from '@nestjs/common';
import { type SseChannelEvent, SseChannels, SseModule, SseStream } from 'nestjs-event-stream';

@Injectable()
export class Presence {
  /** User by stream, by channel: somebody with two tabs is there until both are closed. */
  readonly #rooms = new Map<string, Map<number, string>>();

  constructor(private readonly channels: SseChannels) {
    channels.events$.subscribe((event) => this.#see(event));
  }

  who(channel: string): string[] {
    return [...new Set(this.#rooms.get(channel)?.values())].sort();
  }

  #see(event: SseChannelEvent): void {
    if ((event.type !== 'subscribed' && event.type !== 'unsubscribed') || !event.stream) {
      return;
    }
    const { channel, stream, subscribers } = event;
    const { user } = stream.executionContext!.switchToHttp().getRequest(); // put there by your guard
    const room = this.#rooms.get(channel) ?? new Map<number, string>();
    const wasThere = this.who(channel).includes(user);
    if (event.type === 'subscribed') {
      this.#rooms.set(channel, room.set(stream.streamId, user));
    } else {
      room.delete(stream.streamId);
    }
    if (subscribers === 0) {
      this.#rooms.delete(channel);
    } else if (wasThere !== this.who(channel).includes(user)) {
      void this.channels.publish(channel, { event: wasThere ? 'left' : 'joined', data: user });
    }
  }
}

@Controller('rooms')
class RoomsController {
  constructor(
    private readonly channels: SseChannels,
    private readonly presence: Presence,
  ) {}

  @SseStream(':room')
  enter(@Param('room') room: string) {
    const name = `room:${room}`;
    return this.channels.subscribe(name, { snapshot: () => ({ event: 'present', data: this.presence.who(name) }) });
  }
}

@Module({ imports: [SseModule.forRoot()], controllers: [RoomsController], providers: [Presence] })
export class PresenceModule {}
