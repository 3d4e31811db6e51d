import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  Controller,
  createParamDecorator,
  type ExecutionContext,
  Headers,
  Ip,
  Param,
  Query,
  Req,
  Res,
} from '@nestjs/common';
import { LastEventId, Pusher, SsePusher, SseStream } from '../../lib/index.js';
import { PLATFORMS, startApp, type TestApp } from './support/platforms.js';
import { readRaw } from './support/raw-client.js';

const Caller = createParamDecorator((field: string, context: ExecutionContext) => {
  return context.switchToHttp().getRequest<{ headers: Record<string, string> }>().headers[field];
});

@Controller()
class ParametersController {
  @SseStream('none')
  *none() {
    yield 'nothing asked';
  }

  @SseStream('default')
  *default(@Query('n') n = 'five') {
    yield n;
  }

  @SseStream('after-default')
  async afterDefault(
    @Query('n') n = 'five',
    @Pusher() pusher: SsePusher,
    @Query('m') m?: string,
    @LastEventId() lastEventId = 'none',
  ): Promise<void> {
    await pusher.push({ data: [n, m, lastEventId] });
    await pusher.close();
  }

  @SseStream('undecorated')
  *undecorated(@Query('n') n: string, factor = 3, @Query('m') m?: string) {
    yield { data: [n, factor, m] };
  }

  @SseStream('only-default')
  *onlyDefault(factor = 3) {
    yield { data: factor };
  }

  @SseStream('pusher-last/:id')
  async pusherLast(
    @Param('id') id: string,
    @Headers('x-one') one: string,
    @Caller('x-two') two: string,
    @Ip() ip: string,
    @Pusher() pusher: SsePusher,
  ): Promise<void> {
    await pusher.push({ data: [id, one, two, ip] });
    await pusher.close();
  }

  @SseStream('platform')
  async platform(
    @Req() request: { url: string },
    @Res({ passthrough: true }) response: { header(name: string, value: string): unknown },
    @Pusher() pusher: SsePusher,
  ): Promise<void> {
    response.header('X-Mine', 'kept');
    await pusher.push(request.url);
    await pusher.close();
  }

  @SseStream('whole-response')
  *wholeResponse(@Res() response: { header(name: string, value: string): unknown }) {
    response.header('X-Mine', 'kept');
    yield 'streamed all the same';
  }

  @SseStream('twice')
  async twice(@Pusher() one: SsePusher, @Pusher() other: SsePusher): Promise<void> {
    await one.push({ data: one === other });
    await other.close();
  }
}

describe.each(PLATFORMS)('parameters on %s', (platform) => {
  let server: TestApp;

  beforeAll(async () => {
    server = await startApp(platform, { controllers: [ParametersController], sse: { retryMs: false } });
  });

  afterAll(() => server.close());

  it.each([
    ['/none', 'nothing asked'],
    ['/default', 'five'],
    ['/default?n=6', '6'],
    ['/after-default', '["five",null,"none"]'],
    ['/after-default?n=6&m=7&lastEventId=8', '["6","7","8"]'],
    ['/undecorated?n=1&m=2', '["1",3,"2"]'],
    ['/only-default', '3'],
    ['/pusher-last/9', '["9","one","two","127.0.0.1"]'],
    ['/twice', 'true'],
  ])('fills the parameters of %s', async (path, data) => {
    const { text } = await readRaw(server.port, path, { headers: { 'x-one': 'one', 'x-two': 'two' } });

    expect(text).toBe(`data: ${data}\n\n`);
  });

  it.each([
    ['/platform', '/platform'],
    ['/whole-response', 'streamed all the same'],
  ])('leaves request and response to the handler of %s', async (path, data) => {
    const { headers, text } = await readRaw(server.port, path);

    expect(headers['x-mine']).toBe('kept');
    expect(text).toBe(`data: ${data}\n\n`);
  });
});
