import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller } from '@nestjs/common';
import { Pusher, SsePusher, SseStream } from '../../lib/index.js';
import { PLATFORMS, startApp, type TestApp } from './support/platforms.js';
import { readRaw } from './support/raw-client.js';

const withBigInts = (data: unknown) =>
  JSON.stringify(data, (_key, value) => (typeof value === 'bigint' ? `${value}n` : value));

@Controller()
class SerializingController {
  @SseStream('module')
  *module() {
    yield { data: { n: 12345678901234567890n } };
    yield { data: 'text goes out as it is' };
    yield { data: Buffer.from('bytes too') };
  }

  @SseStream('route', { serialize: (data) => `<${(data as { n: number }).n}>\n<end>` })
  async route(@Pusher() pusher: SsePusher): Promise<void> {
    await pusher.push({ data: { n: 1 } });
    await pusher.close();
  }

  @SseStream('wrong', { serialize: () => 5 as never })
  async wrong(@Pusher() pusher: SsePusher): Promise<void> {
    const field = await pusher.push({ data: {} }).catch((error) => error.field);
    await pusher.push(`refused for its ${field}`);
    await pusher.close();
  }
}

describe.each(PLATFORMS)('serialize on %s', (platform) => {
  let server: TestApp;

  beforeAll(async () => {
    server = await startApp(platform, {
      controllers: [SerializingController],
      sse: { retryMs: false, serialize: withBigInts },
    });
  });

  afterAll(() => server.close());

  it('turns data into text, unless it is text or bytes', async () => {
    expect((await readRaw(server.port, '/module')).text).toBe(
      'data: {"n":"12345678901234567890n"}\n\ndata: text goes out as it is\n\ndata: bytes too\n\n',
    );
  });

  it("may be the route's own, and give several lines", async () => {
    expect((await readRaw(server.port, '/route')).text).toBe('data: <1>\ndata: <end>\n\n');
  });

  it('that gives no text makes a message that cannot be sent', async () => {
    expect((await readRaw(server.port, '/wrong')).text).toBe('data: refused for its data\n\n');
  });
});
