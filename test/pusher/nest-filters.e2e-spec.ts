import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type ArgumentsHost, Catch, Controller, type ExceptionFilter, Param, UseFilters } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { Pusher, SsePusher, SseStream } from '../../lib/index.js';
import { PLATFORMS, startApp, type TestApp } from './support/platforms.js';
import { readRaw } from './support/raw-client.js';

class OutOfTea extends Error {}

class OutOfCoffee extends Error {}

/** Answers through the adapter, as filters that know no platform do. */
abstract class Answering implements ExceptionFilter<Error> {
  constructor(
    private readonly hosts: () => HttpAdapterHost,
    private readonly status: number,
    private readonly seen: string[],
  ) {}

  catch(error: Error, host: ArgumentsHost): void {
    this.seen.push(error.constructor.name);
    const response = host.switchToHttp().getResponse();
    this.hosts().httpAdapter.reply(response, { filtered: error.constructor.name }, this.status);
  }
}

@Catch(OutOfTea)
class TeaFilter extends Answering {}

/** Bound to a route by its class, so that Nest constructs it. */
@Catch(OutOfCoffee)
class CoffeeFilter implements ExceptionFilter<OutOfCoffee> {
  constructor(private readonly host: HttpAdapterHost) {}

  catch(_error: OutOfCoffee, host: ArgumentsHost): void {
    this.host.httpAdapter.reply(host.switchToHttp().getResponse(), { filtered: 'by the route' }, 503);
  }
}

@Controller()
class FilteredController {
  @SseStream('throws/:kind')
  @UseFilters(CoffeeFilter)
  throws(@Param('kind') kind: string): void {
    throw kind === 'tea' ? new OutOfTea() : new OutOfCoffee();
  }

  @SseStream('rejects')
  async rejects(@Pusher() _pusher: SsePusher): Promise<void> {
    throw new OutOfTea();
  }

  @SseStream('first-value')
  async *firstValue() {
    yield await Promise.reject<string>(new OutOfTea());
  }

  @SseStream('second-value')
  async *secondValue() {
    yield 'one';
    throw new OutOfTea();
  }

  @SseStream('unknown')
  unknown(): void {
    throw new Error('a secret');
  }
}

describe.each(PLATFORMS)('exception filters on %s', (platform) => {
  const seen: string[] = [];
  let server: TestApp;

  beforeAll(async () => {
    server = await startApp(platform, {
      controllers: [FilteredController],
      sse: { retryMs: false },
      configure: (app) => app.useGlobalFilters(new TeaFilter(() => app.get(HttpAdapterHost), 418, seen)),
    });
  });

  beforeEach(() => {
    seen.length = 0;
  });

  afterAll(() => server.close());

  it.each(['/throws/tea', '/rejects', '/first-value'])(
    'lets a global filter answer what %s fails with',
    async (path) => {
      const { status, headers, json } = await readRaw(server.port, path);

      expect(status).toBe(418);
      expect(headers['content-type']).toContain('application/json');
      expect(json).toEqual({ filtered: 'OutOfTea' });
    },
  );

  it('lets a filter that is bound to the route answer', async () => {
    const { status, json } = await readRaw(server.port, '/throws/coffee');

    expect(status).toBe(503);
    expect(json).toEqual({ filtered: 'by the route' });
  });

  it('has nothing left to filter once the stream is open', async () => {
    const { status, text } = await readRaw(server.port, '/second-value');

    expect(status).toBe(200);
    expect(text).toBe('data: one\n\n');
    expect(seen).toEqual([]);
  });

  it('answers an unknown error with 500 and nothing of its text', async () => {
    const { status, json } = await readRaw(server.port, '/unknown');

    expect(status).toBe(500);
    expect(json).toEqual({ statusCode: 500, message: 'Internal server error' });
  });
});
