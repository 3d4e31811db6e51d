import type { SeededRandom } from '../../channel/support/seeded-random.js';
import type { CompiledApps, RunningApp } from '../../pusher/support/compiled-app.js';

/** The channels that instances publish to, the busiest first; the empty name is that of broadcasts. */
export const CHANNELS = Array.from({ length: 20 }, (_, n) => `room:${n}`);

/** Messages are kept for longer than a stream is ever away. */
const HISTORY = { events: 1000, ageMs: 60_000 };

/**
 * An instance that publishes from `/publish` to `/silence`, a burst in a turn, to busy channels and to quiet ones. It writes
 * a line for what became of each message: `placed <data> <id>`, or `failed <data> <code> <whether it may be placed>`.
 */
const program = (url: string, name: string) => `
  import 'reflect-metadata';
  import { Controller, Get, Module, Query } from '@nestjs/common';
  import { NestFactory } from '@nestjs/core';
  import { SseChannels, SseModule, SseStream } from './lib/index.js';
  import { redisBackplane } from './lib/redis/index.js';

  const CHANNELS = ${JSON.stringify(CHANNELS)};
  const BURSTS_MS = 50;
  const say = (...words) => process.stdout.write(words.join(' ') + '\\n');

  @Controller()
  class AppController {
    count = 0;
    pending = new Set();
    constructor(channels) { this.channels = channels; }
    @SseStream('stream') follow(@Query('of') names) {
      return this.channels.subscribe(names.split(','), { replay: 'all' });
    }
    @Get('publish') begin() {
      this.timer ??= setInterval(() => {
        for (let burst = Math.floor(Math.random() * 3); burst >= 0; burst--) this.publish('${name}:' + this.count++);
      }, BURSTS_MS);
    }
    @Get('silence') async silence() {
      clearInterval(this.timer);
      await Promise.all(this.pending);
    }
    @Get('last') async last() {
      await this.channels.broadcast('last');
    }
    publish(data) {
      const sent = Math.random() < 0.05
        ? this.channels.broadcast(data)
        : this.channels.publish(CHANNELS[Math.floor(CHANNELS.length * Math.random() ** 3)], data);
      const settled = sent
        .then((id) => say('placed', data, id), (error) => say('failed', data, error.code, error.mayHaveBeenPlaced))
        .finally(() => this.pending.delete(settled));
      this.pending.add(settled);
    }
  }
  Reflect.defineMetadata('design:paramtypes', [SseChannels], AppController);

  const backplane = redisBackplane({ url: ${JSON.stringify(url)}, prefix: 'soak' });
  @Module({
    imports: [SseModule.forRoot({ backplane, retryMs: false, pingMs: 1000, history: ${JSON.stringify(HISTORY)} })],
    controllers: [AppController],
  })
  class AppModule {}

  const app = await NestFactory.create(AppModule, { logger: ['error', 'fatal'] });
  await app.listen(0, '127.0.0.1');
  say(new URL(await app.getUrl()).port);
`;

/** What an instance says of a message that it has published. */
export interface Said {
  readonly data: string;
  /** Its id, if it was placed. */
  readonly id: string | undefined;
  /** Whether it may be there all the same, if it failed. */
  readonly mayBePlaced: boolean;
}

/** The instances of one application, each a process, which can be killed and are started again. */
export class SoakInstances {
  kills = 0;
  /** Everything that was ever started. */
  readonly #all: RunningApp[] = [];
  #running: RunningApp[] = [];

  constructor(
    private readonly apps: CompiledApps,
    private readonly url: string,
    private readonly random: SeededRandom,
  ) {}

  /** Ports of those that run. */
  get ports(): number[] {
    return this.#running.map(({ port }) => port);
  }

  async start(): Promise<void> {
    const name = `i${this.#all.length}`;
    const index = this.#all.push(undefined as never) - 1;
    const app = await this.apps.start(name, program(this.url, name));
    this.#all[index] = app;
    this.#running.push(app);
  }

  async publish(): Promise<void> {
    await Promise.all(this.#running.map(({ port }) => ask(port, 'publish')));
  }

  /** Kills one at any moment of its work, and starts another one. */
  async replaceOne(): Promise<void> {
    const victim = this.random.pick(this.#running);
    this.kills++;
    victim.signal('SIGKILL');
    this.#running = this.#running.filter((app) => app !== victim);
    await victim.untilExit();
    await this.start();
    await this.publish();
  }

  /** No more publishes from here on, but a last one; resolves when all of them have settled. */
  async silence(): Promise<void> {
    await Promise.all(this.#running.map(({ port }) => ask(port, 'silence')));
    await ask(this.#running[0]!.port, 'last');
  }

  said(): Said[] {
    return this.#all.flatMap(({ output }) =>
      [...output.matchAll(/^(placed|failed) (\S+) (\S+)(?: (\S+))?$/gm)].map(([, what, data, id, mayBePlaced]) => ({
        data: data!,
        id: what === 'placed' ? id : undefined,
        mayBePlaced: mayBePlaced === 'true',
      })),
    );
  }

  /** What they have written beside that, which should be nothing. */
  complaints(): string[] {
    const expected = /^(\d+|(placed|failed) .*|)$/;
    return this.#all.flatMap(({ output }) => output.split('\n').filter((line) => !expected.test(line)));
  }
}

async function ask(port: number, what: string): Promise<void> {
  const { status } = await fetch(`http://127.0.0.1:${port}/${what}`);
  if (status !== 200) throw new Error(`An instance has answered ${status} to ${what}.`);
}
