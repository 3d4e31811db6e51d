import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Inject, Injectable, Param, Query } from '@nestjs/common';
import { Pusher, SsePusher, SseStream } from '../../lib/index.js';
import { PLATFORMS, startApp, type TestApp } from './support/platforms.js';
import { readRaw } from './support/raw-client.js';

@Injectable()
class Greeting {
  readonly text = 'hello';
}

@Injectable()
class Farewell {
  readonly text = 'bye';
}

abstract class BaseController {
  @Inject(Greeting) protected readonly greeting!: Greeting;

  abstract readonly name: string;

  @SseStream('inherited/:id')
  async inherited(@Param('id') id: string, @Pusher() pusher: SsePusher): Promise<void> {
    await pusher.push(`${this.greeting.text} ${id} from ${this.name}`);
    await pusher.close();
  }

  @SseStream('overridden/:id')
  *overridden(@Param('id') id: string) {
    yield `base ${id}`;
  }
}

@Controller('plain')
class PlainController extends BaseController {
  readonly name = 'plain';
}

@Controller('own')
class OwnController extends BaseController {
  readonly name = 'own';

  @Inject(Farewell) private readonly farewell!: Farewell;

  @SseStream('more')
  *more() {
    yield `${this.greeting.text} and ${this.farewell.text}`;
  }

  /** Takes more parameters than the method that it overrides, one of them filled by nobody. */
  @SseStream('overridden/:id')
  override *overridden(@Param('id') id: string, separator = ' - ', @Query('x') x?: string) {
    yield ['own', id, x].join(separator);
  }
}

@Controller('injecting')
class InjectingController extends BaseController {
  readonly name = 'injecting';

  constructor(@Inject(Farewell) private readonly farewell: Farewell) {
    super();
  }

  *unrouted() {
    yield this.farewell.text;
  }

  /** Not decorated: an override is a route only if it says so, as in all of Nest. */
  override *overridden() {
    yield this.farewell.text;
  }
}

describe.each(PLATFORMS)('inherited streams on %s', (platform) => {
  let server: TestApp;

  beforeAll(async () => {
    server = await startApp(platform, {
      controllers: [PlainController, OwnController, InjectingController],
      providers: [Greeting, Farewell],
      sse: { retryMs: false },
    });
  });

  afterAll(() => server.close());

  it.each(['plain', 'own', 'injecting'])('streams the method of the base class in %s', async (name) => {
    const { text } = await readRaw(server.port, `/${name}/inherited/7`);

    expect(text).toBe(`data: hello 7 from ${name}\n\n`);
  });

  it('streams a method that a subclass adds, with properties injected by both', async () => {
    expect((await readRaw(server.port, '/own/more')).text).toBe('data: hello and bye\n\n');
  });

  it('streams the override of a subclass, with parameters of its own', async () => {
    expect((await readRaw(server.port, '/plain/overridden/7')).text).toBe('data: base 7\n\n');
    expect((await readRaw(server.port, '/own/overridden/7?x=8')).text).toBe('data: own - 7 - 8\n\n');
  });

  it('has no route for an override without a decorator', async () => {
    expect((await readRaw(server.port, '/injecting/overridden/7')).status).toBe(404);
  });
});
