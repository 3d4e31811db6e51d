import { request } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, type INestApplication, Logger, Module } from '@nestjs/common';
import { NEVER } from 'rxjs';
import { SseModule, SseStream } from '../../lib/index.js';
import { createOnExpress, createOnFastify } from '../docs/examples/trust-proxies.js';

const PROXY = '127.0.0.2';
const STRANGER = '127.0.0.3';

@Controller()
class StreamController {
  @SseStream('stream')
  stream() {
    return NEVER;
  }
}

@Module({
  imports: [SseModule.forRoot({ keys: ({ ip }) => ({ ip }), limits: { per: { ip: 1 } } })],
  controllers: [StreamController],
})
class StreamModule {}

describe.each([
  ['express', createOnExpress],
  ['fastify', createOnFastify],
])('a limit per address, behind a proxy that %s trusts', (_, create) => {
  let app: INestApplication;

  beforeAll(() => Logger.overrideLogger(false));
  afterAll(() => Logger.overrideLogger(new Logger()));

  beforeEach(async () => {
    app = await create(StreamModule, [PROXY]);
    await app.listen(0, '127.0.0.1');
  });

  afterEach(() => app.close());

  /** The status of a stream that stays open, asked for from an address of the loopback interface. */
  function statusFor(localAddress: string, forwardedFor?: string): Promise<number> {
    const { port } = app.getHttpServer().address();
    const headers = forwardedFor === undefined ? {} : { 'X-Forwarded-For': forwardedFor };
    return new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port, path: '/stream', localAddress, headers, agent: false })
        .on('response', (response) => resolve(response.resume().on('error', () => {}).statusCode!))
        .on('error', reject)
        .end();
    });
  }

  it('counts the clients that the proxy tells of, each by itself', async () => {
    expect(await statusFor(PROXY, '203.0.113.1')).toBe(200);
    expect(await statusFor(PROXY, '203.0.113.2')).toBe(200);
    expect(await statusFor(PROXY, '203.0.113.1')).toBe(429);
    expect(await statusFor(PROXY)).toBe(200);
  });

  it('counts a peer that is no such proxy as itself, whatever it says', async () => {
    expect(await statusFor(STRANGER, '203.0.113.1')).toBe(200);
    expect(await statusFor(STRANGER, '203.0.113.2')).toBe(429);
    expect(await statusFor(PROXY, '203.0.113.1')).toBe(200);
  });

  it('takes no address that a client has written before the proxy added its own', async () => {
    expect(await statusFor(PROXY, '198.51.100.1, 203.0.113.1')).toBe(200);
    expect(await statusFor(PROXY, '198.51.100.2, 203.0.113.1')).toBe(429);
    expect(await statusFor(PROXY, '198.51.100.3,  127.0.0.2, 203.0.113.1')).toBe(429);
  });
});
